"""Revisions: a return that was signed off is made again, beside it and under a run id of its own."""

from __future__ import annotations

from dataclasses import replace

from pipelines.errors import UsageError
from pipelines.run import storing
from pipelines.run.request import Request
from pipelines.warehouse.places import exists
from pipelines.warehouse.sign_offs import signed_runs


def numbered(request: Request) -> Request:
    """A revision with the number that the warehouse gives it: how often the quarter was signed off so far.

    What is no revision, or has a number already, stays as it is.

    Raises:
        UsageError: the quarter was never signed off, so that there is nothing to correct.
        InputError: the warehouse cannot be read.
    """
    if request.revision is None or request.revision_no is not None:
        return request
    times = 0
    if exists(request.store):
        with storing.open_store(request.store, request.patience, to_look=True) as store:
            times = len(signed_runs(store.connection, request.authority, request.quarter))
    if not times:
        raise UsageError(
            f"{request.quarter} ({request.quarter.words}) has not been signed off, so there is nothing to revise."
            " Run hclic run without --revision."
        )
    return replace(request, revision_no=times)
