"""What the commands share at the edge: the clock, the terminal, and words read from it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.run.request import parse_day, parse_export

if TYPE_CHECKING:
    from pipelines.run.check import Checked

__all__ = ["at_the_edge", "parse_day", "parse_export", "print_findings", "progress", "say"]


def at_the_edge() -> datetime:
    """The time now: the one place where the clock is read."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """Print to standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Shows the step at work when a terminal is attached; silent otherwise."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield status.update


def print_findings(checked: Checked, form: str) -> None:
    """Show findings without their values."""
    shown = checked.shown
    if form == "csv":
        say(shown.write_csv())
    elif form == "json":
        say(json.dumps(shown.to_dicts(), indent=2, ensure_ascii=False))
    else:
        say(checked.table())
