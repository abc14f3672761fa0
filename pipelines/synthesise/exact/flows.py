"""The exact model of what happened in a quarter: assessments (A), duties that ended (P, R), decisions (MD).

Each table divides one population by one characteristic, and nothing in print joins two characteristics of the same
household, so that a table is bound by its own columns and the size of its population. Only support needs (A3) are more.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.exact.model import FREE
from pipelines.synthesise.exact.printed import Tables, Terms, minus, plus

ASSESSED = (
    "A1",
    "A2",
    "A2P",
    "A2R",
    "A3",
    "A4",
    "A4P",
    "A4R",
    "A5P",
    "A5R",
    "A6",
    "A7",
    "A8",
    "A9",
    "A10",
    "A11",
    "A12",
)
PREVENTION = ("P1", "P2", "P3", "P4", "P5")
RELIEF = ("R1", "R2", "R3", "R4", "R5")
DECIDED = ("MD1", "MD3")
MAIN_ENDED = ("MD2",)

_PREVENTION_OWED = ("prevention", "prevention_notice")
_NO_DUTY = ("not_threatened_56", "withdrew_before_assessment", "not_eligible")
_OF_ALL = ("A2", "A4", "A6", "A8", "A9", "A10", "A11", "A12")


def assessed(sheet: Sheet) -> Tables:
    """Households assessed in the quarter: A1 to A12."""
    tables = Tables(sheet)
    codes = [*_PREVENTION_OWED, "relief", *_NO_DUTY]
    a1 = {code: ((tables.model.variable(), 1),) for code in codes}
    tables.show("A1", a1)
    prevention = [a1[code] for code in _PREVENTION_OWED]
    relief = [a1["relief"]]
    for table in _OF_ALL:
        _divides(tables, table, [*prevention, *relief], "households owed a duty (A1)")
    for letter, population, words in (("P", prevention, "a prevention duty"), ("R", relief, "a relief duty")):
        for number in (2, 4, 5):
            _divides(tables, f"A{number}{letter}", population, f"households owed {words} (A1)")
    for whole, parts in (("A2", ("A2P", "A2R")), ("A4", ("A4P", "A4R"))):
        _within(tables, whole, [part for part in parts if tables.has(part)])
    if tables.has("A3"):
        _needs(tables, [*prevention, *relief])
    if tables.has("A7"):
        referred = tables.one_way("A7")
        tables.no_more(referred.values(), a1.values(), "a household referred is a household assessed (A1)")
    return tables


def _divides(tables: Tables, table: str, population: Sequence[Terms], words: str) -> None:
    if tables.has(table):
        codes = tables.one_way(table)
        tables.same(codes.values(), population, f"{table} divides the {words}")


def _within(tables: Tables, whole: str, parts: list[str]) -> None:
    """Where a table of all and one of some are both printed, none of the some are missing from all."""
    if not tables.has(whole) or not parts:
        return
    for code, terms in tables.codes[whole].items():
        some = [tables.codes[part][code] for part in parts if code in tables.codes[part]]
        if some:
            tables.no_more(some, [terms], f"{' and '.join(parts)} are part of {whole}")


def _needs(tables: Tables, owed: Sequence[Terms]) -> None:
    """A3: households with one, two, three or more different needs, and how many have each need.

    Households with two needs can be found for given columns if no column has more than there are such households and
    the columns add to twice their number (Gale and Ryser); with three or more likewise, needs being spread evenly.
    """
    model = tables.model
    needs = [code for code in tables.named("A3") if code.startswith("need.")]
    degrees = {n: ((model.variable(), 1),) for n in (1, 2, 3)}
    groups = {code: ((model.variable(), 1),) for code in ("none", "unknown")}
    by_degree = {n: {code: ((model.variable(), 1),) for code in needs} for n in (1, 2, 3)}
    for n, columns in by_degree.items():
        high = 0 if n < 3 else FREE
        words = f"households with {n}{' or more' if n == 3 else ''} needs have that many different ones"
        model.law(plus(*columns.values(), minus(degrees[n], n)), 0, high, words)
        for column in columns.values():
            tables.no_more([column], [degrees[n]], words)
    codes = {f"n.{n}": terms for n, terms in degrees.items()} | groups
    tables.same(codes.values(), owed, "A3 divides the households owed a duty (A1)")
    tables.show("A3", codes | {code: plus(*(by_degree[n][code] for n in by_degree)) for code in needs})


def prevention_ended(sheet: Sheet) -> Tables:
    """Households whose prevention duty ended: P1 to P5."""
    return _ended(sheet, "P", ("secured_existing", "secured_alternative"), ("secured_alternative",))


def relief_ended(sheet: Sheet) -> Tables:
    """Households whose relief duty ended: R1 to R5."""
    return _ended(sheet, "R", ("secured",), ("secured",))


def _ended(sheet: Sheet, letter: str, secured: tuple[str, ...], moved: tuple[str, ...]) -> Tables:
    tables = Tables(sheet)
    if not tables.has(f"{letter}1"):
        return tables
    ended = tables.one_way(f"{letter}1")
    for number in (2, 3, 4, 5):
        chosen = moved if number == 4 else secured
        words = f"households with accommodation secured ({letter}1)"
        _divides(tables, f"{letter}{number}", [ended[code] for code in chosen], words)
    return tables


def decided(sheet: Sheet) -> Tables:
    """Main duty decisions: MD1 and MD3."""
    tables = Tables(sheet)
    decisions = tables.one_way("MD1")
    _divides(tables, "MD3", [decisions["accepted"]], "households owed a main duty (MD1)")
    return tables


def main_ended(sheet: Sheet) -> Tables:
    """Main duties that ended: MD2."""
    tables = Tables(sheet)
    tables.one_way("MD2")
    return tables
