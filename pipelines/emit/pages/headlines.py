"""The headline figures with what they changed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipelines import shown
from pipelines.emit.pages.caseload import applications, closures, open_cases, past_day_56, undecided_in_ta
from pipelines.emit.pages.homes import families_in_bb, in_ta, so_far, ta_flow_of_quarter
from pipelines.emit.pages.money import basis, cost_of_quarter, has_cost
from pipelines.emit.pages.parts import Headline
from pipelines.emit.pages.view import View, end_of, is_known
from pipelines.emit.pages.words import Missing, Value, change, day, number
from pipelines.period import Quarter


def headlines(view: View) -> tuple[Headline, ...]:
    """The headline figures, each against the quarter before and the same quarter a year before."""
    cases, homes = _Kind(view, "applications"), _Kind(view, "ta")
    at_end, during = f"On {view.end}", f"In {view.quarter.words}"
    found = [
        cases.during("New applications", during, lambda q: applications(view, q)),
        cases.during("Cases closed", during, lambda q: closures(view, q)),
        cases.at_end("Open cases", at_end, lambda q: open_cases(view, end_of(q))),
        cases.share(
            "Homelessness prevented",
            "prevention duties that ended",
            "with accommodation secured",
            lambda q: _prevention(view, "prevented", q),
            lambda q: _prevention(view, "prevention_ended", q),
        ),
        cases.share(
            "Main duty decisions by day 57",
            "decisions",
            "by day 57 from the start of relief",
            lambda q: _decisions(view, q)[0],
            lambda q: _decisions(view, q)[1],
        ),
        cases.at_end(
            "Relief past day 56 without a decision", f"{at_end}, households", lambda q: past_day_56(view, end_of(q))
        ),
        homes.at_end(
            "In temporary accommodation without a decision",
            f"{at_end}, households",
            lambda q: undecided_in_ta(view, end_of(q)),
        ),
        homes.at_end(
            "Families in bed and breakfast over 6 weeks",
            at_end,
            lambda q: families_in_bb(view, end_of(q), over_6_weeks=True),
        ),
        homes.at_end("In temporary accommodation", f"{at_end}, households", lambda q: in_ta(view, end_of(q))),
        homes.during(
            "Moved into temporary accommodation",
            f"{during}, households",
            lambda q: ta_flow_of_quarter(view, "entries", q),
        ),
        homes.at_end(
            "Typical time so far in temporary accommodation",
            f"{at_end}, median of stays in progress",
            lambda q: so_far(view, "median_days", q),
            "days",
        ),
    ]
    if view.edition.has("cost_type_month") and has_cost(view):
        gross = homes.during(
            "Cost of temporary accommodation",
            f"{during}, gross",
            lambda q: cost_of_quarter(view, "gross", q),
            "£",
        )
        found.append(replace(gross, basis=f"Rests on {basis(view)}."))
    held = zip(_METRICS, found, strict=False)
    return tuple(headline for metric, headline in held if view.edition.has(metric))


_METRICS = (
    "case_arrivals_quarter",
    "case_arrivals_quarter",
    "case_open_month",
    "case_first_stage_quarter",
    "case_decision_day",
    "case_watch_month",
    "case_watch_month",
    "stay_bb_month",
    "stock_month",
    "stock_month",
    "stay_in_progress_summary",
    "cost_type_month",
)
"""What each headline figure is read from, in their order: an edition that does not hold it has no such card."""


def _prevention(view: View, column: str, quarter: Quarter) -> Value:
    if not view.is_on_record("applications", quarter.first_day):
        return Missing.UNKNOWN
    return view.value("case_first_stage_quarter", column, {"first_day": quarter.first_day}, absent=0)


def _decisions(view: View, quarter: Quarter) -> tuple[Value, Value]:
    """Main duty decisions by day 57 from the start of relief, and all that followed a relief duty."""
    if not view.is_on_record("applications", quarter.first_day):
        return Missing.UNKNOWN, Missing.UNKNOWN
    by, every, without = (
        view.value("case_decision_day", column, {"first_day": quarter.first_day}, absent=0)
        for column in ("by_day_57", "count_decisions", "without_relief_duty")
    )
    for value in (by, every, without):
        if isinstance(value, Missing):
            return value, value
    assert not isinstance(every, Missing) and not isinstance(without, Missing)
    return by, every - without  # type: ignore[operator]


@dataclass(frozen=True)
class _Kind:
    """Headline figures from the same records, whose series begin together."""

    view: View
    subject: str

    def at_end(self, label: str, detail: str, value: Callable[[Quarter], Value], unit: str = "") -> Headline:
        """A figure on the quarter's last day."""
        return self._made(label, detail, value, unit, lambda quarter: f"on {day(quarter.last_day)}", is_stock=True)

    def during(self, label: str, detail: str, value: Callable[[Quarter], Value], unit: str = "") -> Headline:
        """A figure of what happened in the quarter."""
        return self._made(label, detail, value, unit, lambda quarter: f"in {quarter.words}")

    def share(
        self,
        label: str,
        of: str,
        what: str,
        part: Callable[[Quarter], Value],
        whole: Callable[[Quarter], Value],
    ) -> Headline:
        """A percentage with its base."""

        def value(quarter: Quarter) -> Value:
            top, bottom = part(quarter), whole(quarter)
            for one in (top, bottom):
                if isinstance(one, Missing):
                    return one
            return float(top) / float(bottom) if bottom else Missing.UNKNOWN  # type: ignore[arg-type]

        top, bottom = part(self.view.quarter), whole(self.view.quarter)
        if is_known(top) and is_known(bottom):
            detail = f"{number(top)} of {number(bottom)} {of} in {self.view.quarter.words} {what}"
        else:
            detail = f"Of the {of} in {self.view.quarter.words}, those {what}"
        found = self.during(label, detail, value, "%")
        if isinstance(bottom, Missing) or isinstance(top, Missing) or not bottom:
            return found
        if self.view.slack and shown.percent(0, int(bottom) // self.view.slack).is_of_few:
            # Rounding alone moves such a percentage by more than one case moves a percentage of few.
            said = f"The {of} in {self.view.quarter.words} {what}: rounded counts, too few for a percentage"
            return Headline(label, f"{self._shown(top, '')} of {number(bottom)}", said, ())
        found = replace(found, is_of_few=shown.percent(0, int(bottom)).is_of_few)
        return replace(found, changes=self._without_few(found.changes, int(bottom), part, whole))

    def _without_few(
        self, changes: tuple[str, ...], now: int, part: Callable[[Quarter], Value], whole: Callable[[Quarter], Value]
    ) -> tuple[str, ...]:
        """The changes of a percentage; where one of the two is of few, the counts of then in the place of points."""
        said = []
        # Where the quarter before is not compared with there are no changes.
        for earlier, change_said in zip((-1, -4), changes, strict=False):
            quarter = self.view.quarter.shift(earlier)
            top, bottom = part(quarter), whole(quarter)
            if isinstance(top, Missing) or isinstance(bottom, Missing) or not bottom:
                said.append(change_said)
            elif shown.percent(0, min(now, int(bottom))).is_of_few:
                said.append(f"{number(top)} of {number(bottom)} in {quarter.words}.")
            else:
                said.append(change_said)
        return tuple(said)

    def _made(
        self,
        label: str,
        detail: str,
        value: Callable[[Quarter], Value],
        unit: str,
        when: Callable[[Quarter], str],
        *,
        is_stock: bool = False,
    ) -> Headline:
        now = value(self.view.quarter)
        if isinstance(now, Missing):
            reason = "Not shown: small numbers." if now is Missing.HIDDEN else "No figure can be worked out."
            return Headline(label, number(now), detail, (reason,), is_missing=True)
        said = []
        start = self.view.begin(self.subject)
        if start.reason and not self.view.is_on_record(self.subject, self.view.quarter.shift(-1).first_day):
            # Said once above the figures.
            return Headline(label, self._shown(now, unit), detail, ())
        for quarter in (self.view.quarter.shift(-1), self.view.quarter.shift(-4)):
            is_before = not (
                self.view.is_stock_on_record(self.subject, end_of(quarter))
                if is_stock
                else self.view.is_on_record(self.subject, quarter.first_day)
            )
            missing = f"No figure {when(quarter)}{': the records start later' if is_before else ''}."
            slack = self.view.slack if not unit else 0
            said.append(change(now, value(quarter), when(quarter), unit, missing=missing, slack=slack))
        return Headline(label, self._shown(now, unit), detail, tuple(said))

    def _shown(self, value: Value, unit: str) -> str:
        if not unit and self.view.slack and value == 0:
            return f"0 to {self.view.slack}"
        return number(value, unit)


def compared_with(view: View) -> tuple[str, ...]:
    """Why headline figures are not compared with earlier quarters, where the export does not hold these whole."""
    said = []
    for subject in ("applications", "ta"):
        if not view.is_on_record(subject, view.quarter.shift(-1).first_day):
            said.append(view.begin(subject).reason)
    return tuple(dict.fromkeys(reason for reason in said if reason))
