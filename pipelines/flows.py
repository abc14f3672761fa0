"""The Prefect flow ``quarterly-return``. Decorates and calls; no logic. The only module that imports Prefect.

Tasks take the id under which a run is held, never frames: Prefect stores parameters, state messages and tracebacks.
"""

from __future__ import annotations

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
# Run by hand, the sentence at the end is enough; a worker's log keeps Prefect's warnings and errors.
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL" if __name__ == "__main__" else "WARNING")

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pipelines.commands.console import at_the_edge, parse_day, parse_export, say
from pipelines.errors import HclicError, UsageError
from pipelines.period import Quarter
from pipelines.run.run import EXIT, Request, Run
from pipelines.run.summary import counts_without_personal_data, summarise

_RUNS: dict[str, Run] = {}


class RunStoppedError(HclicError):
    """A step could not be finished. Holds the kind and place of the fault, never a value from the data."""

    exit_code = 4


def _step(method: str, **options: Any) -> Callable[[str], None]:
    @task(name=method.replace("_", "-"), cache_policy=NO_CACHE, persist_result=False, **options)
    def step(key: str) -> None:
        try:
            getattr(_RUNS[key], method)()
        except HclicError:
            raise
        except Exception as error:
            raise RunStoppedError(f"The step {method} stopped ({type(error).__name__}).") from None

    return step


extract = _step("extract", retries=2, retry_delay_seconds=[2, 10])
link = _step("link")
validate = _step("validate")
freeze = _step("freeze")
transform = _step("transform")
emit_return = _step("emit_return")
emit_tables = _step("emit_tables")
emit_metrics = _step("emit_metrics")
finish = _step("finish")


@flow(name="quarterly-return", persist_result=False, validate_parameters=True)
def quarterly_return(
    export: str,
    authority: str,
    source: str,
    out: str,
    quarter: str | None = None,
    as_at: str | None = None,
    return_profile: str = "provisional",
    waivers: str | None = None,
    warehouse: str | None = None,
    personal: bool = False,
    published: str | None = None,
    note: str | None = None,
    show: bool = False,
) -> str:
    """Make the quarter's return; ``quarter`` defaults to the last one that ended before the run started.

    Returns:
        the result: clean, blocked or failed.
    """
    started = at_the_edge()
    chosen = Quarter.parse(quarter) if quarter else Quarter.containing(started.date()).shift(-1)
    day: date | None = parse_day(as_at, "as_at")
    request = Request(
        export=parse_export(export),
        authority=authority,
        quarter=chosen,
        source=source,
        out=Path(out),
        started=started,
        as_at=day,
        return_profile=return_profile,
        waivers=Path(waivers) if waivers else None,
        warehouse=Path(warehouse) if warehouse else None,
        personal=personal,
        published=Path(published) if published else None,
        notes=(note,) if note else (),
    )
    run = Run(request)
    key = f"{authority}-{chosen}-{started:%Y%m%d%H%M%S%f}"
    _RUNS[key] = run
    try:
        for step in (extract, link, validate, freeze, transform, emit_return, emit_tables, emit_metrics, finish):
            step(key)
        create_table_artifact(
            key="quarterly-return",
            table=counts_without_personal_data(run),
            description=f"{authority}, {chosen}: {run.result}",
        )
        if show:
            say(summarise(run))
        if run.result != "clean":
            stopped = RunStoppedError(f"The return of {authority} for {chosen} is {run.result}: see the findings file.")
            stopped.exit_code = EXIT[run.result]
            raise stopped from None
        return run.result
    finally:
        run.close()
        del _RUNS[key]


def main(arguments: list[str]) -> int:
    """Run the flow once from the command line, as ``make run`` does; returns the exit status of design §7."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.flows", description=quarterly_return.description)
    parser.add_argument("export")
    for name in ("authority", "quarter", "source", "out"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("as-at", "waivers", "warehouse", "published", "note"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--return-profile", default="provisional")
    parser.add_argument("--personal", action="store_true")
    given = vars(parser.parse_args(arguments))
    try:
        quarterly_return(**given, show=True)
    except (HclicError, UsageError) as error:
        sys.stderr.write(f"hclic: {error}\n")
        return error.exit_code
    return EXIT["clean"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
