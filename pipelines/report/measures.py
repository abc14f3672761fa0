"""The figures that the report speaks of: where each is read, and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pipelines.period import Quarter
from pipelines.report.quantities import Gap, Quantity, Reader, RowKey

Rows = Callable[[Quarter], tuple[RowKey, ...]]


def months_of(quarter: Quarter) -> tuple[date, ...]:
    """First days of the quarter's months."""
    return tuple(quarter.first_day.replace(month=quarter.first_day.month + number) for number in range(3))


class Kind(Enum):
    """What a figure counts: those there on the quarter's last day, or what happened in the quarter."""

    STOCK = "stock"
    FLOW = "flow"


@dataclass(frozen=True)
class Measure:
    """One figure of a quarter, the sum of ``column`` over ``rows`` of ``metric``.

    ``one`` and ``many`` go on after the day or quarter, with {} for the figure: ``{} households applied``.
    """

    ident: str
    subject: str
    """The subject of ``history_start`` that says from which quarter on its records are complete."""
    label: str
    one: str
    many: str
    kind: Kind
    metric: str
    column: str
    rows: Rows
    unit: str = ""
    absent_is_none: bool = False
    less: str = ""
    """A column that is taken away: what cannot be judged by this figure."""
    is_spread: bool = False
    """A median or mean: it has no interval here, and sums of it say nothing."""

    def value(self, reader: Reader, quarter: Quarter) -> Quantity | Gap:
        """The figure of that quarter, or why there is none."""
        found: Quantity | None = None
        for row in self.rows(quarter):
            part = reader.cell(
                self.metric, self.column, row, absent_is_none=self.absent_is_none, is_count=not self.is_spread
            )
            if isinstance(part, Gap):
                return part
            if self.less:
                away = reader.cell(self.metric, self.less, row, absent_is_none=self.absent_is_none)
                if isinstance(away, Gap):
                    return away
                part -= away
            found = part if found is None else found + part
        assert found is not None
        return found


@dataclass(frozen=True)
class Share:
    """A part of a whole, both counts of the same quarter. ``said`` goes on after the figures."""

    ident: str
    label: str
    said: str
    part: Measure
    whole: Measure

    @property
    def subject(self) -> str:
        """That of its whole."""
        return self.whole.subject


def _quarter(**keys: str) -> Rows:
    return lambda quarter: ((("first_day", quarter.first_day.isoformat()), *keys.items()),)


def _last_month(**keys: str) -> Rows:
    return lambda quarter: ((("first_day", quarter.last_day.replace(day=1).isoformat()), *keys.items()),)


def _months(**keys: str) -> Rows:
    return lambda quarter: tuple((("first_day", first.isoformat()), *keys.items()) for first in months_of(quarter))


def _last_day(**keys: str) -> Rows:
    return lambda quarter: ((("day", quarter.last_day.isoformat()), *keys.items()),)


_ALL = {"dimension": "all", "value": "all"}

