"""How a fleet gets on: a line that moves on a terminal, a line a run elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pipelines.commands.console import complain
from pipelines.fleet.manifest import Row
from pipelines.fleet.one import Outcome

OF_EACH = 300_000
"""Bytes of an export that cost about as much as a run costs whatever its cases: for the time that is left."""


class Progress:
    """Counts what has ended, knows who is at work in which step, and reckons how long the rest takes."""

    def __init__(
        self,
        rows: Sequence[Row],
        line: Callable[[str], None],
        status: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._weights = {row.key: OF_EACH + (row.size or 0) for row in rows}
        self._line, self._status, self._clock = line, status, clock
        self._steps: dict[str, str] = {}
        self._done, self._done_weight, self._began = 0, 0, 0.0

    def begun(self, row: Row) -> None:
        """A run is handed to a worker."""
        self._began = self._began or self._clock()
        self._steps[row.key] = "starting"
        self.looking()

    def step(self, key: str, words: str) -> None:
        """A worker begins a step of a run."""
        if key in self._steps:
            self._steps[key] = words

    def ended(self, outcome: Outcome) -> None:
        """A run has ended."""
        self._steps.pop(outcome.key, None)
        self._done += 1
        self._done_weight += self._weights[outcome.key]
        made = "unchanged" if outcome.is_unchanged else f"{outcome.seconds:.1f} s"
        self._line(f"{self._counted}  {outcome.key}  {outcome.result}, {made}{self._left()}")
        self.looking()

    def looking(self) -> None:
        """Time has passed."""
        steps = "; ".join(f"{key.partition(' ')[0]} {words}" for key, words in list(self._steps.items()))
        self._status(f"{self._counted} done{self._left()}  {steps}")

    @property
    def _counted(self) -> str:
        return f"{self._done:,} of {len(self._weights):,}"

    def _left(self) -> str:
        """The time left, by the bytes of the exports done so far."""
        rest = sum(self._weights.values()) - self._done_weight
        if not self._done_weight or not rest:
            return ""
        seconds = (self._clock() - self._began) * rest / self._done_weight
        return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} min left"


@contextmanager
def progress(rows: Sequence[Row]) -> Iterator[Progress]:
    """Progress on standard error: what is at work only on a terminal."""
    if not sys.stderr.isatty():
        yield Progress(rows, complain, lambda words: None, time.monotonic)
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting the workers") as status:
        yield Progress(rows, lambda line: console.print(line, highlight=False), status.update, time.monotonic)
