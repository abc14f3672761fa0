"""What the pages share: who asks, what is served, and how an answer is made."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pipelines.serve.guard import Refused
from pipelines.serve.reading import Store
from pipelines.serve.sessions import Session
from pipelines.serve.site import Site
from pipelines.serve.templating import page


def site_of(request: Request) -> Site:
    """The site that the request came to."""
    site: Site = request.state.site
    return site


def session_of(request: Request) -> Session:
    """The session of the request; the guard lets none without one come this far."""
    session: Session = request.state.session
    return session


def form_of(request: Request) -> dict[str, str]:
    """The fields of the form that the guard has read."""
    form: dict[str, str] = request.state.form
    return form


def store_of(request: Request) -> Store:
    """The warehouse."""
    site = site_of(request)
    return Store(site.warehouse, site.patience)


def answer(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page, or the part of one where htmx asks for it."""
    return HTMLResponse(page(template, request.state.session, site_of(request), **values), status_code=status)


def is_part(request: Request) -> bool:
    """Whether htmx asks, for a part of the page."""
    return request.headers.get("hx-request") == "true"


def go_to(path: str) -> RedirectResponse:
    """Send the browser on to a page of ours, after a form."""
    return RedirectResponse(path, status_code=303)


def path_of(*parts: object) -> str:
    """The path of a page, each part safe in an address."""
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def nothing(what: str) -> Refused:
    """The answer where there is no such thing."""
    return Refused(404, "Not found", f"There is no such {what} in the warehouse.")
