"""The workspace of an export: its files as tables of text, and what statements make of them.

A DuckDB database in memory. What does not fit lies in a private folder (names and dates of birth stand in it) that is
removed when the export has been read; a file that is always written costs half as much again.
Nothing outside it is within reach of a statement: no file, network, extension or setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from threading import Timer

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.at_rest import connect, private_folder
from pipelines.errors import UsageError
from pipelines.extract.parsing import fold
from pipelines.extract.steps.statement import StatementError, sentence
from pipelines.extract.steps.step import is_hidden, literal, quoted
from pipelines.extract.tabular import BLOCK_ROWS

MEMORY = "700MB"
"""What a statement may hold in memory; the rest lies beside it in the private folder, up to ``SPILL``."""
SPILL = "40GB"
THREADS = 1
"""With more, an aggregate that depends on the order of rows could give one thing today and another tomorrow; one is as
quick."""

PLACES = "struct(t integer, r bigint)[]"
"""Type of ``_at``: the rows that made a row, each by the number of its file or sheet and its row there."""


def column_names(headings: Sequence[str]) -> list[str]:
    """A name for each column: its heading; of a repeated one "Heading (2)", of none "column 3"."""
    names: list[str] = []
    taken = {"_file", "_row", "_at"}
    for number, heading in enumerate(headings, start=1):
        plain = heading.strip() or f"column {number}"
        name, repeat = plain, 1
        while fold(name) in taken or fold(name).startswith("_at:"):
            repeat += 1
            name = f"{plain.lstrip('_') if fold(plain).startswith('_at:') else plain} ({repeat})"
        taken.add(fold(name))
        names.append(name)
    return names


class Workspace:
    """An open workspace; use as a context manager.

    Args:
        as_at: the day of the export, which statements get as ``as_at()``.
        minutes: how long a statement may take.
        private: folder in which that for what does not fit is made; by default the user's cache folder.
    """

    def __init__(self, as_at: date, minutes: int, private: Path | None = None) -> None:
        self._held = ExitStack()
        self._folder = self._held.enter_context(private_folder(None if private is None else private / "export"))
        self._seconds = minutes * 60.0
        self._con = connect(
            ":memory:",
            config={
                "threads": THREADS,
                "memory_limit": MEMORY,
                "temp_directory": str(self._folder / "spill"),
                "max_temp_directory_size": SPILL,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            },
        )
        self._con.execute("set enable_progress_bar = false")
        self._con.execute(f"create macro as_at() as date '{as_at.isoformat()}'")
        # As in the cells of files, a moment with a zone is one in London, wherever the machine stands.
        self._con.execute("set TimeZone = 'Europe/London'")
        self._con.execute("set enable_external_access = false")
        self._con.execute("set lock_configuration = true")
        self.files: list[str] = []
        """Name of each file or sheet by its number."""
        self.headings: list[frozenset[str]] = []
        """Folded headings of each."""
        self.relation_of: list[str] = []
        """The relation that each is a part of."""

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()
        self._held.close()

    def columns(self, relation: str) -> list[str]:
        """The relation's columns, hidden ones left out."""
        return [name for name, _ in self.kinds(relation) if not is_hidden(name)]

    def kinds(self, relation: str) -> list[tuple[str, str]]:
        """Every column of the relation with its type, hidden ones too."""
        return [(row[0], row[1]) for row in self._con.execute(f"describe {quoted(relation)}").fetchall()]

    def fetch(self, query: str) -> pl.DataFrame:
        """The rows that a query of ours gives."""
        return self._con.execute(query).pl()

    def rows_of(self, number: int) -> pl.DataFrame:
        """``_row`` of every row that was laid of a file or sheet, by its number."""
        table = quoted(rows_of(self.relation_of[number]))
        return self.fetch(f"select _row from {table} where _t = {number} order by _row")

    def put(self, table: str, rows: pl.DataFrame) -> None:
        """Rows of ours, as a table."""
        arrow.load(self._con, f"create or replace table {quoted(table)} as select * from incoming", rows)

    def view(self, name: str, relation: str) -> None:
        """Let a name mean a relation from here on."""
        self._con.execute(f"create or replace temp view {quoted(name)} as select * from {quoted(relation)}")

    def begin(self, relation: str) -> RawRelation:
        """A relation of rows as they stand in files, to which files are added."""
        return RawRelation(self, relation)

    def run(self, relation: str, query: str, written: str | None = None) -> None:
        """Make the relation of what the query gives.

        ``written``: the statement of the profile that the query does in other words; lines are those of it.

        Raises:
            StatementError: the query fails, or takes too long or too much memory.
        """
        timer = Timer(self._seconds, self._con.interrupt)
        timer.start()
        try:
            self._con.execute(f"create or replace table {quoted(relation)} as {query}")
        except duckdb.Error as error:
            if isinstance(error, duckdb.InterruptException):
                minutes = f"{self._seconds / 60:.0f} minute{'s' if self._seconds > 60 else ''}"
                raise StatementError(f"it takes more than {minutes} (statement_minutes)", None) from None
            message, line = sentence(error, written or query)
            raise StatementError(message, line if written else None) from None
        finally:
            timer.cancel()

    def check_names(self, query: str) -> None:
        """Find out whether the query's tables and columns are there, before it is run.

        Raises:
            StatementError: one is not.
        """
        try:
            self._con.execute(f"explain {query}")
        except duckdb.Error as error:
            raise StatementError(*sentence(error, query)) from None

    def stream(self, query: str) -> Iterator[pl.DataFrame]:
        """The rows that a query of ours gives, some at a time."""
        own = self._con.cursor()
        try:
            for batch in own.execute(query).to_arrow_reader(BLOCK_ROWS):
                if batch.num_rows:
                    frame = pl.from_arrow(batch)
                    assert isinstance(frame, pl.DataFrame)
                    yield frame
        finally:
            own.close()


