"""Households in temporary accommodation on the last day: type, composition and district (TA1, TA2, TA9)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from pipelines.synthesise import codes
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import Flow, fit_table, split
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
_OTHERS = ("couple_no_children", "three_adults_no_children", "nk")
_LIKELY = {
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


def _node(sheet: Sheet, table: str, path: str | None, label: str) -> Node:
    published = None if path is None else sheet.count(table, path)
    return Node(label, path, [], published, 0, 0.0 if path is None else sheet.shape(table, path))


def _kinds_tree(sheet: Sheet, root: Node, last: str) -> Node:
    for kind, typical in zip(KINDS, _TYPICAL_KINDS, strict=True):
        node = _node(sheet, "TA1", sheet.find("TA1", HEADS[kind], last), kind)
        node.weight = node.weight or typical
        root.children.append(node)
    return root


def stock_targets(sheet: Sheet, rng: random.Random) -> Stock:
    """Households and families of each type, and what else TA1 counts, all parts adding up."""
    total_path = sheet.paths("TA1")[0]
    root = _kinds_tree(sheet, _node(sheet, "TA1", total_path, "total"), "Total number")
    resolve(root, base(sheet, "TA1"), rng)
    report(sheet, "TA1", root, "TA1: total")
    total = {node.label: node.value for node in root.children}
    family_path = sheet.find("TA1", "Total number of households in TA with children")
    families = _kinds_tree(sheet, _node(sheet, "TA1", family_path, "families"), "Total with children")
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
        label = "others" if path.startswith("All other") else codes.household(path.replace("Couple with", "Couple with"))
        node = _node(sheet, "TA2", path, label)
        node.weight = node.weight or _LIKELY.get(label, 20.0)
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
    """Households of a type whose composition is not known: in TA4 and in neither TA4c nor TA4s (synthesis-facts 1.2a)."""
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


def settle(
    sheet: Sheet,
    rng: random.Random,
    prepared: Prepared | None = None,
    least: dict[tuple[str, str], int] | None = None,
) -> Stock:
    """All counts of households by type, composition and district, as printed wherever they can hold together.

    ``least`` gives how many households of a type and composition there must be, for those who stay on.
    """
    ready = prepared or prepare(sheet, rng)
    _away(sheet, ready.stock, ready.sizes, ready.unknown, ready.others, rng, least or {})
    return ready.stock


def _away(
    sheet: Sheet,
    stock: Stock,
    sizes: dict[str, int],
    unknown: dict[str, int],
    others: int,
    rng: random.Random,
    least: dict[tuple[str, str], int],
) -> None:
    kinds = _away_kinds(sheet, stock, rng)
    types = _away_types(sheet, sum(kinds.values()), stock, sizes, others, rng)
    flow = Flow()
    arcs: dict[tuple[str, str], int] = {}
    more: dict[tuple[str, str], tuple[tuple[str, str], tuple[str, str], int]] = {}
    extra: dict[tuple[str, str], int] = {}
    for kind in ALL_KINDS:
        flow.arc("source", ("kind", kind), kinds[kind])
        flow.arc(("kind", kind), ("family", kind), stock.families[kind])
        flow.arc(("kind", kind), ("adult", kind), stock.total[kind] - stock.families[kind])
        for name in codes.HOUSEHOLDS:
            side = "family" if name in codes.FAMILIES else "adult"
            middle = ("own", name) if kind == "own" else ("placed", name)
            limit = unknown.get(kind, 0) if name == "nk" and kind != "own" else stock.total[kind]
            # First in proportion to those who stay on, below whatever else fits.
            likely = limit
            if least:
                likely = min(limit, -(-least.get((kind, name), 0) * kinds[kind] // max(stock.total[kind], 1)))
            arcs[(kind, name)] = flow.arc((side, kind), middle, likely)
            if likely < limit:
                more[(kind, name)] = ((side, kind), middle, limit - likely)
    for name in codes.HOUSEHOLDS:
        flow.arc(("own", name), ("type", name), types[name])
        if name in _OTHERS and name != "nk":
            flow.arc(("placed", name), "others", others)
            flow.arc(("others", name), ("type", name), types[name])
        else:
            limit = sum(unknown.values()) if name == "nk" else sizes.get(name, 0)
            flow.arc(("placed", name), ("type", name), limit)
        flow.arc(("type", name), "sink", types[name])
    for name in ("couple_no_children", "three_adults_no_children"):
        flow.arc(("placed", name), ("type", name), min(types[name], others))
    pushed = flow.push("source", "sink")
    for key, (tail, head, room) in more.items():
        extra[key] = flow.arc(tail, head, room)
    if more:
        pushed += flow.push("source", "sink")
    missed = sum(kinds.values()) - pushed
    if missed:
        # The district total is kept; the composition of those that do not fit gives way.
        for names in (ADULT_TYPES, FAMILY_TYPES):
            for name in names:
                flow.arc(("type", name), "sink", missed)
            flow.push("source", "sink")
    sent = {key: flow.on(arc) + (flow.on(extra[key]) if key in extra else 0) for key, arc in arcs.items()}
    if missed:
        _clash_away(sheet, kinds, sent)
    _others_within(sent, others)
    for (kind, name), n in sent.items():
        if n:
            stock.cells[(kind, name, True)] = n
    _at_home(stock, sizes, unknown, others, sent, rng, least)


def _others_within(sent: dict[tuple[str, str], int], others: int) -> None:
    """Couples and three adults without children share one printed total; the flow bounds each alone."""
    pair = ("couple_no_children", "three_adults_no_children")
    over = sum(sent[(k, n)] for k in KINDS for n in pair) - others
    for kind in KINDS:
        for name in pair:
            taken = min(max(over, 0), sent[(kind, name)])
            sent[(kind, name)] -= taken
            over -= taken


def _away_kinds(sheet: Sheet, stock: Stock, rng: random.Random) -> dict[str, int]:
    paths = sheet.paths("TA9_TATYPE")
    if not paths:
        return dict(zip(ALL_KINDS, _proportional(stock, rng), strict=True))
    root = Node(paths[0], paths[0], [], sheet.count("TA9_TATYPE", paths[0]))
    placed = Node(paths[2], paths[2], [], sheet.count("TA9_TATYPE", paths[2]))
    root.children = [_node(sheet, "TA9_TATYPE", paths[1], "own"), placed]
    for kind in KINDS:
        placed.children.append(_node(sheet, "TA9_TATYPE", sheet.find("TA9_TATYPE", HEADS[kind]), kind))
    by_kind = {node.label: node for node in root.leaves()}
    if any(node.published is None for node in by_kind.values()):
        for kind, n in zip(ALL_KINDS, _proportional(stock, rng), strict=True):
            if by_kind[kind].published is None:
                by_kind[kind].weight = float(n) + 0.001
        for kind, n in zip(ALL_KINDS, _proportional(stock, rng), strict=True):
            by_kind[kind].published = n if by_kind[kind].published is None else by_kind[kind].published
        shown = {k: sheet.count("TA9_TATYPE", n.path or "") for k, n in by_kind.items()}
        resolve(root, stock.away, rng)
        for kind, node in by_kind.items():
            node.published = shown[kind]
    else:
        resolve(root, stock.away, rng)
    report(sheet, "TA9_TATYPE", root, "TA1: In TA in another local authority district")
    return {kind: min(node.value, stock.total[kind]) for kind, node in by_kind.items()}


def _proportional(stock: Stock, rng: random.Random) -> list[int]:
    weights = [float(stock.total[kind]) for kind in ALL_KINDS]
    shares = split(min(stock.away, int(sum(weights))), weights, rng)
    for i, kind in enumerate(ALL_KINDS):
        over = shares[i] - stock.total[kind]
        if over > 0:
            shares[i] -= over
            for j, other in enumerate(ALL_KINDS):
                moved = min(over, stock.total[other] - shares[j])
                shares[j] += moved
                over -= moved
    return shares


def _away_types(
    sheet: Sheet, total: int, stock: Stock, sizes: dict[str, int], others: int, rng: random.Random
) -> dict[str, int]:
    paths = sheet.paths("TA9_HHTYPE")
    likely = {name: float(sizes.get(name, 0)) for name in codes.HOUSEHOLDS}
    likely["couple_no_children"] = 0.75 * others
    likely["three_adults_no_children"] = 0.25 * others
    own = stock.families["own"]
    likely["single_parent_female"] += own
    likely["single_adult_male"] += stock.total["own"] - own
    if not paths or sheet.count("TA9_HHTYPE", paths[1]) is None:
        # The limits are not printed: the flow takes what it can of every composition.
        return {name: total if likely[name] > 0 else 0 for name in codes.HOUSEHOLDS}
    root = Node(paths[0], paths[0], [], sheet.count("TA9_HHTYPE", paths[0]))
    group = root
    for path in paths[1:]:
        node = _node(sheet, "TA9_HHTYPE", path, path)
        if path.startswith("Total"):
            group = node
            root.children.append(node)
        else:
            node.label = _composition(path)
            (root if node.label == "nk" else group).children.append(node)
    resolve(root, total, rng)
    report(sheet, "TA9_HHTYPE", root, "TA1: In TA in another local authority district")
    return {node.label: node.value for node in root.leaves()}


def _composition(path: str) -> str:
    low = path.lower()
    if "not known" in low and "adult" not in low:
        return "nk"
    if low.startswith("three"):
        return "three_adults_no_children" if "without" in low else "three_adults_children"
    if low.startswith("two"):
        return "couple_children" if "with " in low else "couple_no_children"
    sex = "female" if "female" in low else "male" if "male" in low else "other"
    return f"single_parent_{sex}" if "with dependent" in low else f"single_adult_{sex}"


def _clash_away(
    sheet: Sheet,
    kinds: dict[str, int],
    sent: dict[tuple[str, str], int],
) -> None:
    around = ["TA1: families by type", "TA2", "TA9_TATYPE", "TA9_HHTYPE"]
    for kind in ALL_KINDS:
        reached = sum(sent[(kind, name)] for name in codes.HOUSEHOLDS)
        path = sheet.find("TA9_TATYPE", HEADS[kind]) if kind != "own" else None
        if reached != kinds[kind] and path is not None:
            sheet.clash("TA9_TATYPE", path, kinds[kind], reached, "type, composition and district cannot hold", around)
    for path in sheet.paths("TA9_HHTYPE")[1:]:
        if path.startswith("Total"):
            names = FAMILY_TYPES if path.endswith("with children") else tuple(n for n in ADULT_TYPES if n != "nk")
        else:
            names = (_composition(path),)
        reached = sum(sent[(kind, name)] for kind in ALL_KINDS for name in names)
        printed = sheet.count("TA9_HHTYPE", path)
        if printed is not None and reached != printed:
            sheet.clash("TA9_HHTYPE", path, printed, reached, "type, composition and district cannot hold", around)


def _at_home(
    stock: Stock,
    sizes: dict[str, int],
    unknown: dict[str, int],
    others: int,
    sent: dict[tuple[str, str], int],
    rng: random.Random,
    least: dict[tuple[str, str], int],
) -> None:
    """Households in the own district: what is left of each type and of each composition, free within families."""
    sizes = dict(sizes)
    gone = {n: sum(sent[(k, n)] for k in KINDS) for n in codes.HOUSEHOLDS}
    rest = others - gone["couple_no_children"] - gone["three_adults_no_children"]
    wanted = {n: sum(max(least.get((k, n), 0) - sent[(k, n)], 0) for k in KINDS) for n in _OTHERS}
    three = min(max(round(rest * 0.25), wanted[_OTHERS[1]]), max(rest - wanted[_OTHERS[0]], 0))
    left = {name: sizes.get(name, 0) - gone[name] for name in codes.HOUSEHOLDS}
    left["couple_no_children"] = rest - three
    left["three_adults_no_children"] = three
    left["nk"] = 0
    for kind in KINDS:
        stays = unknown.get(kind, 0) - sent[(kind, "nk")]
        if stays > 0:
            stock.cells[(kind, "nk", False)] = stays
    for names in (FAMILY_TYPES, tuple(n for n in ADULT_TYPES if n != "nk")):
        is_family = names is FAMILY_TYPES
        rows = []
        for kind in KINDS:
            of_kind = stock.families[kind] if is_family else stock.total[kind] - stock.families[kind]
            used = sum(sent[(kind, n)] for n in names)
            rows.append(of_kind - used - (0 if is_family else unknown.get(kind, 0)))
        table = _fit_above(rows, [left[n] for n in names], _needed(least, sent, names))
        for kind, line in zip(KINDS, table, strict=True):
            for name, n in zip(names, line, strict=True):
                if n:
                    stock.cells[(kind, name, False)] = n
        own = (stock.families["own"] if is_family else stock.total["own"] - stock.families["own"]) - sum(
            sent[("own", n)] for n in (*names, *(() if is_family else ("nk",)))
        )
        for name, n in zip(names, split(own, [_LIKELY[n] for n in names], rng), strict=True):
            if n:
                stock.cells[("own", name, False)] = n


def _needed(
    least: dict[tuple[str, str], int], sent: dict[tuple[str, str], int], names: tuple[str, ...]
) -> list[list[int]]:
    return [[max(least.get((k, n), 0) - sent[(k, n)], 0) for n in names] for k in KINDS]


def _fit_above(rows: list[int], columns: list[int], least: list[list[int]]) -> list[list[int]]:
    """As ``fit_table``, every cell at least as asked for as far as the margins allow."""
    rows, columns = list(rows), list(columns)
    base = [[0] * len(columns) for _ in rows]
    for i, line in enumerate(least):
        for j, n in enumerate(line):
            taken = min(n, rows[i], columns[j])
            base[i][j] = taken
            rows[i] -= taken
            columns[j] -= taken
    rest = fit_table(rows, columns, lambda _i, _j: 1.0)
    return [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(base, rest, strict=True)]


def stays(stock: Stock, quarter: int) -> list[Stay]:
    """One stay for each household, own arrangements among them, in a fixed order."""
    order = {kind: i for i, kind in enumerate(ALL_KINDS)}
    rows = []
    for (kind, name, away), n in sorted(stock.cells.items(), key=lambda item: (order[item[0][0]], item[0][1:])):
        rows += [Stay(quarter, kind, name, away) for _ in range(n)]
    return rows
