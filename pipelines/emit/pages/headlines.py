"""The headline figures with what they changed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.emit.pages.figures import ALL, Edition
from pipelines.emit.pages.parts import Headline
from pipelines.emit.pages.words import Missing, Value, change, day, number
from pipelines.period import Quarter


def headlines(view: Edition) -> tuple[Headline, ...]:
    """The headline figures, each against the quarter before and the same quarter a year before."""
    figures = view.figures
    now, end_of = figures.quarter, figures.end_of
    at_end, during = f"On {day(now.last_day)}", f"In {now.words}"
    within = f"in {now.words}"
    cases, homes = _Kind(view, figures.cases_since), _Kind(view, figures.homes_since)
    prevented, decided = (_of(view.count(name, now)) for name in ("prevention_ended", "decisions"))
    found = [
        cases.at_end("Open cases", at_end, lambda q: view.count("open", end_of(q), ALL, ALL)),
        cases.during("New applications", during, lambda q: view.count("arrivals", q)),
        cases.during("Cases closed", during, lambda q: view.count("closures", q)),
        cases.during(
            "Homelessness prevented",
            f"Of {prevented} prevention duties that ended {within}, those with accommodation secured",
            lambda q: view.share(("prevented", q), ("prevention_ended", q)),
            "%",
        ),
        cases.during(
            "Main duty decisions by day 57",
            f"Of {decided} decisions {within}, counted from the start of relief",
            lambda q: view.share(("by_day_57", q), ("decisions", q)),
            "%",
        ),
        cases.at_end(
            "Relief past 56 days", f"{at_end}, with no main duty decision", lambda q: view.count("past_56", end_of(q))
        ),
        homes.at_end(
            "In temporary accommodation", f"{at_end}, households", lambda q: view.count("stock", end_of(q), ALL)
        ),
        homes.during("Moved into temporary accommodation", f"{during}, households", lambda q: view.count("entries", q)),
        cases.at_end(
            "In temporary accommodation without a decision",
            f"{at_end}, households",
            lambda q: view.count("undecided", end_of(q)),
        ),
        homes.at_end("Families in bed and breakfast over 6 weeks", at_end, lambda q: view.count("bb_over", end_of(q))),
        homes.at_end(
            "Typical time so far in temporary accommodation",
            f"{at_end}, median of stays in progress",
            lambda q: view.amount("so_far_median", end_of(q), ALL),
            "days",
        ),
    ]
    if figures.has_cost:
        gross = homes.during(
            "Cost of temporary accommodation", f"{during}, gross", lambda q: view.amount("gross", q), "£"
        )
        found.append(gross)
    return tuple(found)


def _of(value: Value) -> str:
    return "the" if isinstance(value, Missing) else number(value)


@dataclass(frozen=True)
class _Kind:
    """Headline figures from the same records, which begin in the quarter ``since``."""

    view: Edition
    since: Quarter | None

    def at_end(self, label: str, detail: str, value: Callable[[Quarter], Value], unit: str = "") -> Headline:
        """A figure on the quarter's last day."""
        return self._made(label, detail, value, unit, lambda quarter: f"on {day(quarter.last_day)}")

    def during(self, label: str, detail: str, value: Callable[[Quarter], Value], unit: str = "") -> Headline:
        """A figure of what happened in the quarter."""
        return self._made(label, detail, value, unit, lambda quarter: f"in {quarter.words}")

    def _made(
        self, label: str, detail: str, value: Callable[[Quarter], Value], unit: str, when: Callable[[Quarter], str]
    ) -> Headline:
        now = value(self.view.figures.quarter)
        if isinstance(now, Missing):
            reason = "Not shown: small numbers." if now is Missing.HIDDEN else "No figure can be worked out."
            return Headline(label, number(now), detail, (reason,))
        said = []
        for quarter in (self.view.figures.quarter.shift(-1), self.view.figures.quarter.shift(-4)):
            is_before = self.since is not None and quarter < self.since
            missing = f"No figure {when(quarter)}{': the records start later' if is_before else ''}."
            said.append(change(now, value(quarter), when(quarter), unit, missing=missing))
        return Headline(label, number(now, unit), detail, tuple(said))
