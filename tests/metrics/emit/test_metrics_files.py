"""The metrics of a warehouse as files: both editions, the command, and their definitions."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from shutil import copy

import duckdb
import polars as pl
import pytest
import typer
from typer.testing import CliRunner

import sql
from pipelines.commands.metrics import metrics as command
from pipelines.disclosure.audit import bounds
from pipelines.disclosure.shareable import SHAREABLE
from pipelines.emit.tables.build import compute_tables
from pipelines.errors import HclicError, InputError, UsageError
from pipelines.link.references import empty_map
from pipelines.metrics.caseload import open_cases
from pipelines.metrics.catalogue import Metric, definitions, metric, metrics, render_markdown, undefined
from pipelines.metrics.command import Choice, write
from pipelines.metrics.editions import Edition
from pipelines.metrics.emit import INDEX, is_shared, metric_frame, prepare_metrics, shareable_release, write_metrics
from pipelines.period import Quarter
from pipelines.synthesise.route_words import OFFICERS
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build
from pipelines.warehouse.store import Warehouse

LA, NEIGHBOUR = "E06000034", "E07000070"
QUARTER = Quarter(2025, 4)
RUN_ID = f"{LA}-2025-Q4-test"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("metrics") / "w.duckdb"
    sections = make_cases(
        300, authority=LA, neighbour=NEIGHBOUR, first_day=date(2024, 1, 1), last_day=QUARTER.last_day, seed=11
    )
    run = {"run_id": RUN_ID, "la_code": LA, "quarter": str(QUARTER), "as_at": QUARTER.last_day, "result": "clean"}
    with Warehouse(path) as opened:
        opened.freeze(run, sections, empty_map())
    return path


@pytest.fixture(scope="module")
def marts(warehouse: Path) -> duckdb.DuckDBPyConnection:
    opened = Warehouse(warehouse, read_only=True)
    con = opened.connection
    build(con, run_id=RUN_ID, la_code=LA, quarter=QUARTER, as_at=QUARTER.last_day)
    prepare_metrics(con)
    return con


def test_every_metric_is_a_file_and_the_index_says_which(marts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    paths = write_metrics(marts, tmp_path, prepared=True)
    index = pl.read_csv(tmp_path / INDEX)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    assert set(index["file"]) == {path.name for path in paths} - {INDEX}
    assert set(index["edition"]) == {"internal"}
    assert {"case_open_month.csv", "outcome_characteristic.csv", "stock_month.csv"} <= set(index["file"])
    assert index.filter(pl.col("definition") == "").is_empty()
    for name, rows in index.select("file", "rows").rows():
        assert pl.read_csv(tmp_path / name, infer_schema=False).height == rows, name


def test_the_same_warehouse_gives_the_same_bytes(warehouse: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(Choice(warehouse, LA, QUARTER, tmp_path / folder))
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} for folder in ("one", "two"))
    assert INDEX in one and one.keys() == two.keys()
    assert [name for name, content in one.items() if content != two[name]] == []


def test_the_shareable_edition_has_no_officer_no_case_and_multiples_of_five_only(
    marts: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    paths = write_metrics(marts, tmp_path, internal=False, prepared=True)
    assert {path.stem for path in paths} - {"index"} == set(SHAREABLE) & {one.name for one in metrics()} - {"foi_month"}
    cells = re.compile("|".join((*OFFICERS, LA + "_")))
    for path in paths:
        assert not cells.search(path.read_text(encoding="utf-8")), path.name
    for name, how in SHAREABLE.items():
        if not (tmp_path / f"{name}.csv").exists():
            continue
        frame = pl.read_csv(tmp_path / f"{name}.csv", infer_schema_length=None)
        for column in set(how.counts) & set(frame.columns):
            odd = frame.filter(pl.col(column).cast(pl.Float64) % 5 != 0)
            assert odd.is_empty(), (name, column)
        assert not {"case_ref", "officer"} & set(frame.columns), name


def test_internal_metrics_are_refused_in_the_shareable_edition(marts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="internal use only"):
        metric_frame(marts, "case_open_list", internal=False)


def test_lists_of_cases_are_never_shared() -> None:
    def is_of_cases(one: Metric) -> bool:
        text = "" if one.make else sql.text(f"metrics/{one.name}.sql")
        return "case_ref" in one.key or "-- Edition: internal" in text

    lists = [one for one in metrics() if is_of_cases(one)]
    assert {"case_open_list", "stay_bb_families"} <= {one.name for one in lists}
    assert [one.name for one in lists if not one.is_internal or is_shared(one)] == []


def test_every_metric_has_a_title_a_key_and_a_definition() -> None:
    assert undefined() == []
    for one in metrics():
        assert one.title and one.key and one.grain.startswith("One row per"), one.name
    known = set(sql.names("metrics")) | {one.name for one in metrics()}
    for entry in definitions():
        for part in ("id", "title", "definition", "formula", "inclusions", "source", "owner", "caveats"):
            assert entry.get(part), (entry["id"], part)
        assert {*entry.get("sql", ()), *entry.get("python", ())} <= known, entry["id"]


def test_keys_that_metrics_name_are_keys(marts: duckdb.DuckDBPyConnection) -> None:
    for one in metrics():
        frame = metric_frame(marts, one.name)
        assert not frame.select(one.key).is_duplicated().any(), one.name


def test_the_page_of_definitions_names_every_metric() -> None:
    page = render_markdown()
    for one in metrics():
        assert f"| `{one.name}` |" in page, one.name


def test_a_cohort_restricts_what_is_written(warehouse: Path, tmp_path: Path) -> None:
    whole = write(Choice(warehouse, LA, QUARTER, tmp_path / "all.csv", name="reason_quarter"))
    part = write(Choice(warehouse, LA, QUARTER, tmp_path / "some.csv", name="reason_quarter", cohort="private_tenancy"))
    assert set(pl.read_csv(part.out)["reasonloss"]) == {"prs_ast", "prs_non_ast"}
    assert pl.read_csv(whole.out)["reasonloss"].n_unique() > 2
    assert any(line.startswith("Restricted to private_tenancy") for line in part.notices)


def test_another_quarter_uses_the_newest_run_and_says_so(warehouse: Path, tmp_path: Path) -> None:
    done = write(Choice(warehouse, LA, Quarter(2025, 3), tmp_path / "a.csv", name="case_age"))
    assert any("No run was made for 2025-Q3" in line for line in done.notices)


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command("metrics")(command)
    app.command("other")(lambda: None)
    result = CliRunner().invoke(app, ["metrics", *arguments])
    error = result.exception
    return (error.exit_code if isinstance(error, HclicError) else result.exit_code), result.output


def test_the_command_writes_one_metric_or_all(warehouse: Path, tmp_path: Path) -> None:
    # An edition for sharing is remembered in the warehouse, which another test holds open to read.
    own = copy(warehouse, tmp_path / "own.duckdb")
    common = ["--warehouse", str(own), "--authority", LA, "--quarter", "2025-Q4"]
    one = tmp_path / "quiet.csv"
    status, output = run("case_quiet", *common, "--quiet-days", "60", "--out", str(one))
    assert (status, "Internal edition" in output) == (0, True)
    assert pl.read_csv(one)["quiet_days"].drop_nulls().min() >= 60  # type: ignore[operator]
    said = dict(pl.read_csv(tmp_path / "quiet.about.csv").rows())
    assert (said["title"], said["edition"], said["as_at"]) == (metric("case_quiet").title, "internal", "2025-12-31")
    assert RUN_ID in said["rests on"] and said["definition"] and said["caveats"]
    status, output = run(*common, "--shareable", "--out", str(tmp_path / "shared"))
    assert (status, "Internal edition" in output) == (0, False)
    assert (tmp_path / "shared" / INDEX).is_file()


def test_the_command_lists_metrics_with_their_titles() -> None:
    status, output = run("list")
    assert status == 0
    assert metric("case_quiet").title in output
    assert len(output.splitlines()) == len(metrics())


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["case_quiet"], 2),
        (["nothing", "--warehouse", "w", "--authority", LA, "--quarter", "2025-Q4", "--out", "x"], 2),
        (["case_quiet", "--warehouse", "no.duckdb", "--authority", LA, "--quarter", "2025-Q4", "--out", "x"], 3),
        (["case_quiet", "--warehouse", "w", "--authority", LA, "--quarter", "25", "--out", "x"], 2),
        (["benchmarks", "--authority", LA, "--out", "x"], 2),
        (["benchmarks", "--authority", LA, "--out", "x", "--published", "no.ods"], 3),
    ],
)
def test_the_command_ends_with_the_status_of_the_design(
    arguments: list[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments)[0] == status


def test_a_seed_is_in_the_sample_and_changes_it(warehouse: Path, tmp_path: Path) -> None:
    drawn = []
    for seed in (1, 2):
        path = tmp_path / f"{seed}.csv"
        write(Choice(warehouse, LA, QUARTER, path, name="case_sample", seed=seed, sample=10))
        frame = pl.read_csv(path)
        assert set(frame["seed"]) == {seed}
        drawn.append(set(frame["case_ref"]))
    assert drawn[0] != drawn[1] and len(drawn[0]) == len(drawn[1]) == 10


def test_a_warehouse_without_the_authority_is_an_input_error(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write(Choice(warehouse, "E06000035", QUARTER, tmp_path / "a.csv", name="case_age"))


def test_open_cases_can_be_had_as_on_any_day(warehouse: Path, tmp_path: Path) -> None:
    day = date(2025, 11, 14)
    done = write(Choice(warehouse, LA, QUARTER, tmp_path / "a.csv", name="case_open_month", day=day))
    frame = pl.read_csv(done.out, try_parse_dates=True)
    last = frame.filter(last_day=day)
    with Warehouse(warehouse, read_only=True) as opened:
        con = opened.connection
        build(con, run_id=RUN_ID, la_code=LA, quarter=QUARTER, as_at=QUARTER.last_day)
        prepare_metrics(con)
        expected = open_cases(con, day)
    assert frame["last_day"].max() == day
    assert not expected.is_empty()
    assert last.filter(team="all", officer="all", stage="all")["open_cases"].item() == expected["open_cases"].sum()
    for officer, rows in expected.group_by("officer"):
        assert last.filter(team="all", officer=officer[0], stage="all")["open_cases"].item() == rows["open_cases"].sum()


def test_a_day_after_the_quarter_is_refused(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--day"):
        write(Choice(warehouse, LA, QUARTER, tmp_path / "a.csv", name="case_age", day=date(2026, 1, 1)))


def test_nothing_personal_is_in_any_metric(marts: duckdb.DuckDBPyConnection, warehouse: Path, tmp_path: Path) -> None:
    with Warehouse(warehouse, read_only=True) as opened:
        people = opened.connection.execute(
            "select nino, last_address, forename || ' ' || surname, surname from snapshot_people"
        ).fetchall()
    personal = {value for row in people for value in row if value}
    assert personal
    # Whole cells or text within: an address, a number or a name would stand in its own cell.
    for path in write_metrics(marts, tmp_path, daily=True, prepared=True):
        cells = set(path.read_text(encoding="utf-8").replace("\n", ",").split(","))
        assert not cells & personal, path.name
        assert "QQ" not in path.read_text(encoding="utf-8"), path.name


def test_an_edition_gives_each_metric_once_and_the_shareable_one_refuses_what_is_internal(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    internal, shareable = Edition(marts, internal=True), Edition(marts, internal=False)
    assert (internal.la_code, internal.quarter, internal.as_at) == (LA, QUARTER, QUARTER.last_day)
    assert internal.table("case_open_list").height and internal.table("case_plans") is internal.table("case_plans")
    assert internal.has("case_open_list") and not shareable.has("case_open_list") and not shareable.has("nothing")
    with pytest.raises(UsageError, match="internal use only"):
        shareable.table("case_open_list")
    assert "note" in shareable.table("case_plans").columns
    assert set(shareable.table("case_open_month").columns).isdisjoint({"officer"})


def test_a_reader_of_the_whole_edition_cannot_work_a_count_out(marts: duckdb.DuckDBPyConnection) -> None:
    """Integer programming over every printed figure and relation at once, for counts from all tables."""
    released = shareable_release(marts)
    system = released.system
    looked_at = [number for number, cell in enumerate(system.cells) if cell[0] != "slack"][::2000]
    assert len({system.cells[number][0] for number in looked_at}) > 3
    found = {system.cells[number]: bounds(system, number) for number in looked_at}
    assert {cell: ends for cell, ends in found.items() if ends[1] - ends[0] < 2} == {}


def test_what_is_taken_as_known_of_the_official_tables_is_what_they_print(marts: duckdb.DuckDBPyConnection) -> None:
    """Every count that the audit takes as known from one column alone, against that column."""
    system = shareable_release(marts).system
    tables = compute_tables(marts).filter(measure="count", quarter=str(QUARTER))
    printed = {(table, path): value for table, path, value in tables.select("table", "column_path", "value").rows()}
    day, month = QUARTER.first_day, date(2025, 12, 1)
    stock = "Total number of households in TA"
    expected = {
        ("case_first_stage_quarter", (day,), "owed_relief"): ("A1", "Homeless - Relief duty owed"),
        ("outcome_quarter", ("prevention", day, "all"), "count_cases"): ("P1", "Total number of households whose"),
        ("outcome_quarter", ("relief", day, "all"), "count_cases"): ("R1", "Total number of households whose"),
        ("outcome_quarter", ("relief", day, "56 days elapsed"), "count_cases"): ("R1", "56 days elapsed"),
        ("reason_quarter", (day, "family_friends"), "count_cases"): ("A2P A2R", "Family or friends no longer"),
        ("stock_month", (month, "all", "all"), "stock"): ("TA1", stock),
        ("stock_month", (month, "type", "hostel"), "stock"): ("TA1", "Hostels"),
        ("stock_month", (month, "household", "couple_children"), "stock"): ("TA2", "Couple with dependent children"),
        ("stock_month", (month, "duty", "s193"), "stock"): ("TA3", "Section 193 duty"),
        ("stock_month", (month, "children", "children"), "stock"): ("TA1", f"{stock} with children"),
        ("stay_receiving_regions", (month, "all"), "count_households"): ("TA1", "In TA in another local authority"),
        ("foi_month", (month, 17), "value"): ("TA1", "Total number of children in TA"),
    }
    checked = {}
    for cell, (table, words) in expected.items():
        number = system.number_of.get(cell)
        if number is not None and system.is_public(number):
            paths = [next(key for key in printed if key[0] == of and words in key[1]) for of in table.split()]
            checked[cell] = (system.known[number].low, sum(int(printed[path]) for path in paths))
    assert len(checked) > 8
    assert {cell: pair for cell, pair in checked.items() if pair[0] != pair[1]} == {}
