"""The Prefect flow ``quarterly-return``. Decorates and calls; no logic. The only module that imports Prefect.

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
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.blocks.system import Secret
from prefect.cache_policies import NO_CACHE

from pipelines.alerts.after_run import after_run, check_before_run
from pipelines.commands.console import at_the_edge, rows_read, say
from pipelines.credentials import BLOCK, Credentials, block_is_missing
from pipelines.errors import HclicError, PassingError
from pipelines.period import Quarter
from pipelines.private import keep_to_owner
from pipelines.run.database import RunDatabase
from pipelines.run.outcome import CLEAN, EXIT
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import OPTIONS, Option, Request
from pipelines.run.run import begin, conclude, next_steps, opened, perform, standing
from pipelines.run.steps import STEPS, Step
from pipelines.run.summary import counts_without_personal_data, summarise

DEFAULT_QUARTER = "quarter"
"""The option that a schedule leaves out: the last quarter that ended before the run started."""

LOGGED_EVERY = 180.0
"""Seconds between two lines in the log that say how many rows have been read."""

# As a warning, which a worker of Prefect keeps.
_LOG = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = [2.0, 10.0]
"""Waits before a step is tried again, where its fault can pass by itself."""


class RunStoppedError(HclicError):
    """A step could not be finished. Holds the kind and place of the fault, never a value from the data."""

    exit_code = 4


class ReturnNotCleanError(RunStoppedError):
    """The run came to its end, and its return is blocked or failed its own check."""


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
    )
    def perform_step(work: str) -> None:
        # The task may be in a process of its own.
        keep_to_owner()
        try:
            with RunDatabase(Path(work), rows_read(_LOG.warning, first=LOGGED_EVERY, every=LOGGED_EVERY)) as database:
                perform(database, [step])
        except HclicError:
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


def _parameter(option: Option) -> inspect.Parameter:
    """The option as Prefect takes it from a deployment: text or a switch."""
    kind: Any = option.kind if option.kind in (bool, int) else str
    is_required = option.is_required and option.name != DEFAULT_QUARTER
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if is_required else option.default,
        annotation=kind if is_required or option.default is not None else kind | None,
    )


def _with_options(function: Callable[..., str]) -> Callable[..., str]:
    """Give the function the options of a run as its parameters: Prefect reads names, kinds and descriptions there."""
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_parameter(option) for option in OPTIONS], return_annotation=str
    )
    described = "".join(f"        {option.name}: {option.help}\n" for option in OPTIONS)
    function.__doc__ = (function.__doc__ or "").replace("    Returns:", f"    Args:\n{described}\n    Returns:")
    return function


@flow(name="quarterly-return", persist_result=False, validate_parameters=True)
@_with_options
def quarterly_return(**given: Any) -> str:
    """Make the quarter's return; ``quarter`` defaults to the last one that ended before the run started.

    Returns:
        the result: clean, blocked or failed.
    """
    keep_to_owner()
    started = at_the_edge()
    given[DEFAULT_QUARTER] = given.get(DEFAULT_QUARTER) or str(Quarter.containing(started.date()).shift(-1))
    request = Request.read(given, started=started)
    check_before_run(request)
    with opened(request) as folder:
        if begin(folder, request, _credentials()):
            while names := _steps_to_do(folder.work):
                # One after the other: nobody waits for a run by night, and each task can then be a process of its own.
                for name in names:
                    TASKS[name](str(folder.work))
            ended = conclude(folder)
        else:
            ended = standing(folder)
    for line in after_run(request, at_the_edge()).lines:
        _LOG.warning(line)
    create_table_artifact(
        key="quarterly-return",
        table=counts_without_personal_data(ended.folder),
        description=f"{request.authority}, {request.quarter}: {ended.result}",
    )
    if ended.result != CLEAN:
        stopped = ReturnNotCleanError(
            f"The return of {request.authority} for {request.quarter} is {ended.result}: see the findings file."
        )
        stopped.exit_code = EXIT[ended.result]
        raise stopped from None
    return ended.result


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
    status = EXIT[CLEAN]
    try:
        quarterly_return(**given)
    except ReturnNotCleanError as error:
        sys.stderr.write(f"hclic: {error}\n")
        status = error.exit_code
    except HclicError as error:
        sys.stderr.write(f"hclic: {error}\n")
        return error.exit_code
    request = Request.read(given, started=at_the_edge())
    say(summarise(OutputFolder.of(request).final))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
