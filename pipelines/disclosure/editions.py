"""The shareable edition: which metrics leave the service, and how small numbers are left out of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.disclosure.counts import SUPPRESSED, lines_of_table, suppressed_cells


@dataclass(frozen=True)
class Shareable:
    """How one metric is shared.

    ``dimensions`` name a row, and ``all`` in one of them is the sum of the others. ``counts`` are the columns with
    numbers of households; ``within`` says which of them, in one row, is the sum of which others. ``derived`` columns
    rest on them and go with the first that is left out. ``only`` keeps the rows of that value and drops the column.
    ``drop`` are columns from which what is left out could be worked out over time. ``parts_of_all`` is a pair of
    columns, a breakdown and its value, in which the row all/all is the sum of each breakdown.
    ``rows_of`` keeps the rows with these values: breakdowns that are not sums of each other. ``without_counts`` shares
    what is derived only; ``rounded`` shares counts to the nearest of that number instead of leaving any out.
    """

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    derived: tuple[str, ...] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    parts_of_all: tuple[str, str] | None = None
    rows_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without_counts: bool = False
    rounded: int | None = None


SHAREABLE: dict[str, Shareable] = {
    "case_open_month": Shareable(("first_day", "team", "stage"), ("open_cases",), only={"officer": "all"}),
    "case_arrivals_quarter": Shareable(
        ("first_day",),
        ("applications", "advice_only"),
        ("change", "change_share"),
        drop=("applications_year_before",),
    ),
    "case_age": Shareable(
        ("team", "stage"),
        ("open_cases",),
        (
            "mean_age_days",
            "lower_quartile_age_days",
            "median_age_days",
            "upper_quartile_age_days",
            "median_days_in_stage",
        ),
        only={"officer": "all"},
        drop=("oldest_age_days",),
        without_counts=True,
    ),
    "case_durations": Shareable(
        ("interval", "period", "first_day"),
        ("count_cases",),
        ("mean_days", "lower_quartile_days", "median_days", "upper_quartile_days"),
        drop=("longest_days", "count_out_of_order"),
        without_counts=True,
    ),
    "case_decision_day": Shareable(
        ("first_day",),
        (
            "count_decisions",
            "by_day_57",
            "day_58_to_71",
            "day_72_to_85",
            "day_86_to_113",
            "after_day_113",
            "without_relief_duty",
        ),
        ("share_by_day_57", "median_day", "upper_quartile_day"),
        within={
            "count_decisions": (
                "by_day_57",
                "day_58_to_71",
                "day_72_to_85",
                "day_86_to_113",
                "after_day_113",
                "without_relief_duty",
            )
        },
    ),
    "case_watch_month": Shareable(("first_day",), ("relief_past_56_days", "in_ta_without_decision")),
    "case_first_stage_quarter": Shareable(
        ("first_day",),
        ("owed_prevention", "owed_relief", "prevention_ended", "prevented"),
        ("share_first_seen_at_relief", "share_prevented"),
    ),
    "case_plans": Shareable(
        ("first_day", "team"), ("owed_a_duty", "with_plan"), ("share_with_plan", "median_days_to_plan")
    ),
    "outcome_quarter": Shareable(("duty", "first_day", "outcome_group"), ("count_cases",), ("share",)),
    "outcome_duty_reason": Shareable(
        ("duty", "horizon_months", "start_year", "reasonloss", "state"),
        ("count_cases",),
        ("share",),
        drop=("later_started",),
    ),
    "outcome_sustained": Shareable(
        ("duty", "first_day"),
        ("ended_with_accommodation", "not_yet_reached", "cannot_be_linked", "returned", "no_return_seen"),
        ("share_sustained",),
        within={
            "ended_with_accommodation": ("not_yet_reached", "cannot_be_linked", "returned", "no_return_seen"),
        },
    ),
    "reason_quarter": Shareable(
        ("first_day", "reasonloss"),
        ("count_cases",),
        ("share", "rank_no", "rank_no_year_before", "places_gained"),
        drop=("count_cases_year_before",),
    ),
    "review_quarter": Shareable(
        ("first_day", "decision_reviewed"),
        ("requested", "due", "due_decided_in_time", "due_late_or_outstanding", "decided", "overturned"),
        ("share_in_time", "share_overturned"),
        drop=("ended_undecided",),
    ),
    "referral_quarter": Shareable(
        ("first_day", "referral", "referral_body"),
        ("count_referrals", "not_assessed", "owed_prevention", "owed_relief", "no_duty"),
        within={"count_referrals": ("not_assessed", "owed_prevention", "owed_relief", "no_duty")},
        drop=("accommodated", "closed_otherwise", "still_open"),
    ),
    "cohort_year": Shareable(
        ("first_day", "cohort"),
        (
            "assessed",
            "owed_prevention",
            "owed_relief",
            "prevention_ended",
            "prevention_accommodated",
            "relief_ended",
            "relief_accommodated",
            "main_duty_accepted",
            "ever_in_ta",
        ),
        # Cohorts overlap each other and the reasons of table A2: only rounding keeps sums over tables apart.
        rounded=5,
    ),
    "stock_month": Shareable(
        ("first_day", "dimension", "value"),
        ("stock",),
        ("nights",),
        drop=("opening_stock", "entries", "exits", "transfers_in", "transfers_out"),
        parts_of_all=("dimension", "value"),
        rows_of={"dimension": ("all", "type", "household", "duty", "out_of_district")},
    ),
}
"""Metrics of the shareable edition. One not named here is internal, as is anything with a case or an officer."""

_DIFFERENCES = {
    "case_plans": (("owed_a_duty", "with_plan"),),
    "review_quarter": (("due", "due_decided_in_time"), ("decided", "overturned")),
}
"""Whole and part: what is left between them is a count too, and a small one must not be worked out."""

Cell = tuple[Any, ...]


def _cell(name: str, row: tuple[Any, ...], column: str) -> Cell:
    """The cell of a table; one number that stands in two tables is one cell."""
    if name == "outcome_quarter":
        return ("ended", *row)
    if name == "outcome_sustained" and column == "ended_with_accommodation" and row[0] != "all":
        return ("ended", *row, "accommodated")
    if name == "case_first_stage_quarter" and column in ("prevention_ended", "prevented"):
        return ("ended", "prevention", row[0], "all" if column == "prevention_ended" else "accommodated")
    return (name, row, column)


class _Tables:
    """All tables of the edition as cells and lines."""

    def __init__(self) -> None:
        self.cells: dict[Cell, int] = {}
        self.lines: list[tuple[Cell, list[Cell]]] = []

    def add(self, name: str, how: Shareable, frame: pl.DataFrame) -> None:
        rows = frame.select(how.dimensions).rows()
        here: dict[tuple[tuple[Any, ...], str], Cell] = {}
        for column in how.counts:
            for row, value in zip(rows, frame[column].to_list(), strict=True):
                if value is not None:
                    here[row, column] = _cell(name, row, column)
                    self.cells[here[row, column]] = int(value)
        for column in how.counts:
            known = [row for row in rows if (row, column) in here]
            lines = _lines_of_breakdowns(known, how) if how.parts_of_all else lines_of_table(known)
            self.lines += [(here[total, column], [here[part, column] for part in parts]) for total, parts in lines]
        for row in rows:
            for total, parts in how.within.items():
                if (row, total) in here:
                    self.lines.append((here[row, total], [here[row, part] for part in parts]))
            for whole, part in _DIFFERENCES.get(name, ()):
                if (row, whole) in here and (row, part) in here:
                    rest = (name, row, f"{whole} less {part}")
                    self.cells[rest] = self.cells[here[row, whole]] - self.cells[here[row, part]]
                    self.lines.append((here[row, whole], [here[row, part], rest]))

    def join(self) -> None:
        """Lines between tables: households owed a duty by duty and by reason are those of the table of plans."""
        for cell in [cell for cell in self.cells if cell[0] == "case_plans" and cell[2] == "owed_a_duty"]:
            day, team = cell[1]
            if team != "all":
                continue
            by_duty = [("case_first_stage_quarter", (day,), column) for column in ("owed_prevention", "owed_relief")]
            by_reason = [other for other in self.cells if other[0] == "reason_quarter" and other[1][0] == day]
            for parts in (by_duty, by_reason):
                if parts and sum(self.cells.get(part, 0) for part in parts) == self.cells[cell]:
                    self.lines.append((cell, list(parts)))


def _lines_of_breakdowns(
    rows: Sequence[tuple[Any, ...]], how: Shareable
) -> list[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    assert how.parts_of_all is not None
    breakdown, value = (how.dimensions.index(column) for column in how.parts_of_all)
    parts: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        if row[breakdown] != "all":
            total = list(row)
            total[breakdown] = total[value] = "all"
            parts.setdefault((*total, row[breakdown]), []).append(row)
    known = set(rows)
    return [(key[:-1], found) for key, found in parts.items() if key[:-1] in known]


def share(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Metrics as they may be shared: small counts empty, and ``note`` says which rows they are in.

    All tables are treated together, because one number may stand in several of them.

    Raises:
        KeyError: a metric is not one that is shared.
    """
    return share_with(frames, {})[0]


