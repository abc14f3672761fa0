"""What the commands share at the edge: the clock, the terminal, and words read from it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pipelines.run.check import Checked

STEP_WORDS = {
    "extract": "reading the export",
    "link": "linking references",
    "validate": "validating",
    "freeze": "freezing the sections in the warehouse",
    "transform": "building the marts",
    "emit_return": "writing and recounting the return",
    "emit_tables": "computing the published tables",
    "emit_metrics": "computing local metrics",
    "finish": "writing findings and ledger",
}


def at_the_edge() -> datetime:
    """The time now: the one place where the clock is read."""
    return datetime.now(UTC)


def parse_day(text: str | None, option: str) -> date | None:
    """An ISO date of the command line.

    Raises:
        UsageError: not a date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is not a date. Write it like 2025-12-31.") from None


def parse_export(text: str) -> Path:
    """The export's path.

    Raises:
        UsageError: a database address, which this version does not read (and which must never hold a password).
    """
    if "://" in text:
        raise UsageError("The export is a file, a folder or a zip. A database address is not read by this version.")
    return Path(text)


def say(text: str) -> None:
    """Print to standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Shows the step at work when a terminal is attached; silent otherwise."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(STEP_WORDS.get(step, step))


def print_findings(checked: Checked, form: str) -> None:
    """Show findings without their values."""
    shown = checked.findings.drop("value")
    if form == "csv":
        say(shown.write_csv())
    elif form == "json":
        say(json.dumps(shown.to_dicts(), indent=2, ensure_ascii=False))
    else:
        say(checked.table())
