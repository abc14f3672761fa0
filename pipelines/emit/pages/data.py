"""The figures of the dashboard, read from the metrics' relations: counts by cell, and amounts that rest on a count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.disclosure.policies import Cell, Links, protect, rests_on_few
from pipelines.disclosure.thresholds import SUPPRESS_BELOW
from pipelines.emit.pages.words import STAGES, TYPES, Missing, Value
from pipelines.metrics.stays.survival import survival_curve, survival_summary
from pipelines.period import Quarter

QUARTERS_SHOWN = 8
ALL = "all"
FURTHEST_DAY = 1826
"""Survival curves are drawn for five years at most."""

Step = tuple[int, float, float | None, float | None]
"""Day of the stay, share still there after it, and its limits."""


@dataclass
class Figures:
    """Everything that a page may print, before small numbers are left out.

    A cell is a tuple: ``("stock", first day of the month, type)``. ``counts`` and ``amounts`` hold the known ones only.
    ``base``: the count that an amount describes; where that is small or left out, the amount is left out too.
    """

    la_code: str
    quarter: Quarter
    as_at: date
    quarters: tuple[Quarter, ...]
    months: tuple[date, ...]
    cases_since: Quarter | None = None
    homes_since: Quarter | None = None
    counts: dict[Cell, int] = field(default_factory=dict)
    amounts: dict[Cell, Any] = field(default_factory=dict)
    base: dict[Cell, Cell] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    teams: tuple[str, ...] = ()
    officers: tuple[tuple[str, dict[str, int], float | None], ...] = ()
    bands: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    curves: dict[str, list[Step]] = field(default_factory=dict)
    survival: dict[str, dict[str, Any]] = field(default_factory=dict)
    cost_by_type: tuple[tuple[str, Any, Any], ...] = ()
    has_cost: bool = False
    forecasts: dict[str, Forecast] = field(default_factory=dict)
    forecast_refused: str = ""

    @property
    def last_month(self) -> date:
        """First day of the quarter's last month."""
        return self.months[-1]

    def end_of(self, quarter: Quarter) -> date:
        """First day of a quarter's last month: the key of its stock."""
        return quarter.last_day.replace(day=1)


@dataclass(frozen=True)
class Forecast:
    """One series: rows of quarter (words), point, lo_80, hi_80; or why there is none."""

    rows: tuple[tuple[str, float, float, float], ...]
    reason: str
    model: str


@dataclass(frozen=True)
class Edition:
    """The figures as one edition may print them."""

    figures: Figures
    internal: bool
    hidden: frozenset[Cell]

    def count(self, *cell: Any) -> Value:
        """A count, or why there is none."""
        if cell in self.hidden:
            return Missing.HIDDEN
        return self.figures.counts.get(cell, Missing.UNKNOWN)

    def amount(self, *cell: Any) -> Value:
        """A mean, median or sum of money, or why there is none."""
        figures = self.figures
        if cell not in figures.amounts:
            return Missing.UNKNOWN
        base, value = figures.base[cell], figures.amounts[cell]
        # A month's cost may be that of few households although none is left on its last day.
        is_small = bool(value) and rests_on_few(figures.counts.get(base, 0))
        if not self.internal and (base in self.hidden or is_small):
            return Missing.HIDDEN
        found: Value = value
        return found

    def share(self, part: Cell, whole: Cell) -> Value:
        """A count as a share of another."""
        top, bottom = self.count(*part), self.count(*whole)
        if isinstance(top, Missing) or isinstance(bottom, Missing):
            return Missing.HIDDEN if Missing.HIDDEN in (top, bottom) else Missing.UNKNOWN
        return float(top) / float(bottom) if bottom else Missing.UNKNOWN


def edition(figures: Figures, *, internal: bool) -> Edition:
    """The internal edition prints all; from the other, small numbers and what gives them away are left out."""
    hidden = frozenset() if internal else frozenset(protect(figures.counts, figures.links))
    return Edition(figures, internal, hidden)


def _dicts(con: duckdb.DuckDBPyConnection, query: str, **values: Any) -> Iterator[dict[str, Any]]:
    return con.execute(query, values or None).pl().iter_rows(named=True)


def _first_quarters(con: duckdb.DuckDBPyConnection) -> tuple[Quarter | None, Quarter | None]:
    """The quarters of the first application and of the first night in temporary accommodation on record."""
    row = con.execute(
        "select (select min(application_date) from households), (select min(from_date) from stay_segments)"
    ).fetchone()
    assert row is not None
    applied, placed = (Quarter.containing(day) if day else None for day in row)
    return applied, placed


