"""The columns of a table as a tree of totals and parts, and whole numbers for every part that reach a wanted total."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipelines.published.headings import SEPARATOR
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import split


@dataclass
class Node:
    """A total with its parts, or a part. ``path`` is the column that prints it, None when none does."""

    label: str
    path: str | None = None
    children: list[Node] = field(default_factory=list)
    published: int | None = None
    value: int = 0
    weight: float = 0.0

    def walk(self) -> Iterator[Node]:
        """The node and everything under it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> Iterator[Node]:
        """Parts without parts."""
        for node in self.walk():
            if not node.children:
                yield node

    def parts_sum(self) -> int | None:
        """Sum of the printed leaves, None when one is not printed."""
        if not self.children:
            return self.published
        sums = [child.parts_sum() for child in self.children]
        return None if any(s is None for s in sums) else sum(s for s in sums if s is not None)

    def least(self) -> int:
        """What the printed cells say it is at least."""
        if self.published is not None:
            return self.published
        return sum(child.least() for child in self.children)


def build(
    sheet: Sheet, table: str, skip: Callable[[str], bool] = lambda _path: False, paths: list[str] | None = None
) -> Node | None:
    """The tree of a table: its first column is the root, ``A > Total …`` prints group ``A``. None without a table."""
    columns = [p for p in (sheet.paths(table) if paths is None else paths) if not skip(p)]
    if not columns:
        return None
    root = Node(columns[0], columns[0])
    groups: dict[tuple[str, ...], Node] = {(): root}
    for path in columns[1:]:
        labels = tuple(path.split(SEPARATOR))
        parent = root
        for depth in range(1, len(labels)):
            prefix = labels[:depth]
            if prefix not in groups:
                groups[prefix] = Node(prefix[-1])
                parent.children.append(groups[prefix])
            parent = groups[prefix]
        if len(labels) > 1 and labels[-1].startswith("Total"):
            parent.path = path
        else:
            parent.children.append(Node(path, path))
    for node in root.walk():
        if node.path is not None:
            node.published = sheet.count(table, node.path)
            node.weight = sheet.shape(table, node.path)
    for node in reversed(list(root.walk())):
        if node.children and not node.weight:
            node.weight = sum(child.weight for child in node.children)
    return root


def _is_unknown(label: str) -> bool:
    last = label.split(SEPARATOR)[-1].lower()
    return "not known" in last or last == "other"


def _absorb(children: list[Node], values: list[int], difference: int) -> None:
    order = sorted(
        range(len(children)),
        key=lambda i: (bool(children[i].children), not _is_unknown(children[i].label), -values[i]),
    )
    if difference > 0:
        values[order[0]] += difference
        return
    need = -difference
    alone = [i for i in order if values[i] >= need]
    for i in alone[:1] or sorted(order, key=lambda i: -values[i]):
        taken = min(values[i], need)
        values[i] -= taken
        need -= taken


def resolve(root: Node, want: int, rng: random.Random) -> Node:
    """Give every node a value: parts add to totals, the root is ``want``, few printed cells are missed."""
    root.value = want
    if not root.children:
        return root
    children = root.children
    values: list[int | None] = []
    for child in children:
        parts = child.parts_sum()
        values.append(parts if parts is not None else child.published)
    if None in values:
        known = sum(v for v in values if v is not None)
        free = [i for i, v in enumerate(values) if v is None]
        least = [children[i].least() for i in free]
        rest = want - known - sum(least)
        shares = split(max(rest, 0), [children[i].weight for i in free], rng)
        for i, low, share in zip(free, least, shares, strict=True):
            values[i] = low + share
    fixed = [v if v is not None else 0 for v in values]
    if sum(fixed) != want:
        for i, child in enumerate(children):
            if child.published is not None and sum(fixed) - fixed[i] + child.published == want:
                fixed[i] = child.published
                break
    if sum(fixed) != want:
        _absorb(children, fixed, want - sum(fixed))
    for child, value in zip(children, fixed, strict=True):
        resolve(child, value, rng)
    return root


def report(sheet: Sheet, table: str, root: Node, basis: str) -> None:
    """Note every printed cell of the tree that its value misses, with the cells it clashes with."""
    for node in root.walk():
        if node.path is None or node.published is None or node.published == node.value:
            continue
        around = [f"{table}: {child.path or child.label}" for child in node.children]
        if node is root or not around:
            around.append(basis)
        reason = "the parts do not add to this total" if node.children else "the parts do not add to their total"
        sheet.clash(table, node.path, node.published, node.value, reason, around)
