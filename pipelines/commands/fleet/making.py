"""What ``hclic fleet run`` does once its manifest is read: start the workers, show how they get on, sum up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from pipelines.commands.console import at_the_edge, complain, say
from pipelines.commands.fleet.progress import progress
from pipelines.errors import UsageError
from pipelines.fleet.manifest import Row, is_shared_file
from pipelines.fleet.one import clear
from pipelines.fleet.summary import exit_status, screen, write
from pipelines.run.ledger import software_version

MISSING = "Many authorities are run with an extra that is not installed: pip install 'hclic[fleet]'."
OF_THE_EXTRA = frozenset({"dask", "distributed"})
ONE_BY_ONE = (
    "All write one DuckDB file, so one run goes after the other. Without --warehouse each authority has a file of its"
    " own and they run side by side; a DuckLake (docs/fleet.md) lets them share one warehouse."
)


def make_fleet(
    rows: Sequence[Row], *, manifest: str, out: Path, warehouse: str | None, scheduler: str | None, workers: int | None
) -> int:
    """Make all runs and write what became of them; the exit status of the command.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        from pipelines.fanout.flow import Fleet, run_fleet
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in OF_THE_EXTRA:
            raise
        raise UsageError(MISSING) from None
    from pipelines.fanout.loop import not_ended

    if is_shared_file(warehouse):
        complain(ONE_BY_ONE)
        workers = 1
    began = time.monotonic()
    with progress(rows) as telling:
        fleet = Fleet(rows, manifest, str(out), telling, scheduler, workers)
        try:
            run_fleet(fleet)
        finally:
            for row in fleet.at_work.values():
                clear(row.options, started=at_the_edge())
            outcomes = [*fleet.ended, *not_ended(rows, fleet.ended, frozenset(fleet.at_work))]
            folders = write(outcomes, out, software_version=software_version(), made=at_the_edge())
    say(screen(outcomes, time.monotonic() - began))
    say(f"Written   {', '.join(str(folder) for folder in folders)}")
    return exit_status(outcomes)
