"""One authority's run, in whatever process it is: from its options to what is said of it. Nothing of it is a value."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.alerts.after_run import after_run, check_before_run
from pipelines.errors import StoppedBySignal
from pipelines.run import ending
from pipelines.run.request import Request
from pipelines.run.run import make, opened
from pipelines.run.steps import Step
from pipelines.run.summary import ledger_in
from pipelines.surroundings import told, told_of_memory

CLEAN, BLOCKED, FAILED, REFUSED, STOPPED = "clean", "blocked", "failed", "refused", "stopped"
RESULTS = (FAILED, REFUSED, STOPPED, BLOCKED, CLEAN)
"""How a run of a fleet can end, what needs somebody first."""

KILLED = 3
"""Exit status of a run whose process the system ended, as a command's own."""
NOT_ENDED = 3
"""That of a run that was not ended, or not begun, because the command was stopped."""

_BY_EXIT = {0: CLEAN, 1: BLOCKED, 2: REFUSED}
_MEGABYTE = 1 << 20
_PEAK, _RESET_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Outcome:
    """How one run of a fleet ended: counts and a sentence, no value of the data. Small, and moves between machines."""

    authority: str
    quarter: str
    result: str
    """``clean``, ``blocked``, ``failed``, ``refused`` (its options cannot be used) or ``stopped``."""
    exit_code: int
    """Exit status of design §7, as ``hclic run`` would have it."""
    sentence: str
    is_unchanged: bool = False
    """Whether its outputs stood there already, byte for byte, and nothing was made."""
    cases: int | None = None
    """Cases in the export; None where no outputs were made."""
    in_return: int | None = None
    """Those that belong to the quarter's return."""
    errors: int | None = None
    """Error findings that block."""
    warnings: int | None = None
    seconds: float = 0.0
    peak_mb: int | None = None
    """Most memory that its process held during the run, in MiB; None where the system does not say."""
    tries: int = 1
    """How often it was begun: twice where the first process was ended by the system."""

    @property
    def key(self) -> str:
        """What the run is known by within the fleet."""
        return f"{self.authority} {self.quarter}"


def run_one(
    options: Mapping[str, Any], *, started: datetime, before: Callable[[Step], None] = lambda step: None
) -> Outcome:
    """Make the run, as ``hclic run`` does; whatever goes wrong is in the outcome.

    Args:
        options: as ``Request.read`` takes them, with authority and quarter as the manifest has them.
        started: the time at which this run began.
        before: called before each step.

    Raises:
        StoppedBySignal, KeyboardInterrupt, SystemExit: somebody told the process to stop.
    """
    began = time.perf_counter()
    with _peak() as peak:
        try:
            ended, unchanged, said = _made(options, started, before)
        except (StoppedBySignal, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic inside polars is no Exception
            ended, unchanged, said = _ended_by(error), False, ()
    book = ledger_in(ended.folder) if ended.folder is not None else None
    return Outcome(
        authority=str(options["authority"]),
        quarter=str(options["quarter"]),
        result=_BY_EXIT.get(ended.exit_code, FAILED),
        exit_code=ended.exit_code,
        sentence=" ".join([ended.sentence, *said]),
        is_unchanged=unchanged,
        **_counts(book),
        seconds=time.perf_counter() - began,
        peak_mb=peak(),
    )


def clear(options: Mapping[str, Any], *, started: datetime) -> None:
    """Take away what a run left in its work folder whose process was ended on purpose: it holds personal data.

    A run that is at work all the same keeps what it has.
    """
    with suppress(_Cleared, Exception), opened(Request.read({**options, "wait": "0"}, started=started)):
        raise _Cleared


class _Cleared(BaseException):
    """Leaves ``opened`` as a signal to stop would, which clears."""


def _made(
    options: Mapping[str, Any], started: datetime, before: Callable[[Step], None]
) -> tuple[ending.Ending, bool, tuple[str, ...]]:
    """How it ended, whether all stood there before, and what is said of alerts that were not sent."""
    request = Request.read(options, started=started)
    check_before_run(request)
    if (ended_before := ending.signed_off_already(request)) is not None:
        return ended_before, True, ()
    made = make(request, before=before)
    sent = after_run(request, started)
    return ending.of_run(request, made), made.is_unchanged, tuple(sent.lines) if sent.failed else ()


def _ended_by(error: BaseException) -> ending.Ending:
    return ending.of_error(told(error) or (None if isinstance(error, Exception) else told_of_memory()) or error)


def _counts(book: Mapping[str, Any] | None) -> dict[str, Any]:
    if book is None:
        return {}
    return {
        "cases": book["cases"]["in_export"],
        "in_return": book["cases"]["in_return"],
        "errors": book["findings"]["blocking"],
        "warnings": book["findings"]["warnings"],
    }


@contextmanager
def _peak() -> Iterator[Callable[[], int | None]]:
    """Gives what asks, after the block, how much memory the process held at most within it."""
    with suppress(OSError):
        _RESET_PEAK.write_text("5")
    yield _most_held


def _most_held() -> int | None:
    try:
        lines = _PEAK.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 // _MEGABYTE for line in lines if line.startswith("VmHWM")), None)
