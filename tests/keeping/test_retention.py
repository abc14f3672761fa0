"""A purge reaches what stands beside the cases, and names what it cannot reach; what is of others does not stop it."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputError
from pipelines.keeping import purge as module
from pipelines.keeping.backup import back_up
from pipelines.keeping.named import case_named
from pipelines.keeping.purge import Purged, purge
from pipelines.keeping.searching import Searched, Sought, in_file
from pipelines.keeping.values import BIRTH, FULL_NAME, NUMBER, REFERENCE, TEXT, Value
from pipelines.warehouse import chain
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import AT, AUTHORITY, BEFORE, OLD, asked, export, holds, place, run

ENDED, GOING_ON = f"{AUTHORITY}_000000099991", f"{AUTHORITY}_000000099992"
"""Cases without a ``main`` row: one whose only duty has ended, one whose duty goes on."""
ADDRESS, NAMES = "99 Vanish Street", "Zebedee Quixote"
LETTER, CLOSED = "letter.csv.gz", "scan.pdf"


def _plant(folder: Path) -> None:
    out = folder / "out"
    with Warehouse(out / "warehouse.duckdb") as store:
        con = store.connection
        for number, (ref, end) in enumerate(((ENDED, "2019-08-20"), (GOING_ON, None)), start=90001):
            con.execute(
                "insert into history.people by name select ? as row_no, ? as authority, 1 as from_run, ? as case_ref,"
                " 1 as person_no, ? as surname",
                [number, AUTHORITY, ref, f"Smythe-Orphan{number}"],
            )
            con.execute(
                "insert into history.prevention by name select ? as row_no, ? as authority, 1 as from_run,"
                " ? as case_ref, date '2019-07-03' as prevention_start, ?::date as prevention_end",
                [number, AUTHORITY, ref, end],
            )
        # A surname that is also a word of a code list, and what a shifted row brought into other columns.
        con.execute("update history.people set surname = 'White' where surname = 'Quixote'")
        con.execute(
            "insert into history.spelling by name select 90001 as row_no, ? as authority, 1 as from_run,"
            " 'main' as section, 'ethnicity' as field, 'white' as spelling, 'white_british' as code",
            [AUTHORITY],
        )
        con.execute(
            "insert into history.findings by name select 90001 as row_no, ? as authority, 1 as from_run,"
            " 'H-08' as rule_id, ? as case_ref, ? as value",
            [AUTHORITY, GOING_ON, ADDRESS],
        )
    known = back_up(out / "warehouse.duckdb", folder / "kept", AT).path
    shutil.copy2(known, known.with_name("warehouse-2025-10-09T023000Z.duckdb"))
    moved = back_up(out / "warehouse.duckdb", folder / "moved", AT).path
    moved.unlink()
    quality = out / AUTHORITY / "2025-Q3-quality"
    quality.mkdir()
    (quality / "quality_cases.html").write_text(f"<td>{OLD}</td>")
    (out / LETTER).write_bytes(gzip.compress(f"To {OLD}".encode()))
    (out / CLOSED).write_bytes(b"%PDF-1.7 packed")


@pytest.fixture(scope="session")
def planted(before: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Purged]:
    folder = place(before, tmp_path_factory.mktemp("planted") / "here")
    _plant(folder)
    return folder, purge(asked(folder), BEFORE)


def test_a_case_without_a_main_row_goes_when_nothing_in_it_is_open(planted: tuple[Path, Purged]) -> None:
    folder, done = planted
    assert done.cases == 3
    assert holds(folder / "out", ENDED) == holds(folder / "out", "Smythe-Orphan90001") == []
    assert "warehouse.duckdb" in holds(folder / "out", "Smythe-Orphan90002")


def test_what_a_shifted_row_brought_into_other_columns_goes_and_words_of_code_lists_stay(
    planted: tuple[Path, Purged],
) -> None:
    with Warehouse(planted[0] / "out" / "warehouse.duckdb", read_only=True) as store:
        assert chain.verify(store.connection) == []
        spellings = dict(store.connection.execute("select spelling, code from history.spelling").fetchall())
    assert spellings["white"] == "white_british"
    assert holds(planted[0] / "out", ADDRESS) == []


def test_a_quality_report_goes_and_what_others_wrote_or_packed_is_named(planted: tuple[Path, Purged]) -> None:
    folder, done = planted
    assert not (folder / "out" / AUTHORITY / "2025-Q3-quality" / "quality_cases.html").exists()
    assert [path.name for path in done.cleared.left] == [LETTER]
    assert [path.name for path in done.searched.closed] == [CLOSED]
    assert not done.is_proven


def test_backups_are_named_that_no_line_of_the_ledger_knows_and_that_are_no_longer_there(
    planted: tuple[Path, Purged],
) -> None:
    folder, done = planted
    assert {path.name for path in done.backups} == {
        "warehouse-2025-10-08T023000Z.duckdb",
        "warehouse-2025-10-09T023000Z.duckdb",
    }
    assert done.backups_moved == [folder / "moved" / "warehouse-2025-10-08T023000Z.duckdb"]


def test_who_asks_for_a_purged_case_is_told_what_is_left_of_it(planted: tuple[Path, Purged]) -> None:
    with Warehouse(planted[0] / "out" / "warehouse.duckdb", read_only=True) as store:
        with pytest.raises(InputError, match="was purged: all of it was from before 1 September 2019"):
            case_named(store, AUTHORITY, OLD)
        assert case_named(store, AUTHORITY, GOING_ON) == GOING_ON


def test_rows_of_a_purged_case_that_cannot_be_loaded_are_set_aside_without_their_words(
    planted: tuple[Path, Purged], tmp_path: Path
) -> None:
    folder, new = place(planted[0], tmp_path / "here"), export(tmp_path / "export")
    with (new / "people.csv").open("a") as people:
        people.write(f"{OLD},8,partner,{NAMES}" + ",x" * 60 + "\n")
        people.write("HL/OPEN04,8,partner,Somebody Else" + ",x" * 60 + "\n")
    run(folder / "out", new, is_whole=True)
    aside = pl.read_csv(folder / "out" / AUTHORITY / "2025-Q3" / "findings" / "set_aside.csv", infer_schema=False)
    words = aside["content"].to_list()
    assert "[purged]" in words and any("Somebody Else" in one for one in words)
    assert holds(folder / "out", NAMES) == []


SOUGHT = Sought(
    frozenset(
        {
            Value("HL/OLD01", REFERENCE),
            Value(ADDRESS, TEXT),
            Value("Zoë Quixote", FULL_NAME),
            Value("QQ987654A", NUMBER),
            Value("1971-03-17", BIRTH),
        }
    )
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (gzip.compress(b"a,99 Vanish Street", mtime=0), TEXT),
        ("a,Zoë Quixote,b".encode("latin-1"), FULL_NAME),
        ("a,99 Vanish Street,b".encode("utf-16"), TEXT),
        (b"a,Zoe\xcc\x88 Quixote,b", FULL_NAME),
        (b"<p>Zo&#235; Quixote</p>", FULL_NAME),
        (b'<a href="/case/HL%2FOLD01">', REFERENCE),
        (b"SQLite format 3\x00\x0599 Vanish StreetQQ987654A", NUMBER),
        (b"born 1971-03-17T00:00:00,", BIRTH),
        (b"born 17 Mar 1971,", BIRTH),
    ],
    ids=["gzip", "latin-1", "utf-16", "decomposed", "html", "url", "sqlite", "timestamp", "words"],
)
def test_a_value_is_found_however_it_is_written_or_packed(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert kind in {one.kind for one in in_file(path, SOUGHT, Searched())}
    path.write_bytes(content.replace(b"9", b"4").replace(b"1971", b"1977")[: len(content) // 3])
    assert in_file(path, SOUGHT, Searched()) == set()


def test_a_value_is_found_in_a_parquet_file(tmp_path: Path) -> None:
    rows = pl.DataFrame({"address": [f"{number} Side Street" for number in range(3000)] + [ADDRESS]})
    rows.write_parquet(tmp_path / "mart.parquet", compression="zstd")
    assert {one.kind for one in in_file(tmp_path / "mart.parquet", SOUGHT, Searched())} == {TEXT}


def test_a_file_that_cannot_be_looked_into_is_said(tmp_path: Path) -> None:
    searched = Searched()
    for name, content in (("a.zip", b"PK\x03\x04 damaged"), ("a.pdf", b"%PDF-1.7"), ("a.7z", b"7z\xbc\xaf\x27\x1c")):
        (tmp_path / name).write_bytes(content)
        in_file(tmp_path / name, SOUGHT, searched)
    assert [path.name for path in searched.closed] == ["a.zip", "a.pdf", "a.7z"]


def test_nobody_writes_to_the_warehouse_while_a_purge_is_at_work(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as an officer's note, which takes no part in the lock of runs: it would be in the older file alone."""
    folder, check, told = place(before, tmp_path / "here"), module._check_new, []
    code = "import sys; from pathlib import Path; from pipelines.warehouse.store import Warehouse\n"
    code += "Warehouse(Path(sys.argv[1])).close()"

    def writing(*given: object) -> None:
        call = [sys.executable, "-c", code, str(folder / "out" / "warehouse.duckdb")]
        told.append(subprocess.run(call, capture_output=True, text=True, check=False).stderr)
        check(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_check_new", writing)
    monkeypatch.setattr(module, "figures_of", lambda *_: [])
    assert purge(asked(folder), BEFORE).cases == 2
    assert "HeldError" in told[0]
