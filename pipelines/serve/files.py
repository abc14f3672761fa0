"""The files that pages fetch: a fixed list, read once. No path is ever made of what a browser asks for."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from pipelines.serve.guard import Refused

router = APIRouter()

_HERE, _PAGES = files("pipelines.serve") / "static", files("pipelines.emit.pages") / "templates"
_FINDINGS = files("pipelines.emit.pages.findings") / "static"
SHIPPED = {
    "htmx.min.js": (_HERE, "text/javascript; charset=utf-8"),
    "pages.css": (_PAGES, "text/css; charset=utf-8"),
    "findings.css": (_FINDINGS, "text/css; charset=utf-8"),
    "serve.css": (_HERE, "text/css; charset=utf-8"),
    "icon.svg": (_HERE, "image/svg+xml"),
}
"""By name: its folder and type. ``pages.css`` and ``findings.css`` are the style of the pages that a run writes."""
_CALLED = {"pages.css": "style.css"}


@cache
def contents() -> dict[str, tuple[bytes, str]]:
    """Bytes and type of every file, by name."""
    return {name: ((folder / _CALLED.get(name, name)).read_bytes(), kind) for name, (folder, kind) in SHIPPED.items()}


@router.get("/static/{name}")
def static(name: str) -> Response:
    """A file of the list."""
    if name not in contents():
        raise Refused(404, "No such page", "There is no page of that address.")
    content, kind = contents()[name]
    # They are the program's own: a browser may keep them for a while.
    return Response(content, media_type=kind, headers={"cache-control": "private, max-age=3600"})
