"""Databases that hold case data: written encrypted where a key is set, and shut to whoever has not that key."""

from __future__ import annotations

import base64
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

from pipelines import arrow, at_rest
from pipelines.errors import UsageError, is_held
from pipelines.finance.mart import files as mart

SENTINEL = "Zebedee-Quillfeather"
ONE, OTHER = at_rest.new_key(), at_rest.new_key()


@pytest.fixture(autouse=True)
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(at_rest.KEY, ONE)


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def fill(path: Path) -> None:
    with at_rest.connect(path) as con:
        con.execute("create schema recorded; create table recorded.people as select ? as surname", [SENTINEL])


def test_what_is_written_can_be_read_with_the_key_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "warehouse.duckdb"
    fill(path)
    assert SENTINEL.encode() not in bytes_in(tmp_path)
    for read_only in (False, True):
        with at_rest.connect(path, read_only=read_only) as con:
            assert con.execute("select surname from recorded.people").fetchall() == [(SENTINEL,)]
    monkeypatch.delenv(at_rest.KEY)
    with pytest.raises(UsageError, match=r"warehouse\.duckdb is encrypted\. Set HCLIC_WAREHOUSE_KEY"):
        at_rest.connect(path)


def test_what_waits_in_the_log_is_encrypted_and_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    program = (
        "import os, sys; from pathlib import Path; from pipelines import at_rest\n"
        "con = at_rest.connect(Path(sys.argv[1]))\n"
        "con.execute('create table people as select ? as surname', [sys.argv[2]])\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path), SENTINEL], check=False)
    assert path.with_name("warehouse.duckdb.wal").stat().st_size
    assert SENTINEL.encode() not in bytes_in(tmp_path)
    with at_rest.connect(path) as con:
        assert con.execute("select surname from people").fetchall() == [(SENTINEL,)]


def test_what_is_spilled_is_encrypted(tmp_path: Path) -> None:
    with at_rest.in_memory(tmp_path / "warehouse.duckdb") as con:
        con.execute("set memory_limit = '20MB'")
        con.execute(
            "create table people as select ? || i as surname, hash(i) as h from range(1000000) as r (i)", [SENTINEL]
        )
        spilled = bytes_in(tmp_path)
        assert len(spilled) > 1_000_000 and SENTINEL.encode() not in spilled
        assert all(not path.stat().st_mode & 0o077 for path in tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [False, True])
def test_another_key_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_only: bool) -> None:
    path = tmp_path / "warehouse.duckdb"
    fill(path)
    monkeypatch.setenv(at_rest.KEY, OTHER)
    with pytest.raises(UsageError, match=r"is not the one that warehouse\.duckdb is encrypted with") as raised:
        at_rest.connect(path, read_only=read_only)
    assert raised.value.__suppress_context__ and OTHER not in str(raised.value)


def test_a_file_that_is_not_encrypted_is_refused_with_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "warehouse.duckdb"
    monkeypatch.delenv(at_rest.KEY)
    fill(path)
    assert not at_rest.is_encrypted(path)
    monkeypatch.setenv(at_rest.KEY, ONE)
    with pytest.raises(UsageError, match=r"is not encrypted\. Encrypt it with: hclic key encrypt"):
        at_rest.connect(path)


def test_connections_of_one_process_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    fill(path)
    with at_rest.connect(path) as one, at_rest.connect(path) as other, at_rest.cursor(other) as third:
        one.execute("insert into recorded.people values ('second')")
        for con in (other, third):
            assert con.execute("select count(*) from recorded.people").fetchone() == (2,)
        with pytest.raises(duckdb.Error) as raised:
            at_rest.connect(path, read_only=True)
        assert is_held(raised.value)
    assert at_rest.is_encrypted(path)


def test_threads_open_and_close_a_file_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    fill(path)

    def read(number: int) -> int:
        with at_rest.connect(path, read_only=True) as con:
            return len(con.execute("from recorded.people").fetchall())

    with ThreadPoolExecutor(8) as workers:
        assert set(workers.map(read, range(80))) == {1}


def test_a_file_that_another_process_holds_is_told_as_held(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    fill(path)
    program = (
        "import sys; from pathlib import Path; from pipelines import at_rest\n"
        "con = at_rest.connect(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        with pytest.raises(duckdb.Error) as raised:
            at_rest.connect(path)
        assert is_held(raised.value)
        holder.communicate()


def test_a_file_attached_is_made_private_and_encrypted(tmp_path: Path) -> None:
    with at_rest.connect(":memory:") as con:
        at_rest.attach(con, tmp_path / "mart.duckdb", "mart")
        con.execute("create table mart.people as select ? as surname", [SENTINEL])
    assert SENTINEL.encode() not in bytes_in(tmp_path)
    assert at_rest.is_private(tmp_path / "mart.duckdb")


def test_no_query_can_ask_for_the_key(tmp_path: Path) -> None:
    fill(tmp_path / "warehouse.duckdb")
    with at_rest.connect(tmp_path / "warehouse.duckdb") as con:
        told = [con.execute(f"from {name}()").fetchall() for name in ("duckdb_settings", "duckdb_databases")]
        with pytest.raises(duckdb.Error):
            con.execute("set allow_unsigned_extensions = true")
    assert ONE.rstrip("=") not in str(told) and base64.b64decode(ONE).hex() not in str(told)


@pytest.mark.parametrize("text", ["", "  \n", "short", "x" * 31, "a" * 64, "ab" * 30])
def test_a_short_or_empty_or_simple_key_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="hclic key new") as raised:
        at_rest.key_of({at_rest.KEY: text})
    assert len(text.strip()) < 8 or text not in str(raised.value)


def test_a_key_may_be_written_in_base64_in_hexadecimal_digits_or_as_words() -> None:
    key = at_rest.new_key()
    as_bytes = base64.b64decode(key)
    assert len(as_bytes) == 32
    for text in (key, f" {key}\n", key.rstrip("="), as_bytes.hex(), as_bytes.hex().upper()):
        assert at_rest.key_of({at_rest.KEY: text}) == key
    words = "correct horse battery staple — für Barking"
    made = at_rest.key_of({at_rest.KEY: words})
    assert made is not None and len(base64.b64decode(made)) == 32 and made == at_rest.key_of({at_rest.KEY: words})
    assert at_rest.key_of({}) is None


def test_without_the_package_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_rest, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install duckdb-extension-httpfs=="):
        at_rest.connect(tmp_path / "warehouse.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_the_mart_has_a_key_of_its_own_where_one_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"case_pseudonym": [SENTINEL]})
    monkeypatch.setattr(mart.database, "fill", lambda con, tables, name: arrow_of(con, tables, name))
    monkeypatch.setattr(mart, "documentation", lambda name: SimpleNamespace(headings={"case_pseudonym": "Case"}))
    for key, opens in ((None, ONE), (OTHER, OTHER)):
        if key is not None:
            monkeypatch.setenv(at_rest.MART_KEY, key)
        path = mart.write_database({"cases": table}, tmp_path / "mart.duckdb")
        assert SENTINEL.encode() not in path.read_bytes()
        # As finance opens it, in DuckDB alone.
        with duckdb.connect() as con:
            con.execute(f"attach '{path}' as mart (encryption_key '{opens}', read_only)")
            assert con.execute("from mart.cases").fetchall() == [(SENTINEL,)]


def arrow_of(con: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table], name: str) -> None:
    for table, rows in tables.items():
        arrow.load(con, f"create table {name}.{table} as select * from incoming", rows)
