"""What a reader can work out: exact linear algebra over printed and left out figures, apart from the program's own."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction

Equation = Mapping[Hashable, int]
"""Coefficients of figures whose sum is 0."""


def worked_out(equations: Iterable[Equation], known: Mapping[Hashable, int]) -> dict[Hashable, Fraction]:
    """The unknown figures that the equations fix, with their values."""
    rows: list[dict[Hashable, Fraction]] = []
    for equation in equations:
        row: dict[Hashable, Fraction] = {}
        for name, factor in equation.items():
            key: Hashable = "constant" if name in known else name
            row[key] = row.get(key, Fraction(0)) + Fraction(factor * known.get(name, 1))
        rows.append({key: value for key, value in row.items() if value})
    solved: list[tuple[Hashable, dict[Hashable, Fraction]]] = []
    for row in rows:
        for pivot, other in solved:
            _subtract(row, other, row.get(pivot, Fraction(0)))
        unknown = [key for key in row if key != "constant"]
        if not unknown:
            continue
        pivot = unknown[0]
        scale = row[pivot]
        row = {key: value / scale for key, value in row.items()}
        for _, other in solved:
            _subtract(other, row, other.get(pivot, Fraction(0)))
        solved.append((pivot, row))
    return {pivot: -row.get("constant", Fraction(0)) for pivot, row in solved if not set(row) - {pivot, "constant"}}


def _subtract(row: dict[Hashable, Fraction], other: Mapping[Hashable, Fraction], factor: Fraction) -> None:
    if not factor:
        return
    for key, value in list(other.items()):
        row[key] = row.get(key, Fraction(0)) - factor * value
        if not row[key]:
            del row[key]