APPLICATIONS = Measure(
    "applications",
    "applications",
    "New applications",
    "{} household applied",
    "{} households applied",
    Kind.FLOW,
    "case_arrivals_quarter",
    "applications",
    _quarter(),
)
CLOSED = Measure(
    "closed",
    "applications",
    "Cases closed",
    "{} case was closed",
    "{} cases were closed",
    Kind.FLOW,
    "case_arrivals_quarter",
    "closures",
    _quarter(),
)
OPEN = Measure(
    "open",
    "applications",
    "Open cases",
    "{} case was open",
    "{} cases were open",
    Kind.STOCK,
    "case_open_month",
    "open_cases",
    _last_month(team="all", stage="all"),
)
OWED_PREVENTION = Measure(
    "owed-prevention",
    "applications",
    "Owed a prevention duty",
    "{} household was owed a prevention duty when first assessed",
    "{} households were owed a prevention duty when first assessed",
    Kind.FLOW,
    "case_first_stage_quarter",
    "owed_prevention",
    _quarter(),
    absent_is_none=True,
)
OWED_RELIEF = Measure(
    "owed-relief",
    "applications",
    "Owed a relief duty",
    "{} household was owed a relief duty when first assessed",
    "{} households were owed a relief duty when first assessed",
    Kind.FLOW,
    "case_first_stage_quarter",
    "owed_relief",
    _quarter(),
    absent_is_none=True,
)
PREVENTION_ENDED = Measure(
    "prevention-ended",
    "duties_ended",
    "Prevention duties ended",
    "{} prevention duty ended",
    "{} prevention duties ended",
    Kind.FLOW,
    "case_first_stage_quarter",
    "prevention_ended",
    _quarter(),
    absent_is_none=True,
)
PREVENTED = Measure(
    "prevented",
    "duties_ended",
    "Homelessness prevented",
    "{} prevention duty ended with accommodation secured",
    "{} prevention duties ended with accommodation secured",
    Kind.FLOW,
    "case_first_stage_quarter",
    "prevented",
    _quarter(),
    absent_is_none=True,
)
RELIEF_ENDED = Measure(
    "relief-ended",
    "duties_ended",
    "Relief duties ended",
    "{} relief duty ended",
    "{} relief duties ended",
    Kind.FLOW,
    "outcome_quarter",
    "count_cases",
    _quarter(duty="relief", outcome_group="all"),
    absent_is_none=True,
)
RELIEVED = Measure(
    "relieved",
    "duties_ended",
    "Homelessness relieved",
    "{} relief duty ended with accommodation secured",
    "{} relief duties ended with accommodation secured",
    Kind.FLOW,
    "outcome_quarter",
    "count_cases",
    _quarter(duty="relief", outcome_group="accommodated"),
    absent_is_none=True,
)
DECISIONS = Measure(
    "decisions",
    "duties_ended",
    "Main duty decisions",
    "{} main duty decision was made after a relief duty",
    "{} main duty decisions were made after a relief duty",
    Kind.FLOW,
    "case_decision_day",
    "count_decisions",
    _quarter(),
    absent_is_none=True,
    less="without_relief_duty",
)
BY_DAY_57 = Measure(
    "by-day",
    "duties_ended",
    "Decisions by day 57",
    "{} decision was made by day 57",
    "{} decisions were made by day 57",
    Kind.FLOW,
    "case_decision_day",
    "by_day_57",
    _quarter(),
    absent_is_none=True,
)
PAST = Measure(
    "past",
    "applications",
    "Relief past day 56 without a decision",
    "{} household was past 56 days of relief without a main duty decision",
    "{} households were past 56 days of relief without a main duty decision",
    Kind.STOCK,
    "case_watch_month",
    "relief_past_56_days",
    _last_month(),
)
IN_TA = Measure(
    "in-ta",
    "ta",
    "In temporary accommodation",
    "{} household was in temporary accommodation",
    "{} households were in temporary accommodation",
    Kind.STOCK,
    "stock_month",
    "stock",
    _last_month(**_ALL),
)
MOVED_IN = Measure(
    "moved-in",
    "ta",
    "Moved into temporary accommodation",
    "{} household moved into temporary accommodation",
    "{} households moved into temporary accommodation",
    Kind.FLOW,
    "stock_quarter",
    "entries",
    _quarter(**_ALL),
)
LEFT = Measure(
    "left",
    "ta",
    "Left temporary accommodation",
    "{} household left temporary accommodation",
    "{} households left temporary accommodation",
    Kind.FLOW,
    "stock_quarter",
    "exits",
    _quarter(**_ALL),
)
UNDECIDED = Measure(
    "undecided",
    "ta",
    "In temporary accommodation without a decision",
    "{} household in temporary accommodation had no main duty decision",
    "{} households in temporary accommodation had no main duty decision",
    Kind.STOCK,
    "case_watch_month",
    "in_ta_without_decision",
    _last_month(),
)
NIGHTLY = Measure(
    "nightly",
    "ta",
    "Nightly paid, privately managed accommodation, self-contained",
    "{} household was in nightly paid, privately managed accommodation, self-contained",
    "{} households were in nightly paid, privately managed accommodation, self-contained",
    Kind.STOCK,
    "stock_month",
    "stock",
    _last_month(dimension="type", value="nightly"),
)
BB = Measure(
    "bb",
    "ta",
    "Bed and breakfast hotels",
    "{} household was in bed and breakfast hotels",
    "{} households were in bed and breakfast hotels",
    Kind.STOCK,
    "stock_month",
    "stock",
    _last_month(dimension="type", value="bb"),
)
BB_OVER = Measure(
    "bb-over",
    "ta",
    "Families in bed and breakfast over 6 weeks",
    "{} family had been in bed and breakfast for over six weeks",
    "{} families had been in bed and breakfast for over six weeks",
    Kind.STOCK,
    "stay_bb_month",
    "count_families_over_42",
    _last_month(),
)
SO_FAR = Measure(
    "so-far",
    "ta",
    "Typical time so far in temporary accommodation",
    "half of the households in temporary accommodation had been there for {} or more",
    "half of the households in temporary accommodation had been there for {} or more",
    Kind.STOCK,
    "stay_in_progress_summary",
    "median_days",
    _last_day(**_ALL),
    unit="days",
    is_spread=True,
)
OUT = Measure(
    "out",
    "ta",
    "In temporary accommodation in another local authority district",
    "{} household was in temporary accommodation in another local authority district",
    "{} households were in temporary accommodation in another local authority district",
    Kind.STOCK,
    "stock_month",
    "stock",
    _last_month(dimension="out_of_district", value="out of district"),
)
STAYING = Measure(
    "staying",
    "ta",
    "In temporary accommodation, by length of stay",
    "{} household was in temporary accommodation",
    "{} households were in temporary accommodation",
    Kind.STOCK,
    "stay_six_months",
    "count_households",
    _last_day(ta_type="all", site="all"),
)
OVER_SIX_MONTHS = Measure(
    "over-six-months",
    "ta",
    "Of them over six months",
    "{} household had been in temporary accommodation over six months",
    "{} households had been in temporary accommodation over six months",
    Kind.STOCK,
    "stay_six_months",
    "count_over_six_months",
    _last_day(ta_type="all", site="all"),
)
GROSS = Measure(
    "gross",
    "ta",
    "Cost of temporary accommodation, gross",
    "temporary accommodation cost {} gross",
    "temporary accommodation cost {} gross",
    Kind.FLOW,
    "cost_type_month",
    "gross",
    _months(ta_type="all"),
    unit="£",
    is_spread=True,
)
PREVENTED_SHARE = Share(
    "prevented-share",
    "Homelessness prevented",
    "prevention duties that ended did so with accommodation secured",
    PREVENTED,
    PREVENTION_ENDED,
)
RELIEVED_SHARE = Share(
    "relieved-share",
    "Homelessness relieved",
    "relief duties that ended did so with accommodation secured",
    RELIEVED,
    RELIEF_ENDED,
)
DECIDED_SHARE = Share(
    "decided-share",
    "Main duty decisions by day 57",
    "main duty decisions were made by day 57, counted from the start of relief",
    BY_DAY_57,
    DECISIONS,
)
OVER_SIX_SHARE = Share(
    "over-six-share",
    "In temporary accommodation over six months",
    "households in temporary accommodation had been there over six months",
    OVER_SIX_MONTHS,
    STAYING,
)