class RawRelation:
    """Rows of one or more files as a table of text; files of several headings are put under each other by heading."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace, self._name = workspace, name
        self._table = rows_of(name)
        self._by_fold: dict[str, str] = {}
        self._numbers: list[int] = []
        workspace._con.execute(f"create table {quoted(self._table)} (_t integer, _row bigint)")

    @contextmanager
    def file(self, name: str, headings: Sequence[str]) -> Iterator[FileRows]:
        """Rows of one file or sheet."""
        number = len(self._workspace.files)
        self._workspace.files.append(name)
        self._workspace.relation_of.append(self._name)
        names = column_names(headings)
        self._workspace.headings.append(frozenset(map(fold, names)))
        self._numbers.append(number)
        columns = []
        for one in names:
            if fold(one) not in self._by_fold:
                self._by_fold[fold(one)] = one
                con = self._workspace._con
                con.execute(f"alter table {quoted(self._table)} add column {quoted(one)} varchar")
            columns.append(self._by_fold[fold(one)])
        yield FileRows(self._workspace, self._table, number, columns)

    def end(self, also: Sequence[str] = ()) -> None:
        """Let statements read it; ``also``: columns that are there, and empty, where no file has them."""
        for one in also:
            if fold(one) not in self._by_fold and not is_hidden(one):
                self._by_fold[fold(one)] = one
                self._workspace._con.execute(f"alter table {quoted(self._table)} add column {quoted(one)} varchar")
        files = "".join(f" when {one} then {literal(self._workspace.files[one])}" for one in self._numbers)
        file = f"case _t{files} end" if files else "null::varchar"
        columns = "".join(f"{quoted(one)}, " for one in self._by_fold.values())
        self._workspace._con.execute(
            f"create view {quoted(self._name)} as select {columns}{file} as _file, _row,"
            f" [{{'t': _t, 'r': _row}}] as _at from {quoted(self._table)}"
        )


class FileRows:
    """Takes the rows of one file, block by block."""

    def __init__(self, workspace: Workspace, table: str, number: int, columns: Sequence[str]) -> None:
        self._con, self._table, self.number = workspace._con, table, number
        self._columns = list(columns)

    def add(self, block: pl.DataFrame) -> None:
        """Add rows: ``_row`` and ``c0``, ``c1`` …"""
        into = "".join(f", {quoted(one)}" for one in self._columns)
        cells = "".join(f", c{index}" for index in range(len(self._columns)))
        arrow.load(
            self._con,
            f"insert into {quoted(self._table)} (_t, _row{into}) select {self.number}, _row{cells} from incoming",
            block.select("_row", *(f"c{index}" for index in range(len(self._columns)))),
        )

    def remove(self, rows: pl.Series | None = None) -> None:
        """Take the rows of those numbers out again; by default all of the file."""
        if rows is None:
            self._con.execute(f"delete from {quoted(self._table)} where _t = {self.number}")
        elif rows.len():
            arrow.load(
                self._con,
                f"delete from {quoted(self._table)} where _t = {self.number} and _row in (select _row from incoming)",
                pl.DataFrame({"_row": rows}),
            )


def rows_of(relation: str) -> str:
    """The table that holds the rows of a relation as they stand in its files."""
    return f"files of {relation}"


def refuse(name: str, error: StatementError) -> UsageError:
    """The sentence that names statement and line."""
    line = f", line {error.line}" if error.line else ""
    said = str(error)
    return UsageError(f"The source profile's statement {name}{line}: {said}{'' if said.endswith(('.', '?')) else '.'}")
