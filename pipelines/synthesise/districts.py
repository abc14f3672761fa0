"""Which households in temporary accommodation are in another district, and how the rest divide over types."""

from __future__ import annotations

import random

from pipelines.synthesise import codes
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import Flow, fit_table, split
from pipelines.synthesise.stock import (
    ADULT_TYPES,
    ALL_KINDS,
    FAMILY_TYPES,
    HEADS,
    KINDS,
    LIKELY,
    OTHERS,
    Prepared,
    Stock,
    prepare,
    printed_node,
)
from pipelines.synthesise.tree import Node, report, resolve


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
        if name in OTHERS and name != "nk":
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
    root.children = [printed_node(sheet, "TA9_TATYPE", paths[1], "own"), placed]
    for kind in KINDS:
        placed.children.append(printed_node(sheet, "TA9_TATYPE", sheet.find("TA9_TATYPE", HEADS[kind]), kind))
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
        node = printed_node(sheet, "TA9_HHTYPE", path, path)
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
    wanted = {n: sum(max(least.get((k, n), 0) - sent[(k, n)], 0) for k in KINDS) for n in OTHERS}
    three = min(max(round(rest * 0.25), wanted[OTHERS[1]]), max(rest - wanted[OTHERS[0]], 0))
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
        for name, n in zip(names, split(own, [LIKELY[n] for n in names], rng), strict=True):
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
