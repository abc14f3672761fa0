"""``hclic tables`` and ``hclic p1e`` on a warehouse file."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipelines.commands import tables as commands
from pipelines.errors import InputError, UsageError
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS
from tests.tables.caseload import caseload
from tests.transform.warehouse import LA, section_frame

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
