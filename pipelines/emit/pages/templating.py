"""Fills the templates of the pages. Every value is escaped; a value that is missing is an error, not a blank."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.emit.pages.words import clean, clean_column

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

# As MarkupSafe writes them; the ampersand first.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader("pipelines.emit.pages"), PackageLoader("pipelines.emit.pages.findings")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printable(value: Any) -> Any:
    return clean(value) if type(value) is str else value


def render(template: str, **values: Any) -> str:
    """The template filled with the values."""
    return _environment().get_template(template).render(values)


def escaped(text: pl.Expr) -> pl.Expr:
    """Every text of a column as a template prints it: a long table is filled by columns, not by cells."""
    for mark, entity in _ENTITIES.items():
        text = text.str.replace_all(mark, entity, literal=True)
    return clean_column(text)


def as_markup(drawn: str) -> Markup:
    """A picture that vl-convert drew or a template framed, or our own script, style and data, to be put in as it is.

    The only place where text is taken for markup: the words in a picture were escaped when it was drawn, and its
    figures have passed the disclosure guard with the edition that it was drawn from; data are escaped as JSON, the rows
    of long tables by ``escaped``.
    """
    from markupsafe import Markup

    return Markup(drawn)
