"""How the counts of the metrics are related: within a table, between tables, over time.

A relation is what a reader may know by the definitions. It is taken in wherever it is true of the counts, so that one
which holds only most of the time is never wrongly relied on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pipelines.disclosure.audit import SLACK
from pipelines.disclosure.rounding import window
from pipelines.disclosure.shareable import SHAREABLE, Shareable
from pipelines.disclosure.system import Cell, System

Key = tuple[Any, ...]

ALL = "all"


def month_before(day: date) -> date:
    """First day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def months_from(day: date, count: int) -> list[date]:
    """First days of so many months, from that of ``day`` on."""
    first = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(first, first + count)]


def months_back(day: date, count: int) -> date:
    """First day of the first of so many months, of which that of ``day`` is the last."""
    number = day.year * 12 + day.month - count
    return date(number // 12, number % 12 + 1, 1)


FOI_CELLS: dict[int, tuple[str, str, tuple[str, ...]]] = {
    5: ("stock_month", "entries", (ALL, ALL)),
    6: ("stock_month", "exits", (ALL, ALL)),
    8: ("stock_month", "stock", (ALL, ALL)),
    9: ("stock_month", "stock", ("children", "children")),
    11: ("stock_month", "stock", ("type", "nightly")),
    12: ("stock_month", "stock", ("type", "bb")),
    13: ("stay_bb_month", "count_over_42", ()),
    14: ("stay_bb_month", "count_families_over_42", ()),
    15: ("stock_month", "stock", ("out_of_district", "out of district")),
    18: ("stock_children_month", "count_children", ("0 to 4",)),
    19: ("stock_children_month", "count_children", ("5 to 11",)),
    20: ("stock_children_month", "count_children", ("12 to 15",)),
    21: ("stock_children_month", "count_children", ("16 to 17",)),
    22: ("stock_children_month", "count_children", ("18 and over",)),
    23: ("stock_children_month", "count_children", ("age not known",)),
}
"""Items of the freedom of information answer (``foi_items``) that are a count of another metric: table, column, row."""


def same_as(name: str, key: Key, column: str, last_month: date) -> Cell | None:
    """The cell of another table that holds the same count by definition; that of its own otherwise.

    Args:
        name: the metric.
        key: the values of its dimensions.
        column: the count.
        last_month: first day of the quarter's last month.
    """
    if name == "case_age":
        return ("case_open_month", (last_month, *key), "open_cases")
    if name == "case_flow_month" and column in ("open_cases", "opening_cases"):
        month = key[0] if column == "open_cases" else month_before(key[0])
        return ("case_open_month", (month, key[1], ALL), "open_cases")
    if name == "stock_month" and column == "opening_stock":
        return ("stock_month", (month_before(key[0]), *key[1:]), "stock")
    if name == "stock_quarter" and column in ("stock", "opening_stock"):
        months = months_from(key[0], 3)
        month = months[2] if column == "stock" else month_before(key[0])
        return ("stock_month", (month, *key[1:]), "stock")
    if name == "stay_bb_month" and column == "count_households":
        return ("stock_month", (key[0], "type", "bb"), "stock")
    if name == "stay_in_progress_summary":
        return ("stock_month", (key[0].replace(day=1), *key[1:]), "stock")
    if name == "outcome_sustained" and column == "ended_with_accommodation" and key[0] != ALL:
        return ("outcome_quarter", (*key, "accommodated"), "count_cases")
    if name == "case_first_stage_quarter" and column in ("prevention_ended", "prevented"):
        group = ALL if column == "prevention_ended" else "accommodated"
        return ("outcome_quarter", ("prevention", key[0], group), "count_cases")
    if name == "foi_month" and key[1] in FOI_CELLS:
        table, other, row = FOI_CELLS[key[1]]
        return (table, (key[0], *row), other)
    if name == "outcome_characteristic" and key[2] == ALL:
        # Every characteristic is one of the same duties.
        return (name, (last_month, key[0], ALL, ALL), column)
    return None


class Tables:
    """The counts of every table as cells, found by table, row and column."""

    def __init__(self, system: System) -> None:
        """``system`` gets the relations."""
        self.system = system
        self.rows: dict[str, list[Key]] = {}
        self.cell: dict[tuple[str, Key, str], Cell] = {}
        self.parts: list[tuple[Cell, Cell]] = []
        """A whole and a part of it each."""
        self.group_of: dict[tuple[str, Key], str] = {}
        """The larger group that a row belongs to, of tables in which a column says so."""

    def find(self, name: str, key: Key, column: str) -> Cell | None:
        """The cell, or none where the table has no such row."""
        return self.cell.get((name, key, column))

    def count(self, cell: Cell | None) -> int:
        """The count of a cell; 0 where there is none."""
        return 0 if cell is None else self.system.values[self.system.number_of[cell]]

    def absent(self, name: str, total: Key, column: str) -> Cell:
        """What of a total may be in rows that are not printed because they are few, whether there are any or not."""
        cell: Cell = (SLACK, name, total, column, len(self.system.cells))
        self.system.add(cell, 0, window(0))
        return cell

    def total(self, total: Cell | None, parts: Iterable[Cell | None]) -> None:
        """A sum, where all its counts are known."""
        cells = list(parts)
        known = [cell for cell in cells if cell is not None]
        if total is not None and known and len(known) == len(cells) and self.system.total(total, known):
            self.parts += [(total, part) for part in known]

    def within(self, whole: Cell | None, part: Cell | None) -> None:
        """A part of a whole: what is left of it is a count of somebody too."""
        if whole is None or part is None or whole == part:
            return
        if self.system.at_most([(1, part)], [(1, whole)], ("rest", whole, part)):
            self.parts.append((whole, part))


def relate(tables: Tables) -> None:
    """Take in every relation that is known of the tables."""
    for name, rows in tables.rows.items():
        how = SHAREABLE[name]
        for column in how.counts:
            known = [key for key in rows if (name, key, column) in tables.cell]
            lines = breakdowns(known, how) if how.parts_of_all else lines_of_table(known)
            for total, parts in lines:
                cells = [tables.find(name, part, column) for part in parts]
                if not how.is_complete:
                    cells.append(tables.absent(name, total, column))
                tables.total(tables.find(name, total, column), cells)
        for key in rows:
            for total_column, columns in how.within.items():
                tables.total(tables.find(name, key, total_column), [tables.find(name, key, one) for one in columns])
            for whole, part in how.parts:
                tables.within(tables.find(name, key, whole), tables.find(name, key, part))
    for between in BETWEEN:
        between(tables)


def breakdowns(rows: Sequence[Key], how: Shareable) -> list[tuple[Key, list[Key]]]:
    """Lines of a table in which the row all/all is the sum of each of several breakdowns."""
    assert how.parts_of_all is not None
    breakdown, value = (how.dimensions.index(column) for column in how.parts_of_all)
    parts: dict[Key, list[Key]] = defaultdict(list)
    for row in rows:
        if row[breakdown] != ALL:
            total = list(row)
            total[breakdown] = total[value] = ALL
            parts[(*total, row[breakdown])].append(row)
    known = set(rows)
    return [(key[:-1], found) for key, found in parts.items() if key[:-1] in known]


def lines_of_table(keys: Sequence[Key], total: Hashable = ALL) -> list[tuple[Key, list[Key]]]:
    """Lines of a table in long form: along each dimension, the row that holds ``total`` and the others beside it."""
    lines = []
    for dimension in range(len(keys[0]) if keys else 0):
        groups: dict[Key, list[Key]] = defaultdict(list)
        for key in keys:
            groups[key[:dimension] + key[dimension + 1 :]].append(key)
        for group in groups.values():
            totals = [key for key in group if key[dimension] == total]
            if totals and len(group) > 1:
                lines.append((totals[0], [key for key in group if key[dimension] != total]))
    return lines


def _balances(tables: Tables) -> None:
    """Stock before, and what came and went, give the stock after."""
    flows = {
        "case_flow_month": ("opening_cases", ("arrivals", "reopened"), ("closures",), "open_cases"),
        "stock_month": ("opening_stock", ("entries",), ("exits",), "stock"),
        "stock_quarter": ("opening_stock", ("entries",), ("exits",), "stock"),
    }
    for name, (opening, came, went, closing) in flows.items():
        for key in tables.rows.get(name, ()):
            # Those who came stand first: to mend a balance by them upsets no other month.
            terms = [(1, tables.find(name, key, column)) for column in (*came, opening)]
            terms += [(-1, tables.find(name, key, column)) for column in (*went, closing)]
            known = [(factor, cell) for factor, cell in terms if cell is not None]
            if len(known) == len(terms):
                tables.system.relate(known)


def _quarters_of_months(tables: Tables) -> None:
    """A quarter is the sum of its months, and a financial year that of its quarters or months."""
    sums: list[tuple[str, str, int, Callable[[Key], Iterable[Cell | None]]]] = []

    def months(name: str, column: str, row: Callable[[date, Key], Key], count: int = 3) -> Any:
        return lambda key: (tables.find(name, row(month, key), column) for month in months_from(key[0], count))

    for column in ("entries", "exits"):
        sums.append(("stock_quarter", column, 3, months("stock_month", column, lambda m, k: (m, *k[1:]))))
    for name, column, _, parts in sums:
        for key in tables.rows.get(name, ()):
            tables.total(tables.find(name, key, column), list(parts(key)))
    for (day,) in tables.rows.get("case_arrivals_quarter", ()):
        whole = [tables.find("case_arrivals_quarter", (day,), column) for column in ("applications", "advice_only")]
        for part in (
            [tables.find("foi_month", (month, 1), "value") for month in months_from(day, 3)],
            [tables.find("case_flow_month", (month, ALL), "arrivals") for month in months_from(day, 3)],
        ):
            if None not in whole and None not in part:
                terms = [(-1, cell) for cell in whole if cell] + [(1, cell) for cell in part if cell]
                tables.system.relate(terms)
        closed = [tables.find("case_flow_month", (month, ALL), "closures") for month in months_from(day, 3)]
        tables.total(tables.find("case_arrivals_quarter", (day,), "closures"), closed)
    for duty, day, group in tables.rows.get("outcome_quarter", ()):
        if duty == "main" and group == ALL:
            ended = [tables.find("foi_month", (month, 7), "value") for month in months_from(day, 3)]
            tables.total(tables.find("outcome_quarter", (duty, day, group), "count_cases"), ended)


def _owed(tables: Tables) -> None:
    """Households owed a duty: by duty, by main reason, with and without a plan."""
    reasons: Mapping[date, list[Key]] = _by_first(tables.rows.get("reason_quarter", ()))
    for key in tables.rows.get("case_plans", ()):
        if key[1] != ALL:
            continue
        whole, day = tables.find("case_plans", key, "owed_a_duty"), key[0]
        by_duty = [
            tables.find("case_first_stage_quarter", (day,), column) for column in ("owed_prevention", "owed_relief")
        ]
        tables.total(whole, by_duty)
        tables.total(whole, [tables.find("reason_quarter", row, "count_cases") for row in reasons.get(day, ())])


def _years(tables: Tables) -> None:
    """Cohorts of a financial year are among all of it, and all of it is four quarters; so is a year of outcomes."""
    for key in tables.rows.get("cohort_year", ()):
        for column in SHAREABLE["cohort_year"].counts:
            everyone = tables.find("cohort_year", (key[0], ALL), column)
            if key[1] != ALL:
                tables.within(everyone, tables.find("cohort_year", key, column))
            elif column in ("owed_prevention", "owed_relief"):
                quarters = [
                    tables.find("case_first_stage_quarter", (day,), column) for day in months_from(key[0], 12)[::3]
                ]
                tables.total(everyone, [cell for cell in quarters if cell is not None])
    for column, group in (("ended", ALL), ("accommodated", "accommodated")):
        totals: dict[Cell, str] = {}
        for key in tables.rows.get("outcome_characteristic", ()):
            total = tables.find("outcome_characteristic", key, column)
            if total is not None and key[2] == ALL:
                totals[total] = key[0]
        for total, duty in totals.items():
            assert isinstance(total[1], tuple)
            starts = months_from(months_back(total[1][0], 12), 12)[::3]
            by_quarter = [tables.find("outcome_quarter", (duty, day, group), "count_cases") for day in starts]
            # A quarter without a row is one in which nobody, or a few, ended so.
            few = [tables.absent("outcome_quarter", (duty, group), column)] if None in by_quarter else []
            tables.total(total, [*(cell for cell in by_quarter if cell is not None), *few])


def _horizons(tables: Tables) -> None:
    """The same duties at several horizons: as many started, fewer are open later, more have ended."""
    name, column = "outcome_duty_reason", "count_cases"
    for key in tables.rows.get(name, ()):
        duty, horizon, year, reason, state = key
        for later in (12, 18):
            if later <= horizon:
                continue
            now, then = tables.find(name, key, column), tables.find(name, (duty, later, year, reason, state), column)
            started = [tables.find(name, (duty, months, year, reason, ALL), column) for months in (horizon, later)]
            if now is None or then is None or None in started:
                continue
            values = [tables.system.values[tables.system.number_of[cell]] for cell in started if cell]
            # With fewer at the later horizon, some started too late for it, and the two are not about the same.
            if values[0] != values[1]:
                continue
            if state == ALL:
                tables.total(now, [then])
            else:
                whole, part = (now, then) if state == "still open" else (then, now)
                tables.system.at_most([(1, part)], [(1, whole)], (SLACK, whole, part))
    items = {"prevention": 2, "relief": 3, "main": 4}
    for key in tables.rows.get(name, ()):
        if key[1] == 6 and key[3:] == (ALL, ALL) and key[0] in items:
            started = [tables.find("foi_month", (day, items[key[0]]), "value") for day in months_from(key[2], 12)]
            tables.total(tables.find(name, key, column), started)


def _homes(tables: Tables) -> None:
    """Households in temporary accommodation: by length band, by receiving authority, their stays that ended."""
    bands = defaultdict(list)
    for key in tables.rows.get("stay_in_progress_bands", ()):
        bands[key[:3]].append(tables.find("stay_in_progress_bands", key, "count_households"))
    for (day, *row), cells in bands.items():
        tables.total(tables.find("stock_month", (day.replace(day=1), *row), "stock"), cells)
    for day, keys in _by_first(tables.rows.get("stay_out_of_district", ())).items():
        whole = tables.find("stock_month", (day, "out_of_district", "out of district"), "stock")
        terms = [
            (factor, tables.find("stay_out_of_district", key, column))
            for factor, column in ((1, "count_households"), (-1, "count_own_arrangements"))
            for key in keys
        ]
        known = [(factor, cell) for factor, cell in terms if cell is not None]
        if whole is not None:
            tables.system.relate([(-1, whole), *known])
        everywhere = [tables.find("stay_out_of_district", key, "count_households") for key in keys]
        tables.total(
            tables.find("stay_receiving_regions", (day, ALL), "count_households"),
            [*everywhere, tables.absent("stay_receiving_regions", (day, ALL), "count_households")],
        )
        by_region = defaultdict(list)
        for key in keys:
            region = (day, tables.group_of["stay_out_of_district", key])
            by_region[region].append(tables.find("stay_out_of_district", key, "count_households"))
        for region, cells in by_region.items():
            few = tables.absent("stay_receiving_regions", region, "count_households")
            tables.total(tables.find("stay_receiving_regions", region, "count_households"), [*cells, few])
    for key in tables.rows.get("stay_six_months", ()):
        day, ta_type, site = key
        of_type = (ALL, ALL) if ta_type == ALL else ("type", ta_type)
        place = of_type if site == ALL else ("site", site)
        tables.total(
            tables.find("stock_month", (day.replace(day=1), *place), "stock"),
            [tables.find("stay_six_months", key, "count_households")],
        )
    for key in tables.rows.get("stay_completed", ()):
        period, day, dimension, value = key
        if period in ("month", "quarter"):
            table = "stock_month" if period == "month" else "stock_quarter"
            ended = tables.find("stay_completed", key, "count_stays")
            tables.total(tables.find(table, (day, dimension, value), "exits"), [ended])
    for (day,) in tables.rows.get("case_watch_month", ()):
        tables.within(
            tables.find("stock_month", (day, ALL, ALL), "stock"),
            tables.find("case_watch_month", (day,), "in_ta_without_decision"),
        )
        tables.within(
            tables.find("case_open_month", (day, ALL, ALL), "open_cases"),
            tables.find("case_watch_month", (day,), "relief_past_56_days"),
        )


def _answers(tables: Tables) -> None:
    """Items of the freedom of information answer: parts of others, sums over household types and ages."""
    parts = {9: 8, 10: 8, 11: 8, 12: 8, 13: 12, 14: 13, 15: 8, 16: 15}
    singles = ("single_adult_male", "single_adult_female", "single_adult_other")
    for day, keys in _by_first(tables.rows.get("foi_month", ())).items():
        for part, whole in parts.items():
            tables.within(
                tables.find("foi_month", (day, whole), "value"), tables.find("foi_month", (day, part), "value")
            )
        one = [tables.find("stock_month", (day, "household", name), "stock") for name in singles]
        tables.total(tables.find("foi_month", (day, 10), "value"), [cell for cell in one if cell is not None])
        ages = [tables.find("foi_month", (day, item), "value") for _, item in keys if 18 <= item <= 23]
        tables.total(tables.find("foi_month", (day, 17), "value"), ages)
        both = [tables.find("foi_month", (day, item), "value") for item in (9, 10)]
        everyone = tables.find("foi_month", (day, 8), "value")
        if everyone is not None and None not in both:
            tables.system.at_most(
                [(1, cell) for cell in both if cell], [(1, everyone)], ("rest", everyone, "neither family nor single")
            )


def _by_first(keys: Iterable[Key]) -> dict[date, list[Key]]:
    found: dict[date, list[Key]] = defaultdict(list)
    for key in keys:
        found[key[0]].append(key)
    return found


BETWEEN: tuple[Callable[[Tables], None], ...] = (
    _balances,
    _quarters_of_months,
    _owed,
    _years,
    _horizons,
    _homes,
    _answers,
)
"""The relations between tables, by what they are about."""