def collect(con: duckdb.DuckDBPyConnection, *, forecast: bool = True) -> Figures:
    """Read the figures for the quarter of ``reporting_period`` and the seven before it.

    The relations of caseload, stays and cost have been prepared for the window that ends with the quarter. A quarter
    before the first application (for temporary accommodation: the first placement) on record is not known, not 0.
    """
    row = con.execute("select la_code, quarter, as_at from reporting_period").fetchone()
    assert row is not None
    quarter = Quarter.parse(row[1])
    quarters = tuple(quarter.shift(number - QUARTERS_SHOWN + 1) for number in range(QUARTERS_SHOWN))
    figures = Figures(row[0], quarter, row[2], quarters, tuple(_months(quarters)))
    applied, placed = figures.cases_since, figures.homes_since = _first_quarters(con)
    if applied is not None:
        _caseload(con, figures, applied)
    if placed is not None:
        _accommodation(con, figures, placed)
        _length_of_stay(con, figures)
        _cost(con, figures, placed)
    _link(figures)
    if forecast:
        _forecast(con, figures, {"arrivals": applied, "stock": placed})
    return figures


def _months(quarters: tuple[Quarter, ...]) -> Iterator[date]:
    for quarter in quarters:
        for number in range(3):
            yield quarter.first_day.replace(month=quarter.first_day.month + number)


def _caseload(con: duckdb.DuckDBPyConnection, figures: Figures, since: Quarter) -> None:
    counts, first = figures.counts, max(figures.months[0], since.first_day)
    open_cases = _dicts(
        con,
        "select first_day, team, officer, stage, open_cases from case_open_month where first_day >= $first"
        " and (officer = 'all' or first_day = $last)",
        first=first,
        last=figures.last_month,
    )
    officers: dict[str, dict[str, int]] = {}
    teams: dict[str, int] = {}
    for row in open_cases:
        is_last = row["first_day"] == figures.last_month
        if row["officer"] != ALL:
            officers.setdefault(row["officer"], {})[row["stage"]] = row["open_cases"]
        elif row["team"] == ALL or is_last:
            counts["open", row["first_day"], row["team"], row["stage"]] = row["open_cases"]
            if row["team"] != ALL and row["stage"] == ALL:
                teams[row["team"]] = row["open_cases"]
    figures.teams = tuple(sorted(team for team, cases in teams.items() if cases))
    for team, cases in teams.items():
        # A team without open cases says nothing and would only lengthen the table.
        if not cases:
            for stage in (*STAGES, ALL):
                counts.pop(("open", figures.last_month, team, stage), None)
    ages = {
        (row["team"], row["officer"]): row["median_age_days"]
        for row in _dicts(con, "select team, officer, median_age_days from case_age where stage = 'all'")
    }
    for team in (*figures.teams, ALL):
        if (age := ages.get((team, ALL))) is not None:
            _amount(figures, ("age", team), age, ("open", figures.last_month, team, ALL))
    figures.officers = tuple(
        (officer, stages, ages.get((ALL, officer)))
        for officer, stages in sorted(officers.items(), key=lambda item: (-item[1].get(ALL, 0), item[0]))
        if stages.get(ALL)
    )
    for row in _dicts(
        con, "select * from case_flow_month where team = 'all' and first_day >= $first order by first_day", first=first
    ):
        for name in ("arrivals", "closures"):
            counts[name, row["first_day"]] = row[name]
    for row in _dicts(con, "select * from case_watch_month where first_day >= $first", first=first):
        counts["past_56", row["first_day"]] = row["relief_past_56_days"]
        counts["undecided", row["first_day"]] = row["in_ta_without_decision"]
    decided = {row["first_day"]: row for row in _dicts(con, "select * from case_decision_day")}
    ended = {row["first_day"]: row for row in _dicts(con, "select * from case_first_stage_quarter")}
    for quarter in (quarter for quarter in figures.quarters if quarter >= since):
        row = decided.get(quarter.first_day, {"count_decisions": 0, "by_day_57": 0, "without_relief_duty": 0})
        counts["decisions", quarter] = row["count_decisions"] - row["without_relief_duty"]
        counts["by_day_57", quarter] = row["by_day_57"]
        row = ended.get(quarter.first_day, {"prevention_ended": 0, "prevented": 0})
        counts["prevention_ended", quarter] = row["prevention_ended"]
        counts["prevented", quarter] = row["prevented"]


