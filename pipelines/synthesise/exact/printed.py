"""What the columns of a table print of the variables of a model, as ``schemas/tables/cells.csv`` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipelines.emit.tables.cells import CellRule, cell_rules
from pipelines.published.identities import wrong_columns
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.exact.model import FREE, CellRef, Model

Terms = tuple[tuple[int, int], ...]
"""Variables and coefficients of a sum."""


def plus(*sums: Iterable[tuple[int, int]]) -> Terms:
    """All sums together."""
    return tuple(term for one in sums for term in one)


def minus(terms: Iterable[tuple[int, int]], times: int = 1) -> Terms:
    """The sum, taken away ``times``."""
    return tuple((variable, -times * coefficient) for variable, coefficient in terms)


@dataclass
class Tables:
    """A model of one quarter while it is built: for each table what stands for each code of its SQL."""

    sheet: Sheet
    model: Model = field(default_factory=Model)
    codes: dict[str, dict[str, Terms]] = field(default_factory=dict)

    @property
    def quarter(self) -> str:
        """The quarter as the layouts name it."""
        return str(self.sheet.quarter)

    def has(self, table: str) -> bool:
        """Whether the quarter publishes the table."""
        return bool(self.sheet.paths(table))

    def rules(self, table: str) -> dict[str, CellRule]:
        """Which codes each count column of the table counts."""
        rules = cell_rules(self.quarter)
        return {path: rules[table, path] for path in self.sheet.paths(table)}

    def named(self, table: str) -> list[str]:
        """Codes that some column of the table names; one for a group of which no code is named."""
        found: dict[str, None] = {}
        for rule in self.rules(table).values():
            found.update((code, None) for code in rule.cells if not code.endswith("*"))
        for rule in self.rules(table).values():
            for group in (code[:-1] for code in rule.cells if code.endswith(".*")):
                if not any(code.startswith(group) for code in found):
                    found[f"{group}any"] = None
        return list(found)

    def one_way(self, table: str, *more: str) -> dict[str, Terms]:
        """A variable for each code of the table, ``more`` for codes that no column names; prints every column."""
        codes: dict[str, Terms] = {code: ((self.model.variable(), 1),) for code in [*self.named(table), *more]}
        self.show(table, codes)
        return codes

    def show(self, table: str, codes: Mapping[str, Terms]) -> None:
        """Every printed count of the table as the sum of what stands for its codes; known defects bind nothing.

        Raises:
            KeyError: nothing stands for a code that a column names.
        """
        unknown = set(self.named(table)) - set(codes)
        if unknown:
            raise KeyError(f"Nothing stands for {', '.join(sorted(unknown))} of {table}.")
        self.codes.setdefault(table, {}).update(codes)
        wrong = {(w.table, w.column_path) for w in wrong_columns(self.quarter)}
        for path, rule in self.rules(table).items():
            printed = self.sheet.count(table, path)
            if printed is None or not rule.is_computable or (table, path) in wrong:
                continue
            self.model.printed(
                CellRef(self.quarter, table, path),
                plus(*(codes[code] for code in rule.matching(codes))),
                printed,
                says=f"{table} {path}",
            )

    def same(self, one: Iterable[Terms], other: Iterable[Terms], says: str) -> None:
        """A law: the two sums are equal."""
        self.model.law(plus(*one, *map(minus, other)), 0, 0, says)

    def no_more(self, one: Iterable[Terms], other: Iterable[Terms], says: str) -> None:
        """A law: the first sum is no greater than the second."""
        self.model.law(plus(*one, *map(minus, other)), -FREE, 0, says)

    def reached(self, values: list[int]) -> dict[tuple[str, str], int]:
        """Every count column of the tables in the model, printed or not, as the values of the variables give it."""
        found = {}
        for table, codes in self.codes.items():
            for path, rule in self.rules(table).items():
                if rule.is_computable:
                    terms = plus(*(codes[code] for code in rule.matching(codes)))
                    found[table, path] = sum(c * values[v] for v, c in terms)
        return found
