"""The application: its routes behind its guard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

from pipelines.errors import HclicError
from pipelines.serve import cases, entry, files, findings, measures, official, rules, runs, tasks
from pipelines.serve.guard import App, Guard, Refused, as_refused, refusal
from pipelines.serve.site import Site

# FastAPI would give paths, in which references stand, and texts of faults to whatever collects them on this machine,
# and to an address that a variable of the environment names.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
ROOMS = (entry, files, runs, findings, cases, official, measures, tasks, rules)
"""Modules with a ``router``."""


def make_app(site: Site, say: Callable[[str], None], *, on_stop: Callable[[], None] = lambda: None) -> App:
    """The pages of one warehouse.

    Args:
        site: what is served, to whom.
        say: takes one line a request.
        on_stop: called when the user ends the server.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, telemetry=NO_TELEMETRY)
    app.state.stop = on_stop
    for room in ROOMS:
        app.include_router(room.router)
    app.add_exception_handler(HTTPException, _unknown)
    for kind in (Refused, HclicError, Exception):
        app.add_exception_handler(kind, _refused)
    return Guard(app, site, say)


async def _unknown(request: Request, error: Any) -> Response:
    if error.status_code == 405:
        refused = Refused(405, "Not allowed", "This page is to be read, or to be sent to, not both.")
        refused.headers.update(error.headers or {})
        return await _refused(request, refused)
    return await _refused(request, Refused(404, "No such page", "There is no page of that address."))


async def _refused(request: Request, error: Exception) -> Response:
    refused = as_refused(error)
    headers, body = refusal(
        refused,
        request.state.site,
        request.state.session,
        is_part=request.headers.get("hx-request") == "true",
    )
    return Response(body, status_code=refused.status, headers=headers)
