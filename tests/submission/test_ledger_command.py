"""``hclic ledger`` shows who did what, and ``verify`` ends with 1 and a sentence for each thing that is wrong."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.submission import sign_off
from pipelines.warehouse import chain, waivers
from pipelines.warehouse.store import Warehouse
from tests.submission.returns import AT, LA, signed
from tests.warehouse.test_ledger_rows import CASE, REASON, WAIVER


def hclic(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A signed-off return, and a waiver after it."""
    monkeypatch.setattr(sign_off, "missing_explanations", lambda *_, **__: [])
    signed(tmp_path)
    with Warehouse(tmp_path / "w.duckdb") as store, store.transaction():
        waivers.give(store.connection, LA, WAIVER, by="Ann", on=AT)
    return tmp_path / "w.duckdb"


def change(warehouse: Path, *statements: str) -> None:
    with Warehouse(warehouse) as store:
        for statement in statements:
            store.connection.execute(statement)


def sheet_of(warehouse: Path, name: str = "sign_off.json") -> Path:
    return warehouse.parent / LA / "2025-Q3" / "sign_off" / name


def test_the_ledger_is_listed_without_personal_data(warehouse: Path) -> None:
    status, table = hclic("ledger", "--warehouse", warehouse)
    assert status == 0 and "Waiver of a finding" in table and "state signed_off" in table
    rows = list(csv.DictReader(io.StringIO(hclic("ledger", "--warehouse", warehouse, "--format", "csv")[1])))
    assert [row["line_no"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    told = json.loads(hclic("ledger", "--warehouse", warehouse, "--format", "json", "--kind", "waiver")[1])
    assert [(line["kind"], line["said_by"], line["facts"]["event"]) for line in told] == [("waiver", "Ann", "given")]
    for form in ("table", "csv", "json"):
        text = hclic("ledger", "--warehouse", warehouse, "--format", form)[1]
        assert CASE not in text and REASON not in text


def test_a_kind_that_there_is_not_is_refused(warehouse: Path) -> None:
    with pytest.raises(Exception, match="There is no kind of line wavier"):
        CliRunner().invoke(app, ["ledger", "--warehouse", str(warehouse), "--kind", "wavier"], catch_exceptions=False)


def test_a_whole_ledger_is_verified_with_the_sheets_in_either_form(warehouse: Path) -> None:
    with Warehouse(warehouse, read_only=True) as store:
        digest = chain.head(store.connection)
    words = [
        "--sheet",
        sheet_of(warehouse),
        "--sheet",
        sheet_of(warehouse, "sign_off.html"),
        "--digest",
        digest.upper(),
    ]
    status, said = hclic("ledger", "verify", "--warehouse", warehouse, *words)
    assert (status, said) == (
        0,
        "The ledger of 7 lines is whole: no line was changed, taken away or moved. The printed digests are in it.\n",
    )


def test_a_changed_row_ends_with_1_and_a_sentence(warehouse: Path) -> None:
    change(warehouse, "update waiver set reason = 'other'")
    status, said = hclic("ledger", "verify", "--warehouse", warehouse)
    assert status == 1
    assert said == (
        "The waiver 1 of E06000034 is not what line 7 of the ledger says: it was changed afterwards.\n"
        "The ledger of 7 lines has 1 fault.\n"
    )


def test_bytes_of_a_signed_off_return_that_were_exchanged_are_found(warehouse: Path) -> None:
    change(warehouse, "update frozen_file set content = 'x'::blob, sha256 = sha256('x') where name like '%case%'")
    status, said = hclic("ledger", "verify", "--warehouse", warehouse)
    assert status == 1 and "file kept 2025-Q3, one, hclic_case_E06000034_2025-Q3.xml" in said


def test_a_state_that_was_changed_is_found(warehouse: Path) -> None:
    change(warehouse, "update sign_off set said_by = 'Mallory' where state = 'signed_off'")
    assert "The state of sign-off 2025-Q3, 2 of E06000034" in hclic("ledger", "verify", "--warehouse", warehouse)[1]


def test_a_ledger_cut_off_behind_a_sign_off_shows_against_its_sheet_only(warehouse: Path) -> None:
    for table in ("ledger_line", "ledger_said"):
        change(warehouse, f"delete from {table} where line_no > 3")
    change(warehouse, "delete from waiver", "delete from frozen_file", "delete from sign_off where state_no = 2")
    assert hclic("ledger", "verify", "--warehouse", warehouse)[0] == 0
    for name in ("sign_off.json", "sign_off.html"):
        status, said = hclic("ledger", "verify", "--warehouse", warehouse, "--sheet", sheet_of(warehouse, name))
        assert status == 1 and "The printed digest of line 6" in said and "is that of no line" in said


def test_a_file_that_is_no_sheet_is_refused(warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("nothing")
    with pytest.raises(Exception, match="prints no line of a ledger"):
        CliRunner().invoke(
            app,
            ["ledger", "verify", "--warehouse", str(warehouse), "--sheet", str(tmp_path / "other.txt")],
            catch_exceptions=False,
        )


KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.warehouse import waivers
from pipelines.warehouse.store import Warehouse
from tests.warehouse.test_ledger_rows import AT, LA, WAIVER
store = Warehouse(Path(sys.argv[1]))
for _ in range(2):
    with store.transaction():
        waivers.give(store.connection, LA, WAIVER, by="Ann", on=AT)
with store.transaction():
    waivers.give(store.connection, LA, WAIVER, by="Ann", on=AT)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_leaves_neither_a_gap_nor_a_line_of_what_was_not_kept(warehouse: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", KILLED, str(warehouse)], cwd=root, check=False)
    assert ended.returncode < 0
    with Warehouse(warehouse) as store:
        assert [line.line_no for line in chain.lines(store.connection)] == [*range(1, 10)]
        assert chain.verify(store.connection) == []


WAIVES = """
import sys
from pathlib import Path
from pipelines.run.storing import open_store
from pipelines.warehouse import waivers
from tests.warehouse.test_ledger_rows import AT, LA, WAIVER
for _ in range(5):
    with open_store(Path(sys.argv[1]), 60) as store, store.transaction():
        waivers.give(store.connection, LA, WAIVER, by="Ann", on=AT)
"""


def test_processes_that_write_at_the_same_time_number_their_lines_without_gap(warehouse: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    processes = [subprocess.Popen([sys.executable, "-c", WAIVES, str(warehouse)], cwd=root) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    with Warehouse(warehouse) as store:
        assert [line.line_no for line in chain.lines(store.connection)] == [*range(1, 23)]
        assert chain.verify(store.connection) == []
