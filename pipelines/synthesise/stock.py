"""Households in temporary accommodation on the last day: type, composition and district (TA1, TA2, TA9)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from pipelines.synthesise import codes
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.margins import base
from pipelines.synthesise.tree import Node, report, resolve

KINDS = ("bb", "nightly", "hostel", "psl", "la_ha", "other")
ALL_KINDS = (*KINDS, "own")
HEADS = {
    "bb": "Bed and breakfast",
    "nightly": "Nightly paid",
    "hostel": "Hostels",
    "psl": "Private sector accommodation",
    "la_ha": "Local authority or",
    "other": "Any other type",
    "own": "Duty owed",
}
_TYPICAL_KINDS = (12.0, 38.0, 5.0, 20.0, 22.0, 3.0)
FAMILY_TYPES = tuple(h for h in codes.HOUSEHOLDS if h in codes.FAMILIES)
ADULT_TYPES = tuple(h for h in codes.HOUSEHOLDS if h not in codes.FAMILIES)
OTHERS = ("couple_no_children", "three_adults_no_children", "nk")
LIKELY = {
    "single_parent_female": 50.0,
    "couple_children": 25.0,
    "single_parent_male": 4.0,
    "single_parent_other": 0.2,
    "three_adults_children": 6.0,
    "single_adult_male": 50.0,
    "single_adult_female": 28.0,
    "single_adult_other": 0.3,
    "couple_no_children": 12.0,
    "three_adults_no_children": 4.0,
    "nk": 0.05,
}


@dataclass
class Stock:
    """Settled counts of one authority and quarter."""

    total: dict[str, int]
    families: dict[str, int]
    children: int
    over_six_weeks: int | None
    pending: int | None
    young: int | None
    away: int
    cells: dict[tuple[str, str, bool], int] = field(default_factory=dict)
    """Households by type, composition and whether in another district."""


def printed_node(sheet: Sheet, table: str, path: str | None, label: str) -> Node:
    """A node for a printed column, or for a part that no column prints."""
    published = None if path is None else sheet.count(table, path)
    return Node(label, path, [], published, 0, 0.0 if path is None else sheet.shape(table, path))


def _kinds_tree(sheet: Sheet, root: Node, last: str) -> Node:
    for kind, typical in zip(KINDS, _TYPICAL_KINDS, strict=True):
        node = printed_node(sheet, "TA1", sheet.find("TA1", HEADS[kind], last), kind)
        node.weight = node.weight or typical
        root.children.append(node)
    return root


def stock_targets(sheet: Sheet, rng: random.Random) -> Stock:
    """Households and families of each type, and what else TA1 counts, all parts adding up."""
    total_path = sheet.paths("TA1")[0]
    root = _kinds_tree(sheet, printed_node(sheet, "TA1", total_path, "total"), "Total number")
    resolve(root, base(sheet, "TA1"), rng)
    report(sheet, "TA1", root, "TA1: total")
    total = {node.label: node.value for node in root.children}
    family_path = sheet.find("TA1", "Total number of households in TA with children")
    families = _kinds_tree(sheet, printed_node(sheet, "TA1", family_path, "families"), "Total with children")
    wanted = families.published
    if wanted is None:
        wanted = families.parts_sum()
    if wanted is None:
        wanted = round(0.62 * root.value)
    resolve(families, min(wanted, root.value), rng)
    _cap(families, total)
    report(sheet, "TA1", families, "TA1: Total number of households in TA with children")
    by_kind = {node.label: node.value for node in families.children}
    own_total = sheet.get("TA1", HEADS["own"], "Total number") or 0
    own_families = sheet.get("TA1", HEADS["own"], "Total with children") or 0
    total["own"] = own_total
    by_kind["own"] = min(own_families, own_total)
    count = sheet.get("TA1", "Total number of children")
    children = count if count is not None else round(2.05 * families.value)
    away = sheet.get("TA1", "In TA in another")
    if away is None:
        away = sheet.get("TA9_TATYPE", "Total owed") if sheet.find("TA9_TATYPE", "Total owed") else None
    if away is None:
        away = sheet.get("TA9", "Total Sent to another local authority district") if sheet.paths("TA9") else None
    if away is None:
        away = min(2, root.value) if sheet.count("TA1", total_path) is not None else round(0.3 * root.value)
    return Stock(
        total,
        by_kind,
        children,
        sheet.get("TA1", HEADS["bb"], "Total with children and resident more than 6 weeks"),
        _pending(sheet),
        sheet.get("TA1", HEADS["bb"], "Total with 16/17"),
        away,
    )


def _pending(sheet: Sheet) -> int | None:
    for path in sheet.paths("TA1"):
        if path.startswith(HEADS["bb"]) and "pending review" in path:
            return sheet.count("TA1", path)
    return None


def _cap(families: Node, total: dict[str, int]) -> None:
    """No more families of a type than households; what is over goes where there is room."""
    over = 0
    for node in families.children:
        if node.value > total[node.label]:
            over += node.value - total[node.label]
            node.value = total[node.label]
    for node in sorted(families.children, key=lambda n: n.value - total[n.label]):
        moved = min(over, total[node.label] - node.value)
        node.value += moved
        over -= moved
    families.value -= over


def _compositions(sheet: Sheet, stock: Stock, rng: random.Random) -> dict[str, int]:
    """Households of each composition over the six types (TA2); 'All other' is split below."""
    total = sum(stock.total[k] for k in KINDS)
    family = sum(stock.families[k] for k in KINDS)
    paths = sheet.paths("TA2")
    root = Node(paths[0], paths[0], [], sheet.count("TA2", paths[0]))
    for path in paths[1:]:
        label = (
            "others" if path.startswith("All other") else codes.household(path.replace("Couple with", "Couple with"))
        )
        node = printed_node(sheet, "TA2", path, label)
        node.weight = node.weight or LIKELY.get(label, 20.0)
        root.children.append(node)
    resolve(root, total, rng)
    nodes = {node.label: node for node in root.children}
    parents = [n for n in root.children if n.label in codes.FAMILIES]
    adults = [n for n in root.children if n.label not in codes.FAMILIES and n.label != "others"]
    # Families that are neither couples nor single parents are three adults with children, inside "All other".
    over = sum(n.value for n in parents) - family
    others = nodes["others"]
    if over > 0:
        _move(parents, others, over)
    more = family - sum(n.value for n in parents)
    if more > others.value:
        _move(adults, others, more - others.value)
        more = min(more, others.value)
    report(sheet, "TA2", root, "TA1: Total number of households in TA with children")
    settled = {node.label: node.value for node in root.children if node.label != "others"}
    settled["three_adults_children"] = more
    settled["others"] = others.value - more
    return settled


def _move(source: list[Node], target: Node, amount: int) -> None:
    for node in sorted(source, key=lambda n: (n.published is not None, -n.value)):
        moved = min(amount, node.value)
        node.value -= moved
        target.value += moved
        amount -= moved


def _unknown(sheet: Sheet, stock: Stock) -> dict[str, int]:
    """Households of a type of unknown composition: in TA4 and in neither TA4c nor TA4s (synthesis-facts 1.2a)."""
    found = dict.fromkeys(KINDS, 0)
    if not sheet.paths("TA4s"):
        return found
    families = sheet.get("TA4c", "Total number of households in TA")
    for kind in KINDS:
        single = sheet.get("TA4s", HEADS[kind], "Total number")
        every = sheet.get("TA4", HEADS[kind], "Total number")
        with_children = sheet.get("TA4c", HEADS[kind], "Total number")
        if single is None or every is None:
            continue
        fits = with_children is None or with_children == stock.families[kind]
        rest = every - stock.families[kind] - single
        if rest > 0 and fits and families == sum(stock.families[k] for k in KINDS):
            found[kind] = min(rest, stock.total[kind] - stock.families[kind])
    return found


@dataclass
class Prepared:
    """Settled totals of a quarter before households are dealt to types: what another quarter has to fit."""

    stock: Stock
    sizes: dict[str, int]
    """Households of each composition, those under "All other" but three adults with children left out."""
    unknown: dict[str, int]
    others: int
    """Couples and three adults without children."""


def prepare(sheet: Sheet, rng: random.Random) -> Prepared:
    """Totals by type and by composition."""
    stock = stock_targets(sheet, rng)
    sizes = _compositions(sheet, stock, rng)
    unknown = _unknown(sheet, stock)
    room = sizes.pop("others")
    return Prepared(stock, sizes, unknown, room - min(sum(unknown.values()), room))
