"""What the commands share at the edge: the clock, the terminal, and words read from it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.run.request import parse_day, parse_export

if TYPE_CHECKING:
    from pipelines.run.check import Checked

__all__ = ["at_the_edge", "complain", "parse_day", "parse_export", "print_findings", "progress", "rows_read", "say"]


FIRST_SHOWN, EVERY = 2.0, 1.0
"""Seconds until the rows read are shown, and between two times: most exports are read by then."""


def at_the_edge() -> datetime:
    """The time now: the one place where the clock is read."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """Print to standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def complain(text: str) -> None:
    """Print to standard error."""
    sys.stderr.write(text.rstrip("\n") + "\n")


@contextmanager
def progress(*, at_once: bool = True) -> Iterator[Callable[[str], None]]:
    """Shows what is at work when a terminal is attached, or only once there is something to say; silent otherwise."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    if at_once:
        from rich.console import Console

        with Console(stderr=True).status("starting") as status:
            yield status.update
        return
    with ExitStack() as held:
        shown: list[Callable[[str], None]] = []

        def show(words: str) -> None:
            if not shown:
                shown.append(held.enter_context(progress()))
            shown[0](words)

        yield show


def rows_read(
    show: Callable[[str], None],
    *,
    first: float = FIRST_SHOWN,
    every: float = EVERY,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[str, int], None]:
    """Shows how many rows of a file have been read: from the second ``first`` on, and not again within ``every``."""
    next_at = clock() + first

    def tell(name: str, rows: int) -> None:
        nonlocal next_at
        if (now := clock()) >= next_at:
            next_at = now + every
            show(f"{name}: {rows:,} rows read")

    return tell


def print_findings(checked: Checked, form: str) -> None:
    """Show findings without their values."""
    shown = checked.shown
    if form == "csv":
        say(shown.write_csv())
    elif form == "json":
        say(json.dumps(shown.to_dicts(), indent=2, ensure_ascii=False))
    else:
        say(checked.table())
