"""Dealing counts to rows: tables with given margins, whole numbers throughout, everything from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import mul
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FLOOR = 1e-6


def split(total: int, weights: Sequence[float], rng: random.Random | None = None) -> list[int]:
    """Whole numbers that add to ``total``, as near to the weights as rounding allows."""
    scale = sum(weights)
    if not weights:
        return []
    if scale <= 0:
        weights = [1.0] * len(weights)
        scale = float(len(weights))
    exact = [total * w / scale for w in weights]
    parts = [int(x) for x in exact]
    rest = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], rng.random() if rng is not None else i))
    for i in rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def fit_table(
    rows: Sequence[int], columns: Sequence[int], weight: Callable[[int, int], float], rounds: int = 25
) -> list[list[int]]:
    """A table of whole numbers with these row and column sums, shaped like the weights.

    Proportional fitting, then rounding that keeps both margins: the complete table always has room.
    """
    live_rows = [i for i, n in enumerate(rows) if n]
    live_columns = [j for j, n in enumerate(columns) if n]
    table = [[0] * len(columns) for _ in rows]
    if not live_rows:
        return table
    cells = [[max(weight(i, j), _FLOOR) for j in live_columns] for i in live_rows]
    wanted_rows = [rows[i] for i in live_rows]
    wanted_columns = [columns[j] for j in live_columns]
    if len(live_rows) == 1 or len(live_columns) == 1:
        # The margins leave no choice.
        for i, n_row in zip(live_rows, wanted_rows, strict=True):
            for j, n_column in zip(live_columns, wanted_columns, strict=True):
                table[i][j] = min(n_row, n_column)
        return table
    for _ in range(rounds):
        moved = False
        for i, want in enumerate(wanted_rows):
            row = cells[i]
            factor = want / sum(row)
            if factor != 1.0:
                cells[i] = [x * factor for x in row]
                moved = True
        factors = [want / sum(column) for want, column in zip(wanted_columns, zip(*cells, strict=True), strict=True)]
        if any(factor != 1.0 for factor in factors):
            cells = [list(map(mul, row, factors)) for row in cells]
        elif not moved:
            break
    left_rows = list(wanted_rows)
    left_columns = list(wanted_columns)
    whole = [[0] * len(live_columns) for _ in live_rows]
    parts = []
    for i, row in enumerate(cells):
        for j, x in enumerate(row):
            n = min(int(x + 1e-9), left_rows[i], left_columns[j])
            whole[i][j] = n
            left_rows[i] -= n
            left_columns[j] -= n
            parts.append((x - n, i, j))
    parts.sort(key=lambda part: (-part[0], part[1], part[2]))
    for _, i, j in parts:
        if left_rows[i] and left_columns[j]:
            whole[i][j] += 1
            left_rows[i] -= 1
            left_columns[j] -= 1
    for i in range(len(live_rows)):
        for j in range(len(live_columns)):
            n = min(left_rows[i], left_columns[j])
            whole[i][j] += n
            left_rows[i] -= n
            left_columns[j] -= n
    for i, row_no in enumerate(live_rows):
        for j, column_no in enumerate(live_columns):
            table[row_no][column_no] = whole[i][j]
    return table


def deal(
    rng: random.Random,
    classes: Sequence[K],
    counts: Mapping[V, int],
    weight: Callable[[K, V], float] = lambda _k, _v: 1.0,
) -> list[V]:
    """One value for each row, each value as often as ``counts`` says; likely pairs of class and value first.

    Raises:
        ValueError: the counts do not add to the number of rows.
    """
    if sum(counts.values()) != len(classes):
        raise ValueError("the counts do not add to the rows")
    members: dict[K, list[int]] = {}
    for place, key in enumerate(classes):
        members.setdefault(key, []).append(place)
    keys = list(members)
    values = list(counts)
    table = fit_table(
        [len(members[k]) for k in keys],
        [counts[v] for v in values],
        lambda i, j: weight(keys[i], values[j]),
    )
    dealt: list[V | None] = [None] * len(classes)
    for key, row in zip(keys, table, strict=True):
        hand = [v for v, n in zip(values, row, strict=True) for _ in range(n)]
        rng.shuffle(hand)
        for place, value in zip(members[key], hand, strict=True):
            dealt[place] = value
    return dealt  # type: ignore[return-value]


class Flow:
    """A small network of whole-number capacities; ``push`` finds the greatest flow by shortest paths."""

    def __init__(self) -> None:
        self._head: list[Hashable] = []
        self._room: list[int] = []
        self._out: dict[Hashable, list[int]] = {}

    def arc(self, tail: Hashable, head: Hashable, capacity: int) -> int:
        """Add an arc; its number is used to ask for its flow."""
        number = len(self._room)
        self._head += [head, tail]
        self._room += [capacity, 0]
        self._out.setdefault(tail, []).append(number)
        self._out.setdefault(head, []).append(number + 1)
        return number

    def on(self, arc: int) -> int:
        """Flow on an arc."""
        return self._room[arc ^ 1]

    def push(self, source: Hashable, sink: Hashable) -> int:
        """Push as much as the network takes; returns what this call pushed."""
        total = 0
        while True:
            came: dict[Hashable, int] = {source: -1}
            queue = [source]
            for node in queue:
                for arc in self._out.get(node, ()):
                    head = self._head[arc]
                    if self._room[arc] > 0 and head not in came:
                        came[head] = arc
                        queue.append(head)
                if sink in came:
                    break
            if sink not in came:
                return total
            path = []
            node = sink
            while node != source:
                path.append(came[node])
                node = self._head[came[node] ^ 1]
            amount = min(self._room[arc] for arc in path)
            for arc in path:
                self._room[arc] -= amount
                self._room[arc ^ 1] += amount
            total += amount
