"""The database of a run: one DuckDB file in the run's work folder that holds all it read and made.

Schema ``main`` holds what the run knows of itself: ``state`` (one row per name, as JSON), ``notice`` (one row per
sentence for the user), ``step_done`` (one row per step that is done), ``findings``, ``rule_states``,
``rows_set_aside``, ``reference_map`` and ``case_selection``. The editions of the cases have schemas of their own
(``pipelines.transform``). Names and dates of birth stand in it: mode 0600, in a folder
of mode 0700.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow, at_rest
from pipelines.at_rest import PRIVATE_FILE
from pipelines.errors import HeldError, InputError, is_held, went_away
from pipelines.extract.exports import Progress, no_progress
from pipelines.transform import RECORDED
from schemas.sections import SECTIONS

FILE = "run.duckdb"
OUTPUTS = "outputs"
CHECKPOINT_AT = "256MB"
"""What is committed is laid into the file's columns only when so much of it waits: that costs twice what the steps cost
that build facts, and most runs end before."""

MEMORY = "500MB"
"""What DuckDB keeps of the file in memory; the rest lies beside it in the work folder, at no cost that was measured."""
BEFORE_ALL_STEPS = -1

_OWN = (
    "create table if not exists main.state (name varchar primary key, value varchar not null)",
    "create table if not exists main.step_done (place integer primary key, step varchar not null)",
    "create table if not exists main.notice (step integer, place integer, words varchar, primary key (step, place))",
)


class StartAnew(Exception):  # noqa: N818 (nothing went wrong)
    """What the run read is no longer so: every step is to be done again."""


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return at_rest.connect(path)
    except at_rest.WrongKeyError:
        # Of a run that was stopped before the key was set or changed: it is made anew.
        for one in (path, path.with_name(f"{path.name}.wal")):
            one.unlink(missing_ok=True)
        return at_rest.connect(path)


class RunDatabase:
    """An open run database; use as a context manager. A step at work has one of its own, with a connection of its own.

    ``progress`` is told now and then which file of the export is read, and how many rows of it have been.

    Raises:
        HeldError: another program has it open.
        InputError: the file is damaged.
    """

    def __init__(self, folder: Path, progress: Progress = no_progress) -> None:
        self.folder, self.progress = folder, progress
        path = folder / FILE
        try:
            self._file = _opened(path)
        except duckdb.Error as error:
            if is_held(error):
                raise HeldError("Another run is at work in the same output folder. Wait until it has ended.") from None
            raise InputError(f"The file {FILE} of a stopped run is damaged. Remove {folder} and run again.") from None
        path.chmod(PRIVATE_FILE)
        self._file.execute("set enable_progress_bar = false")
        # Tens of thousands of rows: the threads of a query cost more than they bring.
        self._file.execute("set threads = 1")
        self._file.execute(f"set memory_limit = '{MEMORY}'")
        self._file.execute(f"set checkpoint_threshold = '{CHECKPOINT_AT}'")
        self._stands = self._numbers()
        self.con = at_rest.cursor(self._file)
        self.at_work: str | None = None
        self._place = BEFORE_ALL_STEPS
        for statement in _OWN:
            self.con.execute(statement)

    def __enter__(self) -> RunDatabase:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()
        self._file.close()

    @property
    def outputs(self) -> Path:
        """The folder into which the steps write, before it is put in place."""
        return self.folder / OUTPUTS

    def check_stands(self) -> None:
        """See that file and outputs are still those that were there when it was opened.

        What the system took away lives on in a process that has it open, and a folder that is written to again lacks
        what stood in it before.

        Raises:
            PassingError: they are not.
        """
        if self._numbers() != self._stands:
            raise went_away(self.folder)

    def _numbers(self) -> list[int | None]:
        return [path.stat().st_ino if path.exists() else None for path in (self.folder / FILE, self.outputs)]

    def get(self, name: str) -> Any:
        """What was put under the name; None if nothing was."""
        row = self.con.execute("select value from main.state where name = ?", [name]).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, **values: Any) -> None:
        """Keep values that JSON can hold, each under its name."""
        for name, value in values.items():
            self.con.execute("insert or replace into main.state values (?, ?)", [name, json.dumps(value, default=str)])

    def say(self, *sentences: str) -> None:
        """Keep sentences for the user; none holds a value of the data."""
        for words in sentences:
            self.con.execute(
                "insert into main.notice select ?, count(*), ? from main.notice where step = ?",
                [self._place, words, self._place],
            )

    def notices(self) -> list[str]:
        """The sentences for the user, in the order of the steps that said them."""
        rows = self.con.execute("select words from main.notice order by step, place").fetchall()
        return [words for (words,) in rows]

    def keep(self, table: str, rows: pl.DataFrame) -> None:
        """Keep the rows as ``main.<table>``, in place of those kept before."""
        arrow.load(self.con, f"create or replace table main.{table} as select * from incoming", rows)

    def rows(self, table: str, schema: str = "main") -> pl.DataFrame:
        """The rows of a table, in the order in which they were kept."""
        return self.con.execute(f"select * from {schema}.{table} order by rowid").pl()

    def count(self, query: str, *values: object) -> int:
        """The number that the query gives."""
        row = self.con.execute(query, list(values)).fetchone()
        assert row is not None
        return int(row[0])

    def sections(self) -> dict[str, pl.DataFrame]:
        """The nine sections as recorded, by name: one frame each, sorted by key."""
        return {section.name: self.rows(section.name, RECORDED) for section in SECTIONS}

    def done(self) -> list[str]:
        """Names of the steps that are done, in the order of the steps."""
        return [name for (name,) in self.con.execute("select step from main.step_done order by place").fetchall()]

    @contextmanager
    def step(self, name: str, place: int = 0) -> Iterator[RunDatabase]:
        """One step: what it keeps and the mark that it is done are committed together, or nothing is.

        The step, ``place`` among the steps, gets a connection of its own, so that none leans on what another left in
        one, and several can be at work at the same time.
        """
        own = copy(self)
        own.con, own.at_work, own._place = at_rest.cursor(self._file), name, place
        try:
            own.con.execute("begin")
            yield own
            own.con.execute("insert into main.step_done values (?, ?)", [place, name])
            own.con.execute("commit")
        finally:
            own.con.close()

    def leave_as_it_is(self) -> None:
        """Do not put the file in order when it is closed: all steps are done, and it is about to be removed."""
        self._file.execute("pragma disable_checkpoint_on_shutdown")

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection without a transaction, for a step that only reads what the steps before it have committed.

        DuckDB counts no rows in a table made in the open transaction, so that it joins such tables by nested loops.
        """
        con = at_rest.cursor(self._file)
        try:
            yield con
        finally:
            con.close()

    def start_anew(self) -> None:
        """Count no step as done, and forget what was said: what the steps made is made again."""
        self.con.execute("begin")
        self.con.execute("delete from main.step_done")
        self.con.execute("delete from main.notice")
        self.con.execute("commit")