def _accommodation(con: duckdb.DuckDBPyConnection, figures: Figures, since: Quarter) -> None:
    counts, first = figures.counts, max(figures.months[0], since.first_day)
    seen = set()
    for row in _dicts(
        con,
        "select dimension, value, first_day, stock, entries, exits from stock_month"
        " where dimension in ('all', 'type') and first_day >= $first",
        first=first,
    ):
        if row["dimension"] == ALL:
            counts["entries", row["first_day"]] = row["entries"]
            counts["exits", row["first_day"]] = row["exits"]
        elif row["stock"]:
            seen.add(row["value"])
        counts["stock", row["first_day"], row["value"]] = row["stock"]
    figures.types = tuple(name for name in TYPES if name in seen)
    for name in set(TYPES) - seen:
        for month in figures.months:
            counts.pop(("stock", month, name), None)
    for row in _dicts(con, "select * from stay_bb_month where first_day >= $first", first=first):
        counts["bb_families", row["first_day"]] = row["count_families"]
        counts["bb_over", row["first_day"]] = row["count_families_over_42"]


def _length_of_stay(con: duckdb.DuckDBPyConnection, figures: Figures) -> None:
    last = figures.quarter.last_day
    ends = {quarter.last_day: figures.end_of(quarter) for quarter in figures.quarters}
    bands = con.execute(
        "select band, sum(count_households)::bigint as cases from stay_in_progress_bands"
        " where dimension = 'all' and day = ? group by band order by min(band_no)",
        [last],
    ).fetchall()
    figures.bands = tuple(band for band, _ in bands)
    for band, households in bands:
        figures.counts["band", band] = households
    for row in _dicts(con, "select * from stay_in_progress_summary where dimension in ('all', 'type')"):
        if row["day"] not in ends or (row["dimension"] == "type" and row["day"] != last):
            continue
        month = ends[row["day"]]
        for name in ("mean", "median"):
            _amount(
                figures, (f"so_far_{name}", month, row["value"]), row[f"{name}_days"], ("stock", month, row["value"])
            )
    for row in _dicts(con, "select * from stay_completed where period = 'quarter' and dimension = 'all'"):
        quarter = Quarter.containing(row["first_day"])
        for name in ("mean", "median"):
            _amount(figures, (f"completed_{name}", quarter), row[f"{name}_days"], ("exits", quarter))
    for dimension in (ALL, "type"):
        found = survival_summary(con, dimension).filter(~pl.col("is_too_few"))
        for row in found.iter_rows(named=True):
            figures.survival[row["value"]] = row
        curve = survival_curve(con, dimension).filter(
            pl.col("value").is_in(found["value"].to_list()),
            ~pl.col("is_exhausted"),
            pl.col("at_risk") >= SUPPRESS_BELOW,
            pl.col("day") <= FURTHEST_DAY,
        )
        for row in curve.sort("value", "day").iter_rows(named=True):
            figures.curves.setdefault(row["value"], []).append(
                (row["day"], row["survival"], row["lower"], row["upper"])
            )


def _cost(con: duckdb.DuckDBPyConnection, figures: Figures, since: Quarter) -> None:
    rows = list(_dicts(con, "select * from cost_type_month where first_day >= $first", first=figures.months[0]))
    if not any(row["gross_known"] for row in rows):
        return
    figures.has_cost = True
    months = {row["first_day"]: row for row in rows if row["ta_type"] == ALL}
    nothing = {"gross": 0, "net": 0}
    for month in figures.months:
        for name in ("gross", "net"):
            value = months.get(month, nothing)[name]
            if value is not None and month >= since.first_day:
                _amount(figures, (name, month), value, ("stock", month, ALL))
    for quarter in figures.quarters:
        for name in ("gross", "net"):
            parts = [(name, month) for month in _months((quarter,))]
            if all(part in figures.amounts for part in parts):
                total = sum(figures.amounts[part] for part in parts)
                _amount(figures, (name, quarter), total, ("stock", figures.end_of(quarter), ALL))
    in_quarter = [row for row in rows if row["first_day"] >= figures.quarter.first_day]
    for name in TYPES:
        part = [row for row in in_quarter if row["ta_type"] == name]
        if part:
            gross, net = (
                None if any(row[key] is None for row in part) else sum(row[key] for row in part) for key in nothing
            )
            figures.cost_by_type += ((name, gross, net),)


