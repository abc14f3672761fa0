"""The Prefect flows ``nightly-check``, ``quarterly-return`` and ``weekly-metrics``. Decorates and calls; no logic.

Tasks take the folder of a run, never frames: Prefect stores parameters, state messages and tracebacks. What a
step needs of those before it stands in the run database there, so each task could run in a process of its own.
"""

from __future__ import annotations

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
# Run by hand, the sentence at the end is enough; a worker's log keeps Prefect's warnings and errors.
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL" if __name__ == "__main__" else "WARNING")

import argparse
import inspect
import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import Flow, State, flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.blocks.system import Secret
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed
from prefect.utilities.timeout import timeout

from pipelines.alerts.after_run import after_run, check_before_run
from pipelines.commands.console import at_the_edge, complain, rows_read, say
from pipelines.credentials import BLOCK, Credentials, block_is_missing
from pipelines.errors import HclicError, PassingError
from pipelines.private import keep_to_owner
from pipelines.run import ending
from pipelines.run.database import RunDatabase
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import OPTIONS, Option, Request, parse_minutes
from pipelines.run.run import Ended, begin, conclude, next_steps, opened, perform, standing
from pipelines.run.steps import STEPS, Step
from pipelines.run.summary import counts_without_personal_data, places_without_personal_data, summarise
from pipelines.schedules.deployed import NIGHTLY_CHECK, QUARTERLY_RETURN, WEEKLY_METRICS, Deployed

SECONDS_A_MINUTE = 60.0
STEP_MINUTES = 90
"""Minutes after which a step is stopped."""

LOGGED_EVERY = 180.0
"""Seconds between two lines in the log that say how many rows have been read."""

# As a warning, which a worker of Prefect keeps.
_LOG = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = [2.0, 10.0]
"""Waits before a step is tried again, where its fault can pass by itself."""


class RunStoppedError(HclicError):
    """A run or a step that could not be finished. Holds a sentence about it, never a value from the data."""

    exit_code = 4


class RunEndedError(RunStoppedError):
    """A run that did not end well, met by whoever calls the flow as a function."""

    def __init__(self, ended: ending.Ending) -> None:
        super().__init__(ended.sentence)
        self.ended, self.exit_code = ended, ended.exit_code


class StepTimedOutError(TimeoutError):
    """A step that took longer than any may; holds its name."""


class RunTimedOutError(TimeoutError):
    """A run that took longer than it may."""


def _can_pass(task: Any, task_run: Any, state: Any) -> bool:
    """Whether a step that failed is worth another try: a file that is not there will not come by waiting."""
    # Asked for at once: in a thread that has an event loop, Prefect would answer with a coroutine otherwise.
    return isinstance(state.result(raise_on_failure=False, _sync=True), PassingError)


def _task(step: Step) -> Callable[[str], None]:
    @task(
        name=step.name.replace("_", "-"),
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(RETRY_AFTER_SECONDS),
        retry_delay_seconds=RETRY_AFTER_SECONDS,
        retry_condition_fn=_can_pass,
        timeout_seconds=STEP_MINUTES * SECONDS_A_MINUTE,
    )
    def perform_step(work: str) -> None:
        # The task may be in a process of its own.
        keep_to_owner()
        try:
            with RunDatabase(Path(work), rows_read(_LOG.warning, first=LOGGED_EVERY, every=LOGGED_EVERY)) as database:
                perform(database, [step])
        except (HclicError, TimeoutError):
            raise
        except Exception as error:
            raise RunStoppedError(f"The step {step.name} stopped ({type(error).__name__}).") from None

    return perform_step


TASKS = {step.name: _task(step) for step in STEPS}


def _credentials() -> Credentials | None:
    """Who asks a database, where a Prefect block says so. It is handed on and kept nowhere: tasks read files."""
    name = os.environ.get(BLOCK)
    if not name:
        return None
    try:
        block: Any = Secret.load(name)
        held = block.get()
    except Exception:
        raise block_is_missing(name) from None
    return Credentials.from_block(held, os.environ)


def _steps_to_do(work: Path) -> list[str]:
    with RunDatabase(work) as database:
        return [step.name for step in next_steps(database)]


def _through_the_steps(folder: OutputFolder) -> None:
    while names := _steps_to_do(folder.work):
        # One after the other: nobody waits for a run by night, and each task can then be a process of its own.
        for name in names:
            try:
                TASKS[name](str(folder.work))
            except TimeoutError:
                raise StepTimedOutError(name) from None


def _run(request: Request, minutes: float) -> Ended:
    """The run, stopped after so many minutes; what it had begun is then cleared away, since it is personal data."""
    with timeout(minutes * SECONDS_A_MINUTE, RunTimedOutError), opened(request) as folder:
        try:
            if not begin(folder, request, _credentials()):
                return standing(folder)
            _through_the_steps(folder)
            return conclude(folder)
        except BaseException as error:
            if isinstance(error, StepTimedOutError) or not isinstance(error, Exception):
                folder.discard()
            raise


