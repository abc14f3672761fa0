"""The worklists as one page: no script, nothing to fetch; to read on a phone and to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pipelines.authority import authority_name
from pipelines.emit.pages.page import INTERNAL
from pipelines.emit.pages.templating import render
from pipelines.emit.pages.words import day, number
from pipelines.worklists.about import About
from pipelines.worklists.lists import Worklist
from pipelines.worklists.workbook import NOTHING

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
        "rows": [[_words(value) for value in row] for row in one.rows.iter_rows()],
    }


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        # Months are cut short in tables only (GOV.UK style); the space does not break.
        return f"{value.day}\u00a0{value:%b}\u00a0{value.year}"
    return number(value) if isinstance(value, int) else str(value)
