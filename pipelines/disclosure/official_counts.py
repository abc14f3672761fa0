"""What MHCLG's tables print of the counts that the edition for sharing rounds: a reader has it beside ours.

Taken as known is our own count: where the official figure is another one, a reader knows less.
What a table hides by MHCLG's rule is not known, unless its other columns give it away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from pipelines.disclosure.relations import ALL, Key, Tables, months_from
from pipelines.disclosure.rounding import Window
from pipelines.disclosure.system import Cell
from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.period import Quarter
from pipelines.published.headings import data_in_force

OFFICIAL = "official"
"""The first word in the name of a sum that an official table prints."""

_OUT_OF_DISTRICT_HIDDEN_FROM = "2025-Q1"
"""The first quarter in which fewer than 5 out of district are hidden (``schemas/tables/suppression.csv``)."""

_CHILDREN = 17
"""The item of the freedom of information answer with all children in temporary accommodation."""

Sum = tuple[str, Iterable[Cell | None]]
"""The name of an official table, and the counts of which it prints the sum."""


def take_as_known(tables: Tables, last_day: date) -> None:
    """Lay what the official tables print of the quarter with this last day beside the counts of the edition."""
    quarter = Quarter.containing(last_day)
    for number, (name, cells) in enumerate(_printed(tables, _by_day(tables), quarter)):
        _know(tables, (OFFICIAL, quarter.first_day, name, number), [cell for cell in cells if cell is not None])
    tables.system.spread()


def _know(tables: Tables, name: Cell, cells: list[Cell]) -> None:
    """The sum of these counts is known; of a single one, the count."""
    if not cells:
        return
    count = sum(tables.count(cell) for cell in cells)
    total = cells[0] if len(cells) == 1 else name
    tables.system.know(tables.system.add(total, count), Window(count, count))
    if len(cells) > 1:
        tables.system.total(total, cells)


_Rows = dict[tuple[str, date], list[Key]]


def _by_day(tables: Tables) -> _Rows:
    found: _Rows = defaultdict(list)
    for name, keys in tables.rows.items():
        for key in keys:
            for part in key:
                if isinstance(part, date):
                    found[name, part].append(key)
    return found


def _printed(tables: Tables, rows: _Rows, quarter: Quarter) -> Iterator[Sum]:
    yield from _duties(tables, rows, quarter)
    month = months_from(quarter.first_day, 3)[2]
    everybody = tables.find("stock_month", (month, ALL, ALL), "stock")
    if everybody is not None:
        yield from _homes(tables, rows, quarter, month)


def _one_by_one(tables: Tables, name: str, keys: Iterable[Key], column: str, table: str) -> Iterator[Sum]:
    for key in keys:
        yield table, [tables.find(name, key, column)]


def _duties(tables: Tables, rows: _Rows, quarter: Quarter) -> Iterator[Sum]:
    """Assessments, reasons, ends and decisions of the quarter; none of their tables hides any of this."""
    day = quarter.first_day
    for column, table in (("owed_prevention", "A1"), ("owed_relief", "A1"), ("prevention_ended", "P1")):
        yield from _one_by_one(tables, "case_first_stage_quarter", [(day,)], column, table)
    yield from _one_by_one(tables, "case_first_stage_quarter", [(day,)], "prevented", "P1")
    yield from _one_by_one(tables, "case_plans", [(day, ALL)], "owed_a_duty", "A1")
    # A2P and A2R, or A2 before them, print each reason that is not among the other ones.
    others = _other_reasons(str(quarter))
    reasons = [(key[1], tables.find("reason_quarter", key, "count_cases")) for key in rows["reason_quarter", day]]
    yield from (("A2", [cell]) for reason, cell in reasons if reason not in others)
    yield "A2", [cell for reason, cell in reasons if reason in others]
    # MD2 has one column for who refused temporary accommodation, withdrew or lost contact.
    together = ("refused", "contact lost or withdrew")
    mixed = []
    for key in rows["outcome_quarter", day]:
        cell = tables.find("outcome_quarter", key, "count_cases")
        if key[0] == "main" and key[2] in together:
            mixed.append(cell)
        else:
            yield {"prevention": "P1", "relief": "R1", "main": "MD2"}[key[0]], [cell]
    yield "MD2", mixed
    yield from _one_by_one(tables, "case_decision_day", [(day,)], "count_decisions", "MD1")
    yield "MD1", [tables.find("foi_month", (month, 4), "value") for month in months_from(day, 3)]


def _other_reasons(quarter: str) -> set[str]:
    """Main reasons of which A2 and the tables beside it print the sum only."""
    rules = data_in_force("cells.csv", quarter)
    found = {
        code
        for row in rules
        if "A2" in row["tables"].split() and row["column_path"] == "Other reasons / not known"
        for code in row["cells"].split(";")
    }
    return {*found, "not recorded"}


def _homes(tables: Tables, rows: _Rows, quarter: Quarter, month: date) -> Iterator[Sum]:
    """Temporary accommodation on the quarter's last day."""
    stock = {key[1:]: tables.find("stock_month", key, "stock") for key in rows["stock_month", month]}
    is_bb_shown = tables.count(stock.get(("type", "bb"))) >= OFFICIAL_BASE_BELOW
    yield from (("TA1", [cell]) for (dimension, _), cell in stock.items() if dimension in (ALL, "type", "children"))
    yield from (("TA3", [cell]) for (dimension, _), cell in stock.items() if dimension == "duty")
    if tables.count(stock[ALL, ALL]) >= OFFICIAL_BASE_BELOW:
        others = _other_households(str(quarter))
        households = [(value, cell) for (dimension, value), cell in stock.items() if dimension == "household"]
        yield from (("TA2", [cell]) for value, cell in households if value not in others)
        yield "TA2", [cell for value, cell in households if value in others]
    yield from _elsewhere(tables, rows, quarter, month)
    # All families less those in every other type are those in bed and breakfast, hidden or not.
    yield from _one_by_one(tables, "stay_bb_month", [(month,)], "count_families", "TA1")
    if is_bb_shown:
        yield from _one_by_one(tables, "stay_bb_month", [(month,)], "count_families_over_42", "TA1")
    yield from _children(tables, rows["stock_children_month", month])
    yield from _one_by_one(tables, "foi_month", [(month, _CHILDREN)], "value", "TA1")
    yield from _lengths(tables, rows, quarter.last_day, is_bb_shown=is_bb_shown)