def _amount(figures: Figures, cell: Cell, value: Any, base: Cell) -> None:
    figures.amounts[cell] = value
    figures.base[cell] = base


def _link(figures: Figures) -> None:
    """Every sum and balance between the counts; what is left of a total beside a part is a count of its own."""
    counts, links, last = figures.counts, figures.links, figures.last_month

    def parts(total: Cell, *cells: Cell) -> None:
        links.sums.append((total, cells))

    def rest(total: Cell, part: Cell) -> None:
        links.rest(counts, total, part)

    for quarter in figures.quarters:
        for name in ("arrivals", "closures", "entries", "exits"):
            months = [(name, month) for month in _months((quarter,))]
            if all(cell in counts for cell in months):
                counts[name, quarter] = sum(counts[cell] for cell in months)
                parts((name, quarter), *months)
        rest(("decisions", quarter), ("by_day_57", quarter))
        rest(("prevention_ended", quarter), ("prevented", quarter))
    for month in figures.months:
        parts(("open", month, ALL, ALL), *(("open", month, ALL, stage) for stage in STAGES))
        parts(("stock", month, ALL), *(("stock", month, name) for name in figures.types))
        rest(("stock", month, "bb"), ("bb_families", month))
        rest(("bb_families", month), ("bb_over", month))
        rest(("stock", month, ALL), ("undecided", month))
        rest(("open", month, ALL, ALL), ("past_56", month))
    for stage in (*STAGES, ALL):
        parts(("open", last, ALL, stage), *(("open", last, team, stage) for team in figures.teams))
    for team in figures.teams:
        parts(("open", last, team, ALL), *(("open", last, team, stage) for stage in STAGES))
    parts(("stock", last, ALL), *(("band", band) for band in figures.bands))
    for stock, came, left, end in (
        ("stock", "entries", "exits", (ALL,)),
        ("open", "arrivals", "closures", (ALL, ALL)),
    ):
        # The stock before the first month is not printed, but its flows are tied to the quarter's all the same.
        ends: list[Cell] = [(stock, None), *((stock, month, *end) for month in figures.months)]
        for before, after, month in zip(ends[:-1], ends[1:], figures.months, strict=True):
            links.balances.append((before, after, (came, month), (left, month)))
        ends = [(stock, None), *((stock, figures.end_of(quarter), *end) for quarter in figures.quarters)]
        for before, after, quarter in zip(ends[:-1], ends[1:], figures.quarters, strict=True):
            links.balances.append((before, after, (came, quarter), (left, quarter)))


def _forecast(con: duckdb.DuckDBPyConnection, figures: Figures, since: dict[str, Quarter | None]) -> None:
    from pipelines.errors import HclicError
    from pipelines.metrics.forecast import MODEL_LABELS, forecast_series

    history = _history(con, figures, since)
    if history.is_empty():
        figures.forecast_refused = "There is no forecast: the records hold no earlier quarters."
        return
    try:
        result = forecast_series(history)
    except HclicError:
        figures.forecast_refused = "There is no forecast: the extra packages for forecasts are not installed."
        return
    for row in result.evaluation.iter_rows(named=True):
        rows = result.forecast.filter(pl.col("unique_id") == row["unique_id"]).sort("quarter")
        figures.forecasts[row["unique_id"]] = Forecast(
            tuple(
                (Quarter.parse(item["quarter"]).words, item["point"], max(item["lo_80"], 0.0), item["hi_80"])
                for item in rows.iter_rows(named=True)
            ),
            row["reason"],
            MODEL_LABELS.get(row["model"] or "", ""),
        )


def _history(con: duckdb.DuckDBPyConnection, figures: Figures, since: dict[str, Quarter | None]) -> pl.DataFrame:
    """One row per series and quarter from the first whole one on record: unique_id, quarter, value."""
    queries = {
        "arrivals": "select date_trunc('quarter', first_day)::date, sum(arrivals) from case_flow_month"
        " where team = 'all' group by all order by all",
        "stock": "select date_trunc('quarter', first_day)::date, max_by(stock, first_day) from stock_month"
        " where dimension = 'all' group by all order by all",
    }
    rows = []
    for name, query in queries.items():
        start = since[name]
        for first_day, value in con.execute(query).fetchall() if start else ():
            quarter = Quarter.containing(first_day)
            if start is not None and start < quarter <= figures.quarter:
                rows.append((name, name, str(quarter), float(value)))
    columns = {"unique_id": pl.String, "group": pl.String, "quarter": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=columns, orient="row")
