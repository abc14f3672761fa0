"""The warehouse: whether it opens, its layout, its ledger, and what runs that were killed have left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from pipelines import at_rest
from pipelines.errors import HclicError, is_held
from pipelines.private import WORK
from pipelines.run.lock import REPLACING, is_at_work
from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning
from pipelines.warehouse import chain, layouts
from pipelines.warehouse.files import COPY_SUFFIX
from pipelines.warehouse.store import RUNNING

ABOUT = "warehouse"
OLD_BACKUP = timedelta(days=35)
"""A backup that is older than a month, by a few days, is told."""


def look(machine: Machine) -> Iterator[Line]:
    """What stands in the file first, then what stands beside it."""
    at_work = is_at_work(machine.warehouse)
    if at_work:
        yield ok(ABOUT, "A run is at work: what it has under way is not looked at.")
    yield from _file(machine, at_work=at_work)
    if not at_work:
        yield from _left_over(machine)


def _file(machine: Machine, *, at_work: bool) -> Iterator[Line]:
    path = machine.warehouse
    if not path.is_file():
        yield ok(ABOUT, f"There is no warehouse at {path} yet: the first run makes it.")
        return
    try:
        # Opened as it is: a look migrates nothing.
        con = at_rest.connect(path, read_only=True)
    except HclicError as error:
        yield fault(ABOUT, str(error), "Without its key an encrypted warehouse cannot be opened by anybody.")
        return
    except duckdb.Error as error:
        yield _not_opened(error, at_work=at_work)
        return
    with con:
        try:
            number = layouts.layout_of(con)
            if number is None:
                yield fault(ABOUT, "The file holds no warehouse.", "Name that of the runs with --warehouse.")
                return
            layouts.check_is_known(number)
        except HclicError as error:
            yield fault(ABOUT, str(error), "Name the warehouse of the runs with --warehouse, or go back to a backup.")
            return
        if number != layouts.NEWEST:
            words = f"It is of layout {number}; the next command brings it to {layouts.NEWEST}, with a copy beside it."
            yield warning(ABOUT, words, "Back it up first (docs: operations, a newer version of hclic).")
            return
        yield ok(ABOUT, f"It opens, and is of the newest layout, {number}.")
        if not at_work:
            yield from _marked_running(con)
        yield _chain(con)
        yield _backup(con, machine.now)


def _not_opened(error: duckdb.Error, *, at_work: bool) -> Line:
    if is_held(error):
        words = "Another program holds the warehouse."
        return ok(ABOUT, words) if at_work else warning(ABOUT, words, "Close it, and look again.")
    return fault(ABOUT, "The file cannot be opened: it is not a warehouse, or is damaged.", "Restore the last backup.")


def _marked_running(con: duckdb.DuckDBPyConnection) -> Iterator[Line]:
    row = con.execute("select count(*) from runs where result = ?", [RUNNING]).fetchone()
    if row and row[0]:
        words = f"{row[0]} {'run is' if row[0] == 1 else 'runs are'} marked as running, and none is at work: stopped."
        yield warning(ABOUT, words, "Give the same command again: it goes on where it stopped.")


def _chain(con: duckdb.DuckDBPyConnection) -> Line:
    faults = chain.verify(con)
    if faults:
        words = f"The ledger does not hold: {faults[0].words}"
        todo = "See hclic ledger verify; find out who changed the file, and restore a backup."
        return fault("ledger", words, todo)
    lines = sum(1 for _ in chain.lines(con))
    return ok("ledger", f"{lines:,} {'line' if lines == 1 else 'lines'}, each of which follows the one before it.")


def _backup(con: duckdb.DuckDBPyConnection, now: datetime) -> Line:
    made = [datetime.fromisoformat(line.made_at) for line in chain.lines(con) if line.kind == "backup" and line.made_at]
    if not made:
        return warning("backup", "The ledger knows of no backup.", "Make one with hclic backup, or by your own means.")
    days = (now - max(made).astimezone(now.tzinfo)).days
    words = f"The last backup in the ledger is {days} {'day' if days == 1 else 'days'} old."
    return warning("backup", words, "Make one: hclic backup.") if days > OLD_BACKUP.days else ok("backup", words)


def _left_over(machine: Machine) -> Iterator[Line]:
    found = sorted(path.name for path in _leftovers(machine.warehouse, machine.out))
    if not found:
        yield ok("left over", "Nothing of a run that was stopped is left.")
        return
    shown = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
    yield warning(
        "left over",
        f"Of runs that were stopped there is left: {shown}. It holds personal data.",
        "Give the command that was stopped again: it goes on, and clears up.",
    )


def _leftovers(warehouse: Path, out: Path) -> Iterator[Path]:
    name, beside = warehouse.name, warehouse.parent
    for one in (f".{name}.copying", f".{name}{REPLACING}", f"{name}{COPY_SUFFIX}", f"{name}.tmp", f"{name}.wal", WORK):
        if (beside / one).exists():
            yield beside / one
    if out.is_dir():
        for pattern in ("*/.*.new", "*/.*.old"):
            yield from out.glob(pattern)
