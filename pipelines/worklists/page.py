"""The worklists as one page: no script, nothing to fetch; to read on a phone and to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.pages.page import INTERNAL
from pipelines.emit.pages.templating import as_markup, escaped, render
from pipelines.emit.pages.words import day, number
from pipelines.worklists.about import About
from pipelines.worklists.lists import Worklist
from pipelines.worklists.workbook import NOTHING

if TYPE_CHECKING:
    from markupsafe import Markup

HEAD = 1
"""The place of the column that names a row for who has it read out."""
WIDE = 20
"""A column of so many characters or more holds sentences: it is kept from being squeezed."""


def page(lists: Sequence[Worklist], about: About) -> str:
    """The page: what is asked, list by list."""
    return render(
        "worklists.html",
        name="Worklists",
        authority=authority_name(about.authority),
        quarter=about.quarter,
        edition=INTERNAL,
        state=about.state,
        notes=about.sentences,
        lists=[_shown(one) for one in lists],
        nothing=NOTHING,
        software_version=about.software_version,
        made_on=day(about.made.date()),
        made_at=about.made_words.partition(" at ")[2],
    )


def _shown(one: Worklist) -> dict[str, Any]:
    return {
        "ident": one.ident,
        "title": one.title,
        "question": one.question,
        "about": one.about,
        "count": f"{number(one.rows.height)} on this list" + (", the most urgent first" if one.seed is None else ""),
        "head": [(column.title, column.width >= WIDE) for column in one.columns],
        "answers": one.answers,
        "size": one.rows.height,
        "rows": _lines(one),
    }


def _lines(one: Worklist) -> Markup:
    """The rows of the table, the reference that H-CLIC knows the case by at the head of each."""
    ends = "".join('<td class="answer"></td>' for _ in one.answers)
    parts: list[pl.Expr] = [pl.lit("<tr>")]
    for place, column in enumerate(one.columns):
        opened, closed = ('<th scope="row">', "</th>") if place == HEAD else ("<td>", "</td>")
        parts += [pl.lit(opened), escaped(_in_words(one.rows[column.name])), pl.lit(closed)]
    lines = one.rows.select(pl.concat_str([*parts, pl.lit(f"{ends}</tr>")]).alias("line"))["line"]
    return as_markup("\n".join(lines.to_list()))


def _in_words(values: pl.Series) -> pl.Expr:
    """The column in words. Each value is put into words once: a list of thousands has a few hundred days."""
    if values.dtype == pl.String:
        return pl.col(values.name).fill_null("")
    words = {value: _words(value) for value in values.unique().to_list()}
    # Of a column without rows there is nothing to replace, which polars would answer with its own kind.
    return pl.col(values.name).replace_strict(words, return_dtype=pl.String) if words else pl.lit("")


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        # Months are cut short in tables only (GOV.UK style); the space does not break.
        return f"{value.day}\u00a0{value:%b}\u00a0{value.year}"
    return number(value) if isinstance(value, int) else str(value)