def share_with(
    frames: Mapping[str, pl.DataFrame], totals: Mapping[Cell, tuple[int, Sequence[Cell]]]
) -> tuple[dict[str, pl.DataFrame], set[Cell]]:
    """As ``share``, beside totals over cells that are shown elsewhere; also which of these totals may not be shown."""
    kept = {}
    tables = _Tables()
    for name, frame in frames.items():
        how = SHAREABLE[name]
        for column, value in how.only.items():
            frame = frame.filter(pl.col(column) == value).drop(column)
        for column, values in how.rows_of.items():
            frame = frame.filter(pl.col(column).is_in(values))
        kept[name] = frame.drop(how.drop)
        if how.rounded is None:
            tables.add(name, how, kept[name])
    tables.join()
    for total, (count, parts) in totals.items():
        known = [part for part in parts if part in tables.cells]
        if known and sum(tables.cells[part] for part in known) == count:
            tables.cells[total] = count
            tables.lines.append((total, known))
    hidden = suppressed_cells(tables.cells, tables.lines)
    return {name: _without(name, frame, hidden) for name, frame in kept.items()}, hidden & set(totals)


def _without(name: str, frame: pl.DataFrame, hidden: set[Cell]) -> pl.DataFrame:
    how = SHAREABLE[name]
    if how.rounded is not None:
        nearest = how.rounded
        return frame.with_columns(
            *((pl.col(column) + nearest // 2) // nearest * nearest for column in how.counts),
            note=pl.lit(f"rounded to the nearest {nearest}"),
        )
    rows = frame.select(how.dimensions).rows()
    gone = {column: [_cell(name, row, column) in hidden for row in rows] for column in how.counts}
    has_gap = pl.Series("note", [any(flags) for flags in zip(*gone.values(), strict=True)], dtype=pl.Boolean)
    columns = {column: pl.Series(flags, dtype=pl.Boolean) for column, flags in gone.items()}
    columns |= dict.fromkeys(how.derived, has_gap)
    blanked = frame.with_columns(
        *(pl.when(flags).then(None).otherwise(pl.col(column)).alias(column) for column, flags in columns.items()),
        note=pl.when(has_gap).then(pl.lit(SUPPRESSED)).otherwise(pl.lit("")),
    )
    return blanked.drop(how.counts) if how.without_counts else blanked
