"""The pages: one HTML file each, with no script and nothing to fetch. Their markup stands in ``templates/``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipelines.emit.pages.charts import Drawing, Studio
from pipelines.emit.pages.content import Figure, Section, headlines
from pipelines.emit.pages.headlines import compared_with
from pipelines.emit.pages.templating import as_markup, render
from pipelines.emit.pages.view import View
from pipelines.emit.pages.words import HIDDEN_MARK, UNKNOWN_MARK, day
from pipelines.state import RunState

INTERNAL = "Internal: not for publication"
ON_ONE_PAGE = ("ta-stock", "arrivals-and-closures")
"""Charts of the one-page summary."""


@dataclass(frozen=True)
class Made:
    """What a page says about its making: software version, time (footer), the run's state, sentences for its head."""

    software_version: str
    time: datetime
    state: RunState
    notes: tuple[str, ...] = ()


def dashboard(view: View, parts: Sequence[Section], studio: Studio, made: Made) -> str:
    """The dashboard of one edition; ``parts`` are its ``content.sections``."""
    compared = compared_with(view)
    # What is said above the headline figures is not said again.
    parts = without_repeats(view, parts, compared)
    return render(
        "dashboard.html",
        name="Homelessness dashboard",
        headlines=headlines(view),
        compared=compared,
        sections=parts,
        pictures=_pictures((figure for part in parts for figure in part.figures), studio, caption(view, made.state)),
        about=_about(view),
        **_frame(view, made),
    )


def without_repeats(view: View, parts: Sequence[Section], told: Sequence[str]) -> list[Section]:
    """The sections, with each reason why series begin late said once, and where all that is shown is later, not."""
    starts = view.rows("history_start", "subject").values()
    reasons = {row["reason"] for row in starts}
    left_out = {*told, *(row["reason"] for row in starts if row["first_quarter"] <= view.months[0])}
    found = []
    for part in parts:
        found.append(replace(part, text=tuple(said for said in part.text if said not in left_out)))
        left_out |= reasons & set(part.text)
    return found


def one_page(view: View, parts: Sequence[Section], studio: Studio, made: Made) -> str:
    """The quarter in numbers: headline figures and two charts that print to one side of A4."""
    figures = [figure for part in parts for figure in part.figures if figure.ident in ON_ONE_PAGE]
    figures.sort(key=lambda figure: ON_ONE_PAGE.index(figure.ident))
    return render(
        "one_page.html",
        name="The quarter in numbers",
        headlines=[item for item in headlines(view) if not item.is_missing],
        compared=compared_with(view),
        figures=figures,
        pictures=_pictures(figures, studio, caption(view, made.state)),
        **_frame(view, made),
    )


def drawings(parts: Sequence[Section], caption: str) -> list[Drawing]:
    """The charts of one edition, for committee papers; the caption stands in each, wherever it is taken."""
    found = (_drawing(figure, caption) for part in parts for figure in part.figures)
    return [drawing for drawing in found if drawing is not None]


def caption(view: View, state: RunState) -> str:
    """What stands in every chart that is taken elsewhere: its source, the edition, and how the run stands."""
    source = f"Source: case records of {view.place}, export of {day(view.edition.as_at)}; not official statistics."
    return f"{source} {view.edition.words}. {state.label}."


def _drawing(figure: Figure, caption: str) -> Drawing | None:
    if figure.plan is None:
        return None
    return Drawing(figure.ident, figure.title, figure.description, figure.plan, caption, figure.said_below)


def _pictures(figures: Iterable[Figure], studio: Studio, caption: str) -> dict[str, Any]:
    """The markup of each figure's chart by the figure's name; nothing where there is no chart."""
    drawn = {figure.ident: _drawing(figure, caption) for figure in figures}
    return {ident: None if drawing is None else as_markup(studio.svg(drawing)) for ident, drawing in drawn.items()}


def _frame(view: View, made: Made) -> dict[str, Any]:
    """What every page says at its head and foot."""
    zone = " UTC" if made.time.utcoffset() is not None else ""
    return {
        "authority": view.place,
        "quarter": view.quarter,
        "edition": view.edition.words,
        "state": made.state,
        "notes": _notes(view, made.notes),
        "software_version": made.software_version,
        "made_on": day(made.time.date()),
        "made_at": f"{made.time:%H:%M}{zone}",
    }


def _notes(view: View, notes: Sequence[str]) -> list[str]:
    as_at, last_day = view.edition.as_at, view.quarter.last_day
    said = [
        "These are the council’s own provisional figures, not official statistics. They come from the cases in the"
        f" export of {day(as_at)}, and so do the figures for earlier quarters."
    ]
    if view.slack:
        said.append(
            f"Counts are rounded to multiples of {view.slack + 1}: a figure can be up to {view.slack} from its count, 0"
            f" stands for 0 to {view.slack}, and parts need not add up to their total."
        )
    if as_at < last_day:
        said.append(f"The export was taken before the quarter ended on {day(last_day)}: a preview.")
    return [*said, *notes]


def _about(view: View) -> list[str]:
    said = [
        "Figures count households, one application each, on the last day of a month or quarter or during it.",
        f"{UNKNOWN_MARK} means that there is no figure: the records do not go back that far, or what is needed for it"
        " is missing. It is not 0.",
        "A percentage in brackets and grey is one of fewer than 20: one case more or less moves it by more than 5"
        " percentage points."
        + (
            ""
            if view.internal
            else " So is one of fewer than 100 where both counts are rounded, by a step of rounding."
        ),
    ]
    if view.internal:
        said.append(
            "This edition names officers by their staff code and shows every number, however small. Share the shareable"
            " edition instead."
        )
    else:
        said.append(
            f"{HIDDEN_MARK} means that the figure is left out: it is of few households. Words of the council’s own,"
            " such as names of teams, are shown only where it has confirmed them."
        )
    return said
