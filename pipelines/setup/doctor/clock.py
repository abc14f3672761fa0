"""The clock, and the time zones that schedules are written in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning

ZONE = "Europe/London"
AHEAD = timedelta(minutes=5)
"""How far a file may lie ahead of the clock: clocks of file servers differ a little."""


def look(machine: Machine) -> Iterator[Line]:
    """The clock is not behind what was written before, and the UK's time is known."""
    newest = max((_written(path) for path in (machine.warehouse, machine.out, Path(__file__))), default=machine.now)
    if newest > machine.now + AHEAD:
        yield fault(
            "clock",
            f"The clock says {machine.now:%Y-%m-%d %H:%M} UTC, and files here were written later than that.",
            "Set the clock of this machine by a time server before the next run.",
        )
    else:
        yield ok("clock", f"The clock says {machine.now:%Y-%m-%d %H:%M} UTC.")
    try:
        london = machine.now.astimezone(ZoneInfo(ZONE))
    except ZoneInfoNotFoundError:
        yield fault("time zone", f"The time zone {ZONE} is not known here.", "Install the package tzdata.")
        return
    if machine.now.astimezone().utcoffset() != london.utcoffset():
        yield warning(
            "time zone",
            f"This machine does not keep UK time, in which it is {london:%H:%M}.",
            f"Schedules of hclic deploy are in {ZONE} and right; those of cron or a timer must say so themselves.",
        )
    else:
        yield ok("time zone", "This machine keeps UK time.")


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)
