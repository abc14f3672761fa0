"""``hclic fleet compare``: which run counts, what the figures are, and what is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.emit.pages.plots import specification
from pipelines.errors import UsageError
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.gather import gather
from pipelines.fleet.comparing.write import Choice, Done, write
from pipelines.fleet.held import authorities_of
from pipelines.metrics.catalogue import definitions as defined
from pipelines.place import Lake, Place, of_authority
from pipelines.warehouse import sign_offs
from pipelines.warehouse.released import before
from pipelines.warehouse.store import Warehouse
from tests.fleet.beside_each_other import CODES, QUARTER, authorities, authority, figure, internal, shared
from tests.warehouse.stored import freeze, sections_of

NOW = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)
CLEAN = {"result": "clean"}


def ended(store: Warehouse, run_id: str, code: str, counts: dict[str, int] | None = None, **ledger: object) -> None:
    """A run of an authority that has ended, with the cells of its tables and its ledger."""
    made = authority(code, counts)
    cells = made.cells.drop("la_code")
    freeze(store, run_id, sections_of(main=[{"case_ref": f"{code}_000000000001"}]), authority=code, result=None)
    told = {**CLEAN, **(made.ledger or {}), **ledger}
    store.keep_ledger(run_id, told, cells=cells)
    store.save_ledger(run_id, told, str(told["result"]))


def fill(place: Place, codes: Sequence[str] = CODES[:5]) -> None:
    """Five authorities: one signed off before its newest run, one blocked, one with a run that did not end."""
    for code in codes:
        with Warehouse(of_authority(place, code)) as store:
            if code == CODES[0]:
                ended(store, "first", code, {"ta": 90})
                with store.transaction():
                    for state in ("checked", "signed_off"):
                        sign_offs.add_state(
                            store.connection, code, QUARTER, "first", state, by="officer", at=NOW, why="as sent"
                        )
                ended(store, "second", code, {"ta": 70})
            elif code == CODES[1]:
                ended(store, "older", code, {"ta": 60})
                ended(store, "newer", code, {"ta": 50})
                freeze(store, "stopped", sections_of(), authority=code, result="stopped")
            else:
                ended(store, f"of {code}", code, result="blocked" if code == CODES[2] else "clean")


def make(place: Place, out: Path, *, internal: bool = False, codes: tuple[str, ...] = ()) -> Done:
    out.mkdir(exist_ok=True)
    projections = out / "households.csv"
    projections.write_text("la_code,quarter,households_000s\n" + "".join(f"{c},2025-Q3,42.7\n" for c in CODES))
    choice = Choice(place, QUARTER, out, codes, internal=internal, projections=projections)
    return write(choice, made=NOW, software_version="1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compared")


@pytest.fixture(scope="module")
def warehouse(folder: Path) -> Path:
    fill(folder / "warehouse.duckdb")
    return folder / "warehouse.duckdb"


@pytest.fixture(scope="module")
def for_sharing(warehouse: Path, folder: Path) -> Done:
    return make(warehouse, folder / "out")


@pytest.fixture(scope="module")
def with_every_number(warehouse: Path, folder: Path) -> Done:
    return make(warehouse, folder / "out", internal=True)


def read(done: Done, name: str) -> pl.DataFrame:
    return pl.read_csv(next(path for path in done.paths if path.name == name))


def test_the_run_that_is_signed_off_counts_and_else_the_newest_that_has_ended(warehouse: Path) -> None:
    codes = authorities_of(warehouse)
    found, missing = gather(warehouse, [*codes, CODES[5]], QUARTER)
    assert {one.run.la_code: one.run.run_id for one in found} == dict(
        zip(CODES, ("first", "newer", *(f"of {code}" for code in CODES[2:5])), strict=False)
    )
    assert [one.la_code for one in missing] == [CODES[5]]


def test_the_files_say_which_runs_were_compared_and_how_they_stand(for_sharing: Done) -> None:
    runs = {row["la_code"]: row for row in read(for_sharing, "compare_authorities.csv").iter_rows(named=True)}
    assert (runs[CODES[0]]["run_id"], runs[CODES[0]]["state"]) == ("first", "Return signed off")
    assert runs[CODES[1]]["state"] == "Draft return"
    assert (runs[CODES[2]]["is_compared"], runs[CODES[2]]["run_id"]) == (False, None)
    assert "is blocked" in runs[CODES[2]]["why"]
    assert CODES[2] not in read(for_sharing, "compare.csv")["la_code"].to_list()
    assert [path.relative_to(path.parents[2]).as_posix() for path in for_sharing.paths] == [
        f"fleet/2025-Q3/{name}"
        for name in ("compare.csv", "compare_measures.csv", "compare_authorities.csv", "compare.html")
    ]


def test_the_internal_edition_has_every_number_and_the_blocked_run(with_every_number: Done) -> None:
    rows = read(with_every_number, "compare_internal.csv").filter(measure="ta_rate")
    assert rows.select("la_code", "numerator").rows() == list(zip(CODES, (90, 50, 88, 88, 88), strict=False))
    assert set(rows["edition"]) == {"internal"}
    assert rows["value"][0] == pytest.approx(90 / 42.7, abs=1e-6)


def test_in_a_ducklake_each_authoritys_own_warehouse_is_read_and_remembers(
    lake: Lake, for_sharing: Done, tmp_path: Path
) -> None:
    codes = (CODES[0], CODES[3], CODES[4])
    fill(lake, codes)
    made = read(make(lake, tmp_path), "compare.csv")
    # What is shown of an authority is the same whomever it stands beside.
    columns = ["la_code", "measure", "numerator", "denominator", "value", "lower", "upper", "note"]
    assert made[columns].equals(read(for_sharing, "compare.csv").filter(pl.col("la_code").is_in(codes))[columns])
    with Warehouse(lake.of(CODES[4]), read_only=True) as store:
        assert before(store.connection, CODES[4])


def test_in_a_folder_of_outputs_each_authoritys_own_file_is_read(tmp_path: Path) -> None:
    for code in CODES[:2]:
        (tmp_path / code).mkdir()
        with Warehouse(tmp_path / code / "warehouse.duckdb") as store:
            ended(store, f"of {code}", code)
    codes = authorities_of(tmp_path)
    found, missing = gather(tmp_path, [*codes, CODES[2]], QUARTER, for_sharing=False)
    assert ([one.run.la_code for one in found], [one.la_code for one in missing]) == (list(CODES[:2]), [CODES[2]])


def test_what_was_shared_is_remembered_and_printed_again(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as store:
        for code in CODES[:3]:
            ended(store, f"of {code}", code)
    first = read(make(path, tmp_path / "out"), "compare.csv")
    with Warehouse(path) as store:
        kept = before(store.connection, CODES[0])
        ended(store, "late case", CODES[0], {"cases": 403})
    assert kept["stock_month", "2025-09-01|all|all", "stock"] == figure_of(first, CODES[0], "ta_rate")
    assert read(make(path, tmp_path / "out"), "compare.csv").equals(first)


def figure_of(rows: pl.DataFrame, code: str, measure: str) -> float:
    return float(
        rows.row(by_predicate=(pl.col("la_code") == code) & (pl.col("measure") == measure), named=True)["numerator"]
    )


def test_the_same_runs_give_the_same_bytes_and_the_page_holds_nothing_to_fetch(
    with_every_number: Done, warehouse: Path, folder: Path
) -> None:
    once = {path.name: path.read_bytes() for path in with_every_number.paths}
    again = make(warehouse, folder / "out", internal=True)
    assert {path.name: path.read_bytes() for path in again.paths} == once
    page = once["compare_internal.html"].decode()
    assert not re.search(r"<(script|img|iframe|link(?! rel=\"icon\"))|https?://(?!www\.w3\.org)|url\((?!#)", page)
    assert 'class="edition">Internal: not for publication' in page
    assert page.count('role="img"') == page.count("<svg") > 5
    assert page.count("<caption>") > len(definitions.measures())


def test_the_page_for_sharing_says_that_counts_are_rounded_and_gives_no_order_of_merit(for_sharing: Done) -> None:
    page = for_sharing.paths[-1].read_text(encoding="utf-8")
    assert "Shareable: counts are rounded" in page
    assert "Counts are rounded to multiples of 5" in page
    assert "no order of merit is given" in page
    assert "Not compared: Halton. The return of these cases is blocked" in page


def test_one_authority_is_no_comparison(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is nothing to compare"):
        make(warehouse, tmp_path / "out", internal=True, codes=(CODES[0],))


def test_a_share_has_wilsons_interval_and_a_rate_that_of_a_poisson_count() -> None:
    found = internal(authorities())
    share = [figure(found, CODES[0], "share_prevented", column) for column in ("value", "lower", "upper")]
    # 31 of 52: Wilson 1927, without correction.
    assert share == pytest.approx([0.596154, 0.460655, 0.718284], abs=2e-4)
    rate = [figure(found, CODES[0], "ta_rate", column) for column in ("value", "lower", "upper")]
    # 88 events: the score interval is 71.4 to 108.4.
    assert rate == pytest.approx([88 / 42.7, 71.43 / 42.7, 108.42 / 42.7], abs=2e-3)


def test_an_interval_for_sharing_holds_that_of_the_true_counts() -> None:
    true, rounded = internal(authorities()), shared(authorities())
    both = true.figures.join(rounded.figures, on=["la_code", "measure"], suffix="_shared")
    known = both.filter(pl.col("lower").is_not_null() & pl.col("lower_shared").is_not_null())
    assert known.height > 100
    assert known.filter(
        (pl.col("lower_shared") > pl.col("lower") + 1e-6) | (pl.col("upper_shared") < pl.col("upper") - 1e-6)
    ).is_empty()


def test_an_authority_outside_of_the_limits_of_chance_is_told_and_one_within_is_not() -> None:
    found = internal(authorities({"ta": 300, "ta_families": 41}))
    assert figure(found, CODES[0], "ta_rate", "in_funnel") == "above 99.8%"
    level = internal(authorities())
    assert set(level.figures.filter(measure="share_prevented")["in_funnel"]) == {""}


def test_a_measure_of_which_nothing_was_there_has_no_value() -> None:
    found = internal(authorities({"decisions": 0, "main_accepted": 0}))
    assert figure(found, CODES[0], "share_main_accepted") is None
    assert figure(found, CODES[0], "share_main_accepted", "note") == "not applicable"


def test_every_count_is_of_columns_that_the_quarter_has() -> None:
    known = {name for name, _, _ in definitions.columns_of(QUARTER)}
    assert {one.name for one in definitions.counts() if one.table} == known


def test_every_measure_is_defined_in_the_documentation() -> None:
    said = " ".join(str(entry) for entry in defined() if str(entry["id"]).startswith("fleet"))
    assert [one.name for one in definitions.measures() if one.name not in said] == []


def test_a_funnel_has_limits_that_narrow_and_its_points_told_by_shape() -> None:
    points = (("1", 100.0, 0.5, 0), ("2", 400.0, 0.7, 2), ("", 900.0, 0.52, 1))
    spec = specification("funnel", (points, 0.5, "50%", 1, "%", "Duties ended"))
    lower = [row["value"] for row in spec["layer"][0]["data"]["values"]]
    assert lower == sorted(lower)
    shapes = [layer["mark"]["shape"] for layer in spec["layer"] if layer["mark"].get("shape")]
    assert shapes == ["circle", "circle", "diamond"]
