"""The comparison as one page: a funnel plot and a table for each measure; no script, nothing to fetch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from pipelines import shown
from pipelines.authority import authority_name
from pipelines.disclosure.thresholds import STAYS_WITHIN
from pipelines.emit.pages.charts import Drawing, Studio
from pipelines.emit.pages.page import INTERNAL
from pipelines.emit.pages.parts import Figure, Section, Table, plan
from pipelines.emit.pages.plots_funnel import BETWEEN, OUTSIDE, WITHIN
from pipelines.emit.pages.templating import as_markup, render
from pipelines.emit.pages.words import HIDDEN_MARK, UNKNOWN_MARK, day
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.definitions import DAYS, FRACTION, SUBJECTS, Measure
from pipelines.fleet.comparing.figures import Compared
from pipelines.period import Quarter
from pipelines.published.cells import NOT_APPLICABLE, SUPPRESSED

SHARING = "Shareable: counts are rounded"
MARKS = {SUPPRESSED: HIDDEN_MARK, NOT_APPLICABLE: "[z]"}
_DRAWN_FROM = 3
_NAMED_UP_TO, _OUTSIDE_NAMED_UP_TO = 30, 15
"""Areas of which each is numbered in a chart; of more, those outside of the limits are, where these are not many."""


def page(
    compared: Compared, authorities: pl.DataFrame, quarter: Quarter, *, software_version: str, made: datetime
) -> str:
    """The page of one edition.

    Args:
        compared: its figures.
        authorities: one row per authority that was asked for (``write.AUTHORITIES``).
        quarter: of which they are.
        software_version: printed in the footer.
        made: when, printed in the footer.
    """
    taken = authorities.filter(pl.col("is_compared")).sort("authority")
    numbers = {code: number for number, code in enumerate(taken["la_code"], start=1)}
    source = f"Source: case records of {len(numbers)} authorities, {quarter.words}; not official statistics."
    caption = f"{source} {INTERNAL if compared.internal else SHARING}."
    sections = [_section(compared, subject, title, numbers) for subject, title in SUBJECTS.items()]
    drawings = [
        Drawing(one.ident, one.title, one.description, one.plan, caption, one.said_below)
        for section in sections
        for one in section.figures
        if one.plan is not None
    ]
    studio = Studio(drawings)
    pictures: dict[str, Any] = {one.ident: None for section in sections for one in section.figures}
    pictures |= {drawing.ident: as_markup(studio.svg(drawing)) for drawing in drawings}
    zone = " UTC" if made.utcoffset() is not None else ""
    return render(
        "compare.html",
        name="Authorities beside each other",
        authority=f"{len(numbers)} authorities",
        quarter=quarter,
        edition=INTERNAL if compared.internal else SHARING,
        standing=_standing(taken),
        is_halted=bool(taken.filter(pl.col("result") != "clean").height),
        notes=_notes(compared),
        about_runs=_about_runs(authorities),
        runs=_runs(taken, numbers, quarter),
        sections=sections,
        pictures=pictures,
        about=_about(compared),
        software_version=software_version,
        made_on=day(made.date()),
        made_at=f"{made:%H:%M}{zone}",
    )


def _standing(taken: pl.DataFrame) -> str:
    counts = taken.group_by("state").len().sort("len", "state", descending=[True, False])
    return "; ".join(f"{state}: {number} of {taken.height}" for state, number in counts.iter_rows()) + "."


def _about_runs(authorities: pl.DataFrame) -> list[str]:
    said = [
        "Of each authority the run counts whose return of the quarter is signed off; where there is none, the newest"
        " that has ended. A draft may still change."
    ]
    missing = authorities.filter(~pl.col("is_compared")).sort("authority")
    said += [f"Not compared: {name}. {why}" for name, why in missing.select("authority", "why").iter_rows()]
    return said


def _runs(taken: pl.DataFrame, numbers: Mapping[str, int], quarter: Quarter) -> Table:
    rows = tuple(
        (row["authority"], str(numbers[row["la_code"]]), row["region"], row["state"], day(row["as_at"]), row["run_id"])
        for row in taken.iter_rows(named=True)
    )
    head = ("Authority", "No.", "Region", "State of the return", "Export as at", "Run")
    return Table(f"Authorities compared, and the run of {quarter.words} that counts", head, rows)


def _section(compared: Compared, subject: str, title: str, numbers: Mapping[str, int]) -> Section:
    made = [_figure(compared, measure, numbers) for measure in definitions.measures() if measure.subject == subject]
    return Section(subject, title, TEXTS.get(subject, ()), tuple(made))


TEXTS = {
    "rates": (
        "Households assessed in the quarter, and those in temporary accommodation on its last day, per 1,000 households"
        " in the area.",
    ),
    "quality": (
        "How complete and how timely the records are. A high figure asks for a look at the recording, and says nothing"
        " of the service.",
    ),
}


def _figure(compared: Compared, measure: Measure, numbers: Mapping[str, int]) -> Figure:
    rows = compared.figures.filter(measure=measure.name).to_dicts()
    rows.sort(key=lambda row: numbers[row["la_code"]])
    together = compared.measures.row(by_predicate=pl.col("measure") == measure.name, named=True)
    lines = tuple(_row(row, measure, numbers[row["la_code"]]) for row in rows)
    table = Table(measure.label, _head(measure), lines + _together(together, measure))
    outside = sum(_lies(row["in_funnel"]) == OUTSIDE for row in rows)
    named = OUTSIDE if outside <= _OUTSIDE_NAMED_UP_TO else OUTSIDE + 1
    named = WITHIN if len(rows) <= _NAMED_UP_TO else named
    points = [
        (str(numbers[row["la_code"]]) if lies >= named else "", row["denominator"], row["value"], lies)
        for row in rows
        for lies in [_lies(row["in_funnel"])]
        if row["value"] is not None and measure.denominator
    ]
    ident, middle = measure.name.replace("_", "-"), together["value"]
    if len(points) < _DRAWN_FROM or not middle:
        why = "There is no chart: "
        why += "days are compared in the table." if measure.unit == DAYS else "there are too few figures, or all are 0."
        known = sum(row["value"] is not None for row in rows)
        has = f"{known} of {len(rows)} authorities have a figure"
        return Figure(ident, measure.label, f"{why} The table holds every figure.", None, table, has)
    title = f"{measure.label}: {_said(middle, measure)} for all together"
    what = (
        f"{outside} of {len(points)} outside of the 99.8% limits of chance; middle half of the authorities"
        f" {_said(together['lower_quartile'], measure)} to {_said(together['upper_quartile'], measure)}"
    )
    said = (
        f"Funnel plot of {len(points)} authorities: each figure over what it rests on, with the figure of all together"
        f" and the limits within which 95% and 99.8% would lie by chance. {title}. {what}. The table holds every"
        " figure."
    )
    unit = "%" if measure.unit == FRACTION else ""
    across = _denominator(measure)
    return Figure(
        ident,
        title,
        said,
        plan("funnel", points, middle, _said(middle, measure), measure.per, unit, across),
        table,
        what,
    )


def _lies(words: str) -> int:
    return OUTSIDE if words.endswith("99.8%") else BETWEEN if words else WITHIN


def _denominator(measure: Measure) -> str:
    if measure.denominator == definitions.HOUSEHOLDS:
        return "Households in area"
    return next(one.label for one in definitions.counts() if one.name == measure.denominator)


def _head(measure: Measure) -> tuple[str, ...]:
    if measure.unit == DAYS:
        return ("Authority", "Days")
    numerator = next(one.label for one in definitions.counts() if one.name == measure.numerator)
    return ("Authority", numerator, _denominator(measure), "Figure", "95% interval", "Limits of chance")


def _row(row: Mapping[str, Any], measure: Measure, number: int) -> tuple[str, ...]:
    name = f"{authority_name(row['la_code'])} ({number})"
    mark = MARKS.get(row["note"], UNKNOWN_MARK)
    value = mark if row["value"] is None else _said(row["value"], measure)
    if measure.unit == DAYS:
        return (name, value)
    counts = [(mark if row[column] is None else shown.count(row[column])) for column in ("numerator", "denominator")]
    limits = "" if row["lower"] is None else f"{_said(row['lower'], measure)} to {_said(row['upper'], measure)}"
    beside = "" if row["value"] is None else row["in_funnel"] or "within"
    return (name, *counts, value, limits, beside)


def _together(row: Mapping[str, Any], measure: Measure) -> tuple[tuple[str, ...], ...]:
    """The rows of all authorities together, of the middle of them, and of England as published."""
    blank = ("",) * (len(_head(measure)) - 2)
    found: list[tuple[str, ...]] = []
    if row["value"] is not None:
        sums = (shown.count(row["numerator"]), shown.count(row["denominator"]))
        found.append((f"The {row['authorities']} with a figure, together", *sums, _said(row["value"], measure), "", ""))
    if row["median"] is not None:
        middle = _said(row["median"], measure)
        values = (middle,) if measure.unit == DAYS else ("", "", middle, "", "")
        found.append(("Median of the authorities", *values))
    if row["published_england"] is not None and measure.unit != DAYS:
        found.append(("England, as published", "", "", _said(row["published_england"], measure), *blank[:2]))
    return tuple(found)


def _said(value: float, measure: Measure) -> str:
    if measure.unit == FRACTION:
        return shown.percentage(value)
    if measure.unit == DAYS:
        return shown.count(value)
    return f"{shown.rounded(value, 1 if measure.subject == 'quality' else 2)}"


def _notes(compared: Compared) -> list[str]:
    said = [
        "These are the councils’ own provisional figures, not official statistics. Authorities differ in size, in need"
        " and in how they record: a figure outside of the limits asks a question and is no verdict, and no order of"
        " merit is given.",
    ]
    if compared.internal:
        said.append("This edition shows every number, however small. Share the shareable edition instead.")
    else:
        said.append(
            f"Counts are rounded to multiples of {STAYS_WITHIN + 1}: a figure can be up to {STAYS_WITHIN} from its"
            f" count, 0 stands for 0 to {STAYS_WITHIN}, and parts need not add up to their total. Everything else,"
            " what is said of all authorities together too, is worked out from the rounded counts."
        )
    return said


def _about(compared: Compared) -> Sequence[str]:
    said = [
        "Funnel plot: the further to the right, the more a figure rests on, and the less chance moves it. The solid"
        " line is the figure of all authorities together; dashed grey lines are the limits within which 95% of"
        " authorities would lie if they differed by chance alone, solid grey ones those of 99.8%. A diamond lies"
        " outside of the outer limits, a hollow point between the two. Numbers are those of the table of runs.",
        "Intervals: Wilson’s for shares, the score interval of a Poisson count for rates. They tell of chance only,"
        " not of what is recorded wrongly or late.",
        f"{UNKNOWN_MARK} means that there is no figure: what is needed for it is missing. It is not 0. [z] means that"
        " nothing was there to be counted.",
        "Each measure is defined in the documentation under metrics (fleet).",
    ]
    if not compared.internal:
        said.append(
            f"{HIDDEN_MARK} means that the figure is left out: MHCLG hides it, it is of few, or it could be used to"
            " work out one that is. Intervals are wide enough for what the rounding hides, and by them it is judged"
            " whether a figure is outside of the limits."
        )
    return said
