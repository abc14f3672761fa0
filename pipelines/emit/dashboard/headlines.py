"""The headline figures with what they changed from."""

from __future__ import annotations

from typing import Any

from pipelines.emit.dashboard.data import ALL, Edition
from pipelines.emit.dashboard.parts import Headline
from pipelines.emit.dashboard.words import Missing, Value, change, day, number
from pipelines.period import Quarter


def headlines(view: Edition) -> tuple[Headline, ...]:
    """The headline figures, each against the quarter before and the same quarter a year before."""
    figures = view.figures
    now, before, year_ago = figures.quarter, figures.quarter.shift(-1), figures.quarter.shift(-4)
    end = f"On {day(now.last_day)}"
    within = f"in {now.words}"
    in_quarter = f"In {now.words}"

    def flow(label: str, name: str, detail: str = in_quarter) -> Headline:
        return _headline(label, lambda q: view.count(name, q), detail, (now, before, year_ago), ends=False)

    def stock(label: str, *cell: Any, detail: str = end) -> Headline:
        name, *rest = cell
        return _headline(
            label, lambda q: view.count(name, figures.end_of(q), *rest), detail, (now, before, year_ago), ends=True
        )

    def share(label: str, part: str, whole: str, detail: str) -> Headline:
        return _headline(
            label, lambda q: view.share((part, q), (whole, q)), detail, (now, before, year_ago), ends=False, unit="%"
        )

    found = [
        stock("Open cases", "open", ALL, ALL),
        flow("New applications", "arrivals"),
        flow("Cases closed", "closures"),
        share(
            "Homelessness prevented",
            "prevented",
            "prevention_ended",
            f"Of {_of(view.count('prevention_ended', now))} prevention duties that ended {within},"
            " those with accommodation secured",
        ),
        share(
            "Main duty decisions by day 57",
            "by_day_57",
            "decisions",
            f"Of {_of(view.count('decisions', now))} decisions {within}, counted from the start of relief",
        ),
        stock(
            "Relief past 56 days",
            "past_56",
            detail=f"{end}, with no main duty decision",
        ),
        stock("In temporary accommodation", "stock", ALL, detail=f"{end}, households"),
        flow("Moved into temporary accommodation", "entries", f"{in_quarter}, households"),
        stock("In temporary accommodation without a decision", "undecided", detail=f"{end}, households"),
        stock("Families in bed and breakfast over 6 weeks", "bb_over", detail=end),
        _headline(
            "Typical time so far in temporary accommodation",
            lambda q: view.amount("so_far_median", figures.end_of(q), ALL),
            f"{end}, median of stays in progress",
            (now, before, year_ago),
            ends=True,
            unit="days",
        ),
    ]
    if figures.has_cost:
        found.append(
            _headline(
                "Cost of temporary accommodation",
                lambda q: view.amount("gross", q),
                f"{in_quarter}, gross",
                (now, before, year_ago),
                ends=False,
                unit="£",
            )
        )
    return tuple(found)


def _of(value: Value) -> str:
    return "the" if isinstance(value, Missing) else number(value)


def _headline(
    label: str, value: Any, detail: str, quarters: tuple[Quarter, Quarter, Quarter], *, ends: bool, unit: str = ""
) -> Headline:
    now, before, year_ago = quarters
    current = value(now)
    if isinstance(current, Missing):
        reason = "Not shown: small numbers." if current is Missing.HIDDEN else "No figure can be worked out."
        return Headline(label, number(current), detail, (reason,))
    said = tuple(
        change(current, value(quarter), f"on {day(quarter.last_day)}" if ends else f"in {quarter.words}", unit)
        for quarter in (before, year_ago)
    )
    return Headline(label, number(current, unit), detail, said)
