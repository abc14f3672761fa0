"""How a run ended, for whoever was not there: a name, one sentence and an exit status. No value from the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import HclicError
from pipelines.run.frozen import frozen_for
from pipelines.run.outcome import BLOCKED, CLEAN, EXIT, FAILED
from pipelines.run.request import CHECK, METRICS, Request
from pipelines.run.run import Ended
from pipelines.run.summary import ledger_in


@dataclass(frozen=True)
class Ending:
    """``name``: Clean, Signed off, Blocked, Failed or Timed out, the state of the run wherever it is shown."""

    name: str
    sentence: str
    exit_code: int
    folder: Path | None = None
    """Where the outputs stand, among them a ledger that says the same; None where none were made."""

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything about it."""
        return self.exit_code == EXIT[CLEAN]


def signed_off_already(request: Request) -> Ending | None:
    """The end of a run that is only wanted until its quarter is signed off, where that has happened.

    Raises:
        InputError: the warehouse cannot be read.
    """
    if not request.until_signed_off or frozen_for(request) is None:
        return None
    said = f"The return of {_whose(request)} is signed off already: there is nothing to make."
    return Ending("Signed off", said, EXIT[CLEAN])


def of_run(request: Request, ended: Ended) -> Ending:
    """The end of a run whose outputs are in their place."""
    whose, code = _whose(request), EXIT[ended.result]
    if ended.result == CLEAN:
        said = {
            None: f"The return of {whose} is written and checked.",
            CHECK: f"The cases of {whose} are checked, and nothing blocks the return.",
            METRICS: f"The metrics and pages of {whose} are written, and nothing blocks the return.",
        }
        return Ending("Clean", said[request.only], code, ended.folder)
    if ended.result == BLOCKED:
        found = ledger_in(ended.folder)["findings"]
        where = "the findings of nightly-check" if request.only == METRICS else ended.folder / "findings"
        return Ending(
            "Blocked", f"{_blocking(found['blocking'])} the return of {whose}: see {where}.", code, ended.folder
        )
    where = ended.folder / "ledger.json"
    return Ending("Failed", f"The return of {whose} failed its own check: see return_problems in {where}.", code)


def of_error(error: BaseException) -> Ending:
    """The end of a run that was stopped by an error; of one that nobody foresaw only the kind is said."""
    if isinstance(error, HclicError):
        return Ending("Failed", str(error), error.exit_code)
    said = f"The run stopped for an unforeseen fault ({type(error).__name__}). Please report this line."
    return Ending("Failed", said, EXIT[FAILED])


def of_time(what: str, minutes: float) -> Ending:
    """The end of a run that took too long, or of which a step did."""
    said = (
        f"{what} did not end within {minutes:g} minutes and was stopped, and what it had begun was cleared away:"
        " outputs and warehouse are as they were or as a whole step left them."
    )
    return Ending("Timed out", said, EXIT[FAILED])


def _blocking(errors: int) -> str:
    if not errors:
        return "Rules that could not be run block"
    return "1 error blocks" if errors == 1 else f"{errors:,} errors block"


def _whose(request: Request) -> str:
    return f"{request.authority} for {request.quarter.words}"
