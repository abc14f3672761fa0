"""Fills the templates of the served pages. Every value is escaped; one that is missing is an error, not a blank."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from pipelines.emit.pages.words import clean, day
from pipelines.serve.sessions import Session

if TYPE_CHECKING:
    from jinja2 import Environment

    from pipelines.serve.site import Site


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    # Parts of the pages that a run writes are shown here too.
    rooms = ("pipelines.serve", "pipelines.emit.pages.findings", "pipelines.emit.pages")
    made = Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in rooms]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = day
    made.filters["number"] = lambda value: f"{value:,}"
    return made


def _printable(value: Any) -> Any:
    if isinstance(value, date):
        return day(value)
    return clean(value) if type(value) is str else value


def page(template: str, session: Session | None, site: Site, **values: Any) -> str:
    """The template filled with the values, and with what every page says of the session."""
    return (
        _environment()
        .get_template(template)
        .render(
            values,
            csrf=session.csrf if session else None,
            user=session.user if session else None,
            by_password=site.door is not None,
            idle_minutes=site.idle_minutes,
        )
    )
