"""SQL Server and Oracle, by the same interface against recorded behaviour: no such server runs in the tests.

What is replayed is the order of the calls and the shape of rows and errors that the drivers document; only a refused
connection is the drivers' own.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from pipelines.address import parse_address
from pipelines.credentials import Credentials
from pipelines.errors import InputError, UsageError
from pipelines.extract.databases import products, snapshot
from pipelines.extract.databases.faults import Fault
from pipelines.extract.databases.products import oracle_session, sql_server_session
from pipelines.extract.databases.queries import Query
from pipelines.extract.databases.session import Session
from tests.databases.reading import take

SECRET = "geheim"


@dataclass
class Recorded:
    """What a server answered: columns and rows, or the error of its driver."""

    asked: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    error: Exception | None = None
    error_after: int | None = None


@dataclass
class Replay:
    """A connection that answers what was recorded, in that order and nothing else."""

    calls: list[Recorded]
    closed: bool = False
    asked: list[str] = field(default_factory=list)

    def cursor(self) -> ReplayCursor:
        return ReplayCursor(self)

    def close(self) -> None:
        self.closed = True


class ReplayCursor:
    """The part of DB-API 2.0 that is used."""

    arraysize = 1

    def __init__(self, connection: Replay) -> None:
        self._connection = connection
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: list[Sequence[Any]] = []
        self._given = 0

    def execute(self, sql: str) -> None:
        assert self._connection.calls, f"nothing is recorded for: {sql}"
        self._call = self._connection.calls.pop(0)
        assert " ".join(sql.split()) == self._call.asked
        if self._call.error and self._call.error_after is None:
            raise self._call.error
        self.description = [(name, None, None, None, None, None, None) for name in self._call.columns] or None
        self._rows = list(self._call.rows)

    def fetchmany(self, size: int) -> list[Sequence[Any]]:
        if self._call.error_after is not None and self._given >= self._call.error_after:
            assert self._call.error
            raise self._call.error
        taken, self._rows = self._rows[:2], self._rows[2:]
        self._given += len(taken)
        return taken

    def fetchone(self) -> Sequence[Any] | None:
        return self._rows.pop(0) if self._rows else None

    def close(self) -> None:
        pass


def a_moment(*parts: int) -> datetime:
    """As drivers give a column without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


STATE = "select snapshot_isolation_state from sys.databases where name = db_name()"
ROWS = [
    (1, "Zoë", a_moment(2025, 9, 30), Decimal("12.50"), True, UUID(int=1), None),
    (2, "Ann", a_moment(2025, 10, 1), Decimal("0.10"), False, None, None),
    (3, None, None, None, None, None, None),
]
NAMES = ("id", "name", "placed", "rent", "open", "guid", "nothing")
EXPECTED = [
    {"id": "1", "name": "Zoë", "placed": date(2025, 9, 30), "rent": "12.50", "open": True, "guid": str(UUID(int=1))},
    {"id": "2", "name": "Ann", "placed": date(2025, 10, 1), "rent": "0.10", "open": False, "guid": None},
    {"id": "3", "name": None, "placed": None, "rent": None, "open": None, "guid": None},
]


def opening_of_sql_server(state: int = 1) -> list[Recorded]:
    level = "snapshot" if state else "read committed"
    return [
        Recorded(STATE, ("snapshot_isolation_state",), [(state,)]),
        Recorded(f"set transaction isolation level {level}"),
        Recorded("begin transaction"),
    ]


def opening_of_oracle() -> list[Recorded]:
    return [Recorded("set transaction read only"), Recorded("alter session set time_zone = 'Europe/London'")]


def taken(monkeypatch: pytest.MonkeyPatch, session: Session, folder: Path, *asked: Query) -> tuple[str, ...]:
    monkeypatch.setattr(snapshot, "open_session", lambda *_: session)
    return take("mssql://server/housing", folder, *asked)


