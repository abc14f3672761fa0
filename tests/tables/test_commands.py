"""``hclic tables`` and ``hclic p1e`` on a warehouse file."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from pipelines.commands import tables as commands
from pipelines.emit.tables import files
from pipelines.emit.tables.several import choose
from pipelines.errors import InputError, UsageError
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS
from tests.tables.caseload import caseload
from tests.transform.warehouse import LA, section_frame

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "data" / "published" / "Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"

app = typer.Typer()
app.command("tables")(commands.tables)
app.command("p1e")(commands.p1e)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one run, made for October to December 2025."""
    path = tmp_path_factory.mktemp("store") / "warehouse.duckdb"
    when = Quarter(2025, 4)
    rows = caseload(9, when, 60)
    frames = {section.name: section_frame(section.name, rows.get(section.name, [])) for section in SECTIONS}
    with Warehouse(path) as store:
        run = {"run_id": "run-1", "la_code": LA, "quarter": str(when), "as_at": date(2026, 1, 10)}
        store.freeze(run, frames, empty_map())
    return path


def call(command: str, warehouse: Path, quarter: str, out: Path, *more: str) -> str:
    """Output of a command that must succeed."""
    arguments = ["--warehouse", str(warehouse), "--authority", LA, "--quarter", quarter, "--out", str(out), *more]
    result = CliRunner().invoke(app, [command, *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_tables_writes_the_files_and_says_which_run_they_come_from(warehouse: Path, tmp_path: Path) -> None:
    said = call("tables", warehouse, "2025-Q4", tmp_path)
    assert "From run run-1" in said
    assert "undone by subtraction" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "official.csv",
        "official.ods",
        "official.xlsx",
        "official_internal.csv",
    ]


def test_another_quarter_is_computed_from_the_newest_run_and_said_so(warehouse: Path, tmp_path: Path) -> None:
    said = call("tables", warehouse, "2025-Q3", tmp_path)
    assert "No run was made for 2025-Q3" in said
    assert {row["quarter"] for row in rows(tmp_path / "official.csv")} == {"2025-Q3"}


@pytest.fixture
def empty_workbooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks of no bytes: to write them takes longer than all the rest."""
    for name in ("write_xlsx", "write_ods"):
        monkeypatch.setattr(files, name, lambda _book, path: path.touch())


@pytest.mark.usefixtures("empty_workbooks")
def test_several_quarters_get_a_folder_each_and_one_list(warehouse: Path, tmp_path: Path) -> None:
    said = call("tables", warehouse, "2025-Q3..2025-Q4", tmp_path, "--table", "A1")
    assert "No run was made for 2025-Q3" in said
    assert "From run run-1" in said
    call("tables", warehouse, "2025-Q3", tmp_path / "alone")
    for name in ("official.csv", "official_internal.csv"):
        each = [rows(tmp_path / quarter / name) for quarter in ("2025-Q3", "2025-Q4")]
        assert rows(tmp_path / name) == each[0] + each[1]
        assert each[0] == rows(tmp_path / "alone" / name)
    for quarter in ("2025-Q3", "2025-Q4"):
        names = {path.name for path in (tmp_path / quarter).iterdir()}
        official = {"official.csv", "official_internal.csv", "official.ods", "official.xlsx"}
        assert names == official | {"explain.csv", "explain.xlsx"}


@pytest.mark.usefixtures("empty_workbooks")
def test_all_is_every_quarter_that_a_run_was_made_for(warehouse: Path, tmp_path: Path) -> None:
    said = call("tables", warehouse, "all", tmp_path)
    assert "No run was made" not in said
    assert [path.name for path in sorted(tmp_path.iterdir()) if path.is_dir()] == ["2025-Q4"]
    assert {row["quarter"] for row in rows(tmp_path / "official.csv")} == {"2025-Q4"}


@pytest.mark.usefixtures("empty_workbooks")
def test_each_quarter_comes_from_the_run_made_for_it_else_from_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    frames = {section.name: section_frame(section.name, []) for section in SECTIONS}
    with Warehouse(path) as store:
        for name, quarter in (("early", Quarter(2025, 1)), ("late", Quarter(2025, 3))):
            run = {"run_id": name, "la_code": LA, "quarter": str(quarter), "as_at": quarter.last_day}
            store.freeze(run, frames, empty_map())
    said = call("tables", path, "2025-Q1..2025-Q3", tmp_path / "span")
    assert [line.split(",")[0] for line in said.splitlines() if " run " in line][::2] == [
        "From run early",
        "No run was made for 2025-Q2: the newest run is used",
        "From run late",
    ]
    assert said.count("Nothing in that run is dated in") == 3
    assert choose(path, LA, "ALL") == [Quarter(2025, 1), Quarter(2025, 3)]


def test_a_quarter_that_ended_after_the_newest_export_is_refused(warehouse: Path) -> None:
    """The run is as at 10 January 2026: it may tell no quarter that had not ended then."""
    assert choose(warehouse, LA, "2018-Q2..2025-Q4")[0] == Quarter(2018, 2)
    with pytest.raises(UsageError, match="as at 2026-01-10 and cannot tell 2026-Q1"):
        choose(warehouse, LA, "2025-Q4..2026-Q1")


def test_a_workbook_of_a_quarter_that_is_not_asked_for_is_refused(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Statutory_\S+\.ods is of 2025-Q3, July to September 2025"):
        call("tables", warehouse, "2025-Q4", tmp_path, "--published", str(PUBLISHED))


def test_the_published_figures_stand_beside_ours(warehouse: Path, tmp_path: Path) -> None:
    call("tables", warehouse, "2025-Q3", tmp_path, "--published", str(PUBLISHED))
    sheet = openpyxl.load_workbook(tmp_path / "official.xlsx")["All figures"]
    found = {(row[0], row[1], row[2]): row[4] for row in sheet.iter_rows(values_only=True) if row[4] is not None}
    # Origin: MHCLG's workbook of July to September 2025, E06000034: 167 assessed, 702 in temporary accommodation.
    assert found["A1", "Total initial assessments", "Number of households"] == 167
    assert found["TA1", "Total number of households in TA", "Number of households"] == 702


def test_explain_lists_as_many_references_as_every_count(warehouse: Path, tmp_path: Path) -> None:
    call("tables", warehouse, "2025-Q4", tmp_path, "--explain")
    behind = Counter((row["table"], row["column_path"]) for row in rows(tmp_path / "explain.csv"))
    counts = {
        (row["table"], row["column_path"]): int(row["value"])
        for row in rows(tmp_path / "official_internal.csv")
        if row["measure"] == "count" and row["value"]
    }
    assert {key: behind[key] for key in counts} == counts


def test_explain_can_be_kept_to_one_table(warehouse: Path, tmp_path: Path) -> None:
    call("tables", warehouse, "2025-Q4", tmp_path, "--explain", "--table", "TA1")
    assert {row["table"] for row in rows(tmp_path / "explain.csv")} == {"TA1"}


def test_p1e_writes_one_file(warehouse: Path, tmp_path: Path) -> None:
    call("p1e", warehouse, "2025-Q4", tmp_path)
    assert [row["era"] for row in rows(tmp_path / "p1e.csv")][:2] == ["break", "hclic"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--authority", LA, "--quarter", "Q4 2025"], UsageError),
        (["--authority", "E06999999", "--quarter", "2025-Q4"], UsageError),
        (["--authority", "E09000025", "--quarter", "2025-Q4"], InputError),
        (["--authority", LA, "--quarter", "2017-Q4"], UsageError),
        (["--authority", LA, "--quarter", "2018-Q1..2025-Q4"], UsageError),
        (["--authority", LA, "--quarter", "2025-Q4..2025-Q3"], UsageError),
        (["--authority", LA, "--quarter", "2025-Q3.."], UsageError),
        (["--authority", LA, "--quarter", "2025-Q4", "--table", "ZZ9"], UsageError),
    ],
)
def test_a_wrong_call_is_a_users_error(
    warehouse: Path, tmp_path: Path, arguments: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        CliRunner().invoke(
            app, ["tables", "--warehouse", str(warehouse), "--out", str(tmp_path), *arguments], catch_exceptions=False
        )