def _elsewhere(tables: Tables, rows: _Rows, quarter: Quarter, month: date) -> Iterator[Sum]:
    """Out of district, own arrangements among them, and the regions; the stock beside it is without these."""
    outside = tables.find("stay_receiving_regions", (month, ALL), "count_households")
    is_shown = tables.count(outside) >= OFFICIAL_BASE_BELOW
    if is_shown:
        regions = rows["stay_receiving_regions", month]
        yield from _one_by_one(tables, "stay_receiving_regions", regions, "count_households", "TA9")
    elif str(quarter) < _OUT_OF_DISTRICT_HIDDEN_FROM:
        yield "TA1", [outside]
    elif outside is not None:
        tables.system.know(tables.system.number_of[outside], Window(0, OFFICIAL_BASE_BELOW - 1))


def _children(tables: Tables, keys: list[Key]) -> Iterator[Sum]:
    """Children: TA8 has those under 18 by year of age, TA1 all dependent children."""
    ages = [(key[1], tables.find("stock_children_month", key, "count_children")) for key in keys]
    grown = [cell for age, cell in ages if age in ("18 and over", "age not known")]
    young = [cell for _, cell in ages if cell not in grown]
    if sum(tables.count(cell) for cell in young) >= OFFICIAL_BASE_BELOW:
        yield from (("TA8", [cell]) for cell in young)
        yield "TA1", grown
    else:
        yield "TA1", [*young, *grown]


def _lengths(tables: Tables, rows: _Rows, day: date, *, is_bb_shown: bool) -> Iterator[Sum]:
    """Lengths of stay by type, and over all types where none is hidden."""
    hidden = () if is_bb_shown else (ALL, "bb")
    lengths: dict[tuple[str, str], list[Cell | None]] = defaultdict(list)
    for key in rows["stay_in_progress_bands", day]:
        if key[2] not in hidden:
            band = tables.group_of["stay_in_progress_bands", key]
            lengths[key[2], band].append(tables.find("stay_in_progress_bands", key, "count_households"))
    yield from (("TA4", cells) for cells in lengths.values())
    long = [key for key in rows["stay_six_months", day] if key[1] not in hidden and key[2] == ALL]
    yield from _one_by_one(tables, "stay_six_months", long, "count_over_six_months", "TA4")


def _other_households(quarter: str) -> set[str]:
    """Household types of which TA2 prints the sum only."""
    return {
        code
        for row in data_in_force("cells.csv", quarter)
        if "TA2" in row["tables"].split() and ";" in row["cells"]
        for code in row["cells"].split(";")
    }