def test_sql_server_is_read_in_one_snapshot_and_its_rows_are_counted_by_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    replay = Replay(
        [
            *opening_of_sql_server(),
            Recorded("with c as (select 1) select * from c order by id", NAMES, ROWS),
            Recorded("select rowcount_big()", ("",), [(3,)]),
            Recorded("select top 0 * from [case notes]", ("id",)),
            Recorded("select * from [case notes]", ("id",), []),
            Recorded("select rowcount_big()", ("",), [(0,)]),
        ]
    )
    asked = (
        Query("one", "with c as (select 1) select * from c order by id"),
        Query("notes", table=("case notes",), optional=True),
    )
    assert taken(monkeypatch, sql_server_session(replay), tmp_path / "x", *asked) == ()
    assert replay.closed and not replay.calls
    assert pl.read_parquet(tmp_path / "x/one.parquet").drop("nothing").to_dicts() == EXPECTED
    assert pl.read_parquet(tmp_path / "x/notes.parquet").shape == (0, 1)
    assert stat.S_IMODE((tmp_path / "x/one.parquet").stat().st_mode) == 0o600


def test_sql_server_that_allows_no_snapshot_is_read_and_the_run_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = [
        *opening_of_sql_server(0),
        Recorded("select 1 as a", ("a",), [(1,)]),
        Recorded("select rowcount_big()", ("",), [(1,)]),
    ]
    said = taken(monkeypatch, sql_server_session(Replay(calls)), tmp_path / "x", Query("one", "select 1 as a"))
    assert len(said) == 1 and "does not allow snapshot isolation" in said[0]


def test_rows_that_did_not_all_come_are_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = [
        *opening_of_sql_server(),
        Recorded("select 1 as a", ("a",), [(1,)]),
        Recorded("select rowcount_big()", ("",), [(2,)]),
    ]
    with pytest.raises(InputError, match="gave 1 rows of the 2"):
        taken(monkeypatch, sql_server_session(Replay(calls)), tmp_path / "x", Query("one", "select 1 as a"))
    assert not list(tmp_path.iterdir())


def test_oracle_is_read_in_one_read_only_transaction(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    query = "select * from cases"
    zoned = datetime(2025, 9, 30, 23, 30, tzinfo=timezone(timedelta(0)))
    names = (*NAMES, "at")
    replay = Replay(
        [
            *opening_of_oracle(),
            Recorded(f"select * from ( {query} ) where 1 = 0", names),
            Recorded(f"select count(*) from ( {query} )", ("COUNT(*)",), [(3,)]),
            Recorded(query, names, [(*row, zoned) for row in ROWS]),
        ]
    )
    assert taken(monkeypatch, oracle_session(replay), tmp_path / "x", Query("one", query)) == ()
    frame = pl.read_parquet(tmp_path / "x/one.parquet")
    assert frame.drop("nothing", "at").to_dicts() == EXPECTED
    assert set(frame["at"]) == {a_moment(2025, 10, 1, 0, 30)}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Exception(208, b"Invalid object name 'cases'."), "has no cases, or the user may not see it"),
        (Exception(207, b"Invalid column name 'rent'."), "has no such column: rent"),
        (Exception(245, b"Conversion failed when converting the varchar value 'Fred' to int."), "does not fit"),
        (Exception(229, b"The SELECT permission was denied on the object 'cases'."), "Ask for the right"),
        (Exception((20003, b"Adaptive Server connection timed out")), "took longer than 1 minutes"),
        (Exception((20047, b"DBPROCESS is dead or not enabled")), "was lost while the query one was read"),
        (Exception((20004, b"Read from the server failed")), "was lost while the query one was read"),
        (Exception(8156, b"The column 'a' was specified multiple times for 'x'."), "two columns with the name a"),
        (Exception(50000, b"Fred said no"), "its error 50000"),
    ],
)
@pytest.mark.parametrize("after", [None, 2])
def test_errors_of_sql_server_are_sentences_without_values(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, said: str, after: int | None
) -> None:
    calls = [*opening_of_sql_server(), Recorded("select * from cases", NAMES, ROWS, error, after)]
    replay = Replay(calls)
    with pytest.raises(InputError) as refused:
        taken(monkeypatch, sql_server_session(replay), tmp_path / "x", Query("one", "select * from cases"))
    assert said in str(refused.value) and "Fred" not in str(refused.value)
    assert replay.closed and not list(tmp_path.iterdir())