def _told(what: Deployed, request: Request, ended: Ended) -> None:
    """Alerts, and what Prefect's page shows of the run: counts, and where its outputs stand."""
    for line in after_run(request, at_the_edge()).lines:
        _LOG.warning(line)
    title = f"{what.title}, {request.authority}, {request.quarter}: {ended.result}"
    try:
        create_table_artifact(key=what.name, table=counts_without_personal_data(ended.folder), description=title)
        create_markdown_artifact(
            key=f"{what.name}-outputs", markdown=places_without_personal_data(ended.folder), description=title
        )
    except Exception as error:
        # The outputs are in their place: whether Prefect shows them makes the run no other.
        _LOG.warning("The artifacts could not be kept (%s).", type(error).__name__)


def _ending(what: Deployed, given: dict[str, Any]) -> ending.Ending:
    minutes = given.pop(MINUTES.name)
    try:
        request = Request.read({**given, "only": what.only}, started=at_the_edge())
        check_before_run(request)
        if ended_before := ending.signed_off_already(request):
            return ended_before
        ended = _run(request, minutes)
        _told(what, request, ended)
        return ending.of_run(request, ended)
    except StepTimedOutError as error:
        return ending.of_time(f"The step {error}", STEP_MINUTES)
    except RunTimedOutError:
        return ending.of_time("The run", minutes)
    except Exception as error:
        return ending.of_error(error)


def _state(ended: ending.Ending) -> State[Any]:
    """The run's own end as Prefect's, by name; who calls the flow as a function meets what stopped it."""
    if ended.is_well:
        return Completed(name=ended.name, message=ended.sentence, data=ended)
    return Failed(name=ended.name, message=ended.sentence, data=RunEndedError(ended))


MINUTES = Option(
    name="minutes",
    help="Minutes after which the run is stopped, and what it had begun is cleared away.",
    kind=int,
    read=parse_minutes,
    default=QUARTERLY_RETURN.minutes,
    is_required=False,
    metavar=None,
)


def options_of(what: Deployed) -> list[Option]:
    """The options of a run that a flow leaves open, with its own defaults, and after how long it is stopped."""
    own = {"quarter": what.quarter, "until_signed_off": what.until_signed_off}
    of_a_return = () if what.until_signed_off else ("until_signed_off", "revision")
    kept = [one for one in OPTIONS if one.name not in ("only", *of_a_return)]
    made = [replace(one, default=own[one.name], is_required=False) if one.name in own else one for one in kept]
    return [*made, replace(MINUTES, default=what.minutes)]


def _parameter(option: Option) -> inspect.Parameter:
    """The option as Prefect takes it from a deployment: text, a number or a switch."""
    kind: Any = option.kind if option.kind in (bool, int) else str
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if option.is_required else option.default,
        annotation=kind if option.is_required or option.default is not None else kind | None,
    )


def _flow(what: Deployed) -> Flow[..., Any]:
    """The flow of a deployment. Prefect reads names, kinds and descriptions of its parameters from the function."""

    def make(**given: Any) -> State[Any]:
        keep_to_owner()
        return _state(_ending(what, given))

    options = options_of(what)
    make.__name__ = make.__qualname__ = what.flow
    make.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_parameter(option) for option in options], return_annotation=str
    )
    make.__doc__ = f"{what.does}\n\nArgs:\n" + "".join(f"    {option.name}: {option.help}\n" for option in options)
    return flow(name=what.name, description=what.does, persist_result=False, validate_parameters=True)(make)


nightly_check = _flow(NIGHTLY_CHECK)
quarterly_return = _flow(QUARTERLY_RETURN)
weekly_metrics = _flow(WEEKLY_METRICS)
FLOWS = {
    what.only: made
    for what, made in (
        (NIGHTLY_CHECK, nightly_check),
        (QUARTERLY_RETURN, quarterly_return),
        (WEEKLY_METRICS, weekly_metrics),
    )
}


def parser() -> argparse.ArgumentParser:
    """The options of a run by hand: those of the request."""
    options = argparse.ArgumentParser(prog="python -m pipelines.flows", description="Make the quarter's return.")
    for option in OPTIONS:
        if option.name == "export":
            options.add_argument(option.name, help=option.help)
        elif option.kind is bool:
            action = argparse.BooleanOptionalAction if option.default else "store_true"
            flag = option.flag.partition("/")[0]
            options.add_argument(flag, action=action, default=option.default, help=option.help)
        else:
            options.add_argument(option.flag, required=option.is_required, default=option.default, help=option.help)
    return options


def main(arguments: list[str]) -> int:
    """Run the flow once from the command line, as ``make run`` does; returns the exit status of design §7."""
    given = vars(parser().parse_args(arguments))
    made = FLOWS[given["only"]]
    try:
        ended = made(**{name: given[name] for name in made.parameters.properties if name in given})
    except RunEndedError as error:
        ended = error.ended
    if not ended.is_well:
        complain(f"hclic: {ended.sentence}")
    elif ended.folder is None:
        say(ended.sentence)
    if ended.folder is not None:
        say(summarise(ended.folder))
    return ended.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
