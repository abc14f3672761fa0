"""One-way margins: how many households each column of a table must have, for a base that is already settled."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import deal, split
from pipelines.synthesise.tree import Node, build, report, resolve

K = TypeVar("K", bound=Hashable)

# England, July to September 2025, rounded: only used where a workbook prints neither the authority nor England.
_TYPICAL = {"A1": 89_000, "P1": 35_000, "R1": 53_000, "MD1": 25_000, "MD2": 14_000, "TA1": 132_000}


def base(sheet: Sheet, table: str) -> int:
    """The total that a table counts; where it is not printed, one in scale with the tables that are."""
    columns = sheet.paths(table)
    if not columns:
        return 0
    printed = sheet.count(table, columns[0])
    if printed is not None:
        return printed
    shares = []
    for other, typical in _TYPICAL.items():
        paths = sheet.paths(other)
        count = sheet.count(other, paths[0]) if paths else None
        if count is not None:
            shares.append(count / (sheet.shape(other, paths[0]) or typical))
    share = sum(shares) / len(shares) if shares else 1 / 300
    return round(share * (sheet.shape(table, columns[0]) or _TYPICAL.get(table, 0)))


def margin(
    sheet: Sheet,
    table: str,
    want: int,
    basis: str,
    rng: random.Random,
    skip: Callable[[str], bool] = lambda _path: False,
    paths: list[str] | None = None,
) -> dict[str, int] | None:
    """Households for each part of a table, adding to ``want``; None where the quarter has no such table."""
    root = build(sheet, table, skip, paths)
    if root is None:
        return None
    resolve(root, want, rng)
    report(sheet, table, root, basis)
    return leaves(root)


def leaves(root: Node) -> dict[str, int]:
    """Value of each part, by its column."""
    return {node.label: node.value for node in root.leaves()}


def deal_margin(
    rng: random.Random,
    classes: Sequence[K],
    counts: dict[str, int] | None,
    code: Callable[[str], str],
    weight: Callable[[K, str], float] = lambda _k, _v: 1.0,
    otherwise: dict[str, float] | None = None,
) -> list[str]:
    """A column for each row, by the margin, or by the weights of ``otherwise`` where the quarter has no such table.

    ``weight`` sees the code that ``code`` gives a column. Returns columns (or the keys of ``otherwise``).
    """
    if counts is None:
        likely = otherwise or {}
        counts = dict(zip(likely, split(len(classes), list(likely.values()), rng), strict=True))
        return deal(rng, classes, counts, lambda k, v: weight(k, v))
    return deal(rng, classes, counts, lambda k, v: weight(k, code(v)))