def ora(code: str, message: str) -> Exception:
    return Exception(SimpleNamespace(full_code=code, message=f"{code}: {message}"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ora("ORA-00942", 'table or view "HOUSING"."CASES" does not exist'), "has no HOUSING.CASES"),
        (ora("ORA-00942", "table or view does not exist"), "has no such table,"),
        (ora("ORA-00904", '"RENT": invalid identifier'), "has no such column: RENT"),
        (ora("ORA-01722", "unable to convert string value Fred to a number"), "does not fit"),
        (ora("DPY-4024", "call timeout of 60000 ms exceeded"), "took longer than 1 minutes"),
        (ora("DPY-4011", "the database or network closed the connection"), "was lost while the query one was read"),
        (ora("ORA-01555", "snapshot too old"), "was changed meanwhile"),
        (ora("ORA-20001", "Fred said no"), "(ORA-20001)"),
    ],
)
def test_errors_of_oracle_are_sentences_without_values(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, said: str
) -> None:
    replay = Replay([*opening_of_oracle(), Recorded("select * from ( select * from cases ) where 1 = 0", error=error)])
    with pytest.raises(InputError) as refused:
        taken(monkeypatch, oracle_session(replay), tmp_path / "x", Query("one", "select * from cases"))
    assert said in str(refused.value) and "Fred" not in str(refused.value)
    assert replay.closed and not list(tmp_path.iterdir())


def test_a_column_whose_kind_became_a_picture_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = [*opening_of_sql_server(), Recorded("select * from cases", ("id", "photo"), [(1, "x"), (2, b"\x89PNG")])]
    with pytest.raises(InputError, match="The column photo of the query one holds no plain text"):
        taken(monkeypatch, sql_server_session(Replay(calls)), tmp_path / "x", Query("one", "select * from cases"))


def test_columns_that_changed_between_counting_and_reading_are_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls = [
        *opening_of_oracle(),
        Recorded("select * from ( select * from cases ) where 1 = 0", ("ID", "RENT")),
        Recorded("select count(*) from ( select * from cases )", ("COUNT(*)",), [(1,)]),
        Recorded("select * from cases", ("ID",), [(1,)]),
    ]
    with pytest.raises(InputError, match="was changed meanwhile"):
        taken(monkeypatch, oracle_session(Replay(calls)), tmp_path / "x", Query("one", "select * from cases"))


@pytest.mark.parametrize(("scheme", "module"), [("mssql", "pymssql"), ("oracle", "oracledb"), ("mysql", "pymysql")])
def test_a_server_that_is_not_there_says_so(scheme: str, module: str, tmp_path: Path) -> None:
    pytest.importorskip(module, reason=f"needs the extra of {scheme}")
    with pytest.raises(InputError, match=r"^There is no answer from the ") as refused:
        take(f"{scheme}://127.0.0.1:1/x", tmp_path / "x", Query("one", "select 1"), who=Credentials("me", SECRET))
    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("address", "extra"),
    [
        ("mssql://h/x", "mssql"),
        ("oracle://h/x", "oracle"),
        ("mysql://h/x", "databases"),
        ("postgresql://h/x", "databases"),
    ],
)
def test_a_missing_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, extra: str
) -> None:
    import sys

    from pipelines.extract.databases import postgres

    for module in ("pymssql", "oracledb", "pymysql"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as refused:
        take(address, tmp_path / "x", Query("one", "select 1"))
    assert f"pip install 'hclic[{extra}]'" in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_oracle_asks_for_a_user() -> None:
    pytest.importorskip("oracledb", reason="needs the extra oracle")
    with pytest.raises(UsageError, match="HCLIC_DB_USER"):
        products.open_oracle(parse_address("oracle://127.0.0.1:1/x"), Credentials(), 1)


def test_a_session_that_cannot_begin_is_closed() -> None:
    replay = Replay([Recorded("set transaction read only", error=ora("ORA-01031", "insufficient privileges"))])
    with pytest.raises(Fault):
        oracle_session(replay)
    assert replay.closed
