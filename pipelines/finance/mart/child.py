"""The program that carries out one query: a process of its own, which the system keeps to its share of memory.

DuckDB's own limit does not count all that a statement puts together: two that it let through reached 8 and 9 GB. Here
the system refuses the memory (``RLIMIT_DATA``, Linux), whoever asks for it. Where a system has no such limit, as
Windows, DuckDB's is all there is.

Run as a program, this file reads what is asked from its standard input: a line of JSON (the statement, the most rows,
the bytes it may take, and of each relation its name, its size and the statements that describe it), then the relations
as Arrow streams. It answers with one line of JSON. It imports little, so that it is there at once.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import duckdb

LOCKS = (
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set temp_directory = ''",
    # What DuckDB keeps to by itself; the limit of the process is higher.
    "set memory_limit = '1GB'",
    # Rows that no "order by" puts in order come in the same order each time.
    "set threads = 1",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
TOO_MUCH_MEMORY = (
    "The query was stopped: it needs more memory than it is given. Ask for less at a time, such as fewer columns or"
    " one year, and do not put whole columns together into one text or list."
)
LONGEST_ANSWER = 256 << 20
"""Bytes of the longest answer that is given."""
TOO_LONG = "The answer is too long. Ask for fewer rows with --limit, or for shorter columns."


@dataclass(frozen=True)
class Answer:
    """Rows of a query. ``is_cut``: there are more than the limit."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    is_cut: bool


def connected() -> duckdb.DuckDBPyConnection:
    """A connection to a new database in memory."""
    con = duckdb.connect(":memory:")
    con.execute("set enable_progress_bar = false")
    # Without this, a name that is no table is looked up among the variables of this program.
    con.execute("set python_enable_replacements = false")
    return con


def carry_out(con: duckdb.DuckDBPyConnection, statement: str, limit: int) -> Answer:
    """Lock the connection and run a statement that has been checked; at most ``limit`` rows are given back.

    Raises:
        duckdb.Error: DuckDB cannot carry it out; its text may quote a row (``sentence``).
    """
    for lock in LOCKS:
        con.execute(lock)
    con.execute(statement)
    columns = [str(column[0]) for column in con.description or []]
    rows = con.fetchmany(limit + 1)
    return Answer(columns, [tuple(map(plain, row)) for row in rows[:limit]], len(rows) > limit)


def plain(value: Any) -> Any:
    """A value as a cell can hold it: lists, structs, intervals and times as text."""
    if value is None or isinstance(value, bool | int | float | Decimal | str):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return str(value)


_OF_THE_TEXT = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.SyntaxException)


def sentence(error: duckdb.Error) -> str:
    """What DuckDB says of a query, in one sentence and without values.

    A fault of the SQL's own text is told in DuckDB's words, literals left out. A fault that comes up while rows are
    read can quote a row, so only its kind is told.
    """
    if isinstance(error, duckdb.OutOfMemoryException) or "out of memory" in str(error).lower():
        return TOO_MUCH_MEMORY
    if not isinstance(error, _OF_THE_TEXT):
        kind = type(error).__name__.removesuffix("Exception")
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
        return f"DuckDB could not carry out the query ({words} error); a cast or a calculation does not fit the rows."
    said = str(error).split("\nLINE ")[0]
    said = re.sub(r"'(?:[^']|'')*'", "'…'", said)
    if said.startswith("Catalog Error: Table with name"):
        said = said.split("Did you mean")[0] + " See the relations with: show tables."
    said = " ".join(re.sub(r"[^\x20-\x7e…]", " ", said).split())
    return f"The query is not understood. {said[:400]}"


def given(value: Any) -> Any:
    """A value as JSON can hold it; ``taken`` brings it back."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def taken(value: Any) -> Any:
    """A value that ``given`` made ready."""
    if not isinstance(value, dict):
        return value
    return Decimal(value["decimal"]) if "decimal" in value else date.fromisoformat(value["date"])


def keep_to(memory: int) -> None:
    """Have the system refuse this process more than ``memory`` bytes; nothing where it has no such limit."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _answered(asked: Mapping[str, Any], source: BinaryIO) -> dict[str, Any]:
    import pyarrow as pa

    from pipelines import arrow

    with connected() as con:
        for name, size, described in asked["relations"]:
            table = pa.ipc.open_stream(source.read(size)).read_all()
            arrow.load(con, f"create table {name} as select * from incoming", table)
            for comment in described:
                con.execute(comment)
        try:
            answer = carry_out(con, asked["statement"], asked["limit"])
        except duckdb.Error as error:
            return {"refused": sentence(error)}
        except MemoryError:
            return {"refused": TOO_MUCH_MEMORY}
    rows = [[given(value) for value in row] for row in answer.rows]
    return {"columns": answer.columns, "rows": rows, "is_cut": answer.is_cut}


def main() -> None:
    """Answer what stands on the standard input."""
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    asked = json.loads(source.readline())
    keep_to(asked["memory"])
    text = json.dumps(_answered(asked, source)).encode()
    answers.write(text if len(text) <= LONGEST_ANSWER else json.dumps({"refused": TOO_LONG}).encode())


if __name__ == "__main__":
    # By its path, with nothing of the folder at work in the search path: that may hold another ``pipelines``.
    sys.path.insert(0, sys.argv[1])
    main()
