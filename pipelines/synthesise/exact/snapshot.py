"""The exact model of who was in temporary accommodation on the last day of a quarter: TA1 to TA9.

Households are counted by type, composition and district at once, since TA1, TA2, TA9_TATYPE and TA9_HHTYPE print sums
of the same count; durations by type, side (with children, without, not known) and band, since TA4, TA4c and TA4s do.
"""

from __future__ import annotations

from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.published.cells import SUPPRESSED
from pipelines.synthesise import codes
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.durations import BANDS, TA7_HEADS, edges, median_and_mean
from pipelines.synthesise.exact.model import FREE, CellRef
from pipelines.synthesise.exact.printed import Tables, Terms, minus, plus
from pipelines.synthesise.stock import ALL_KINDS, KINDS

SNAPSHOT = ("TA1", "TA2", "TA3", "TA4", "TA4c", "TA4s", "TA5", "TA6", "TA7", "TA8", "TA9", "TA9_TATYPE", "TA9_HHTYPE")
_BAND_CODES = ("under_6_months", "6_months_to_1_year", "1_to_2_years", "2_to_5_years", "5_years_plus")
_MANY_DAYS = 10**9
_A_LIFE = 40_000
_MANY = 100
"""More people under one roof than any household has."""

Joint = dict[tuple[str, str, bool], Terms]


def side_of(household: str) -> str:
    """With children, without, or of unknown composition: TA4c, TA4s or neither."""
    return "family" if household in codes.FAMILIES else "unknown" if household == "nk" else "single"


def in_accommodation(sheet: Sheet, *, with_days: bool = True) -> tuple[Tables, Joint]:
    """The model, and the variable of each type, composition and whether in another district.

    Medians and means (TA7) are left out without ``with_days``: they are hardly ever bound by anything else, and without
    days the answer comes a hundred times sooner. A contradiction of fewer cells is one of all.
    """
    tables = Tables(sheet)
    model = tables.model
    joint: Joint = {
        (kind, household, away): ((model.variable(), 1),)
        for kind in ALL_KINDS
        for household in codes.HOUSEHOLDS
        for away in (False, True)
    }
    _types(tables, joint)
    _one_way(tables, joint)
    if tables.has("TA4"):
        _durations(tables, joint, with_days)
    return tables, joint


def _of(joint: Joint, kinds: tuple[str, ...], households: tuple[str, ...] | frozenset[str], away: bool | None) -> Terms:
    return plus(
        *(
            terms
            for (kind, household, is_away), terms in joint.items()
            if kind in kinds and household in households and away in (None, is_away)
        )
    )


def _types(tables: Tables, joint: Joint) -> None:
    model = tables.model
    every = codes.HOUSEHOLDS
    over, review, young, child = (((model.variable(), 1),) for _ in range(4))
    families = {kind: _of(joint, (kind,), codes.FAMILIES, None) for kind in ALL_KINDS}
    types = {kind: _of(joint, (kind,), every, None) for kind in ALL_KINDS}
    sent = _of(joint, ALL_KINDS, every, True)
    ta1 = {f"type.{kind}": types[kind] for kind in KINDS} | {f"family.{kind}": families[kind] for kind in KINDS}
    ta1 |= {"own": types["own"], "own_family": families["own"], "child": child, "bb_over_6_weeks": over}
    ta1 |= {"bb_over_6_weeks_review": review, "bb_16_17": young, "out_of_district": sent}
    tables.no_more([over], [families["bb"]], "families over six weeks are families in bed and breakfast")
    tables.no_more([review], [over], "a review pending is counted of families over six weeks")
    tables.no_more([young], [types["bb"]], "applicants of 16 and 17 in bed and breakfast are households there")
    placed = plus(*(families[kind] for kind in KINDS))
    tables.no_more([placed], [child], "a family has a dependent child")
    unknown = _of(joint, KINDS, ("nk",), None)
    tables.no_more([child], [_times(plus(placed, unknown), _MANY)], "a dependent child belongs to a family")
    tables.show("TA1", ta1)
    if tables.has("TA2"):
        tables.show("TA2", {h: _of(joint, KINDS, (h,), None) for h in every})
    if tables.has("TA9_TATYPE"):
        tables.show("TA9_TATYPE", {kind: _of(joint, (kind,), every, True) for kind in ALL_KINDS})
    if tables.has("TA9_HHTYPE"):
        tables.show("TA9_HHTYPE", {h: _of(joint, ALL_KINDS, (h,), True) for h in every})
    if tables.has("TA9"):
        regions = [code for code in tables.named("TA9") if code.startswith("sent.")]
        by_region = {code: ((model.variable(), 1),) for code in [*regions, "sent.none"]}
        tables.same(by_region.values(), [sent], "TA9 divides the households in another district")
        near = ((model.variable(), 1),)
        tables.show("TA9", by_region | {"in_ta": plus(*(types[kind] for kind in KINDS)), "own_region": near})
    _few_sent(tables, sent)


def _times(terms: Terms, factor: int) -> Terms:
    return tuple((variable, factor * coefficient) for variable, coefficient in terms)


def _few_sent(tables: Tables, sent: Terms) -> None:
    """Where the number sent to another district is hidden it is below the limit (schemas/tables/suppression.csv)."""
    for (table, path, measure), cell in tables.sheet.cells.items():
        if measure == "count" and cell.note == SUPPRESSED and table in ("TA1", "TA9"):
            rule = tables.rules(table).get(path)
            if rule is not None and set(rule.cells) & {"out_of_district", "sent.*"}:
                cell_ref = CellRef(tables.quarter, table, path)
                tables.model.printed(
                    cell_ref,
                    sent,
                    0,
                    OFFICIAL_BASE_BELOW - 1,
                    says=f"{table} {path}, hidden below {OFFICIAL_BASE_BELOW}",
                )


def _one_way(tables: Tables, joint: Joint) -> None:
    total = _of(joint, KINDS, codes.HOUSEHOLDS, None)
    for table in ("TA3", "TA5", "TA6"):
        if tables.has(table):
            divided = tables.one_way(table)
            tables.same(divided.values(), [total], f"{table} divides the households in temporary accommodation (TA1)")
    young = tables.codes["TA1"]["bb_16_17"]
    young_there = tables.codes["TA5"]["16_17"] if tables.has("TA5") else young
    if tables.has("TA5"):
        tables.no_more([young], [young_there], "applicants of 16 and 17 in bed and breakfast are in TA5")
        elsewhere = plus(total, minus(_of(joint, ("bb",), codes.HOUSEHOLDS, None)))
        tables.no_more([young_there, minus(young)], [elsewhere], "the other applicants of 16 and 17 are elsewhere")
    if tables.has("TA8"):
        ages = tables.one_way("TA8")
        tables.no_more([young_there], [ages["age.16"], ages["age.17"]], "applicants of 16 and 17 are counted in TA8")
        tables.no_more(ages.values(), [_times(total, _MANY)], "somebody under 18 belongs to a household (TA1)")


def _durations(tables: Tables, joint: Joint, with_days: bool) -> None:
    """Bands by type and side; with TA7 the days of each band, split at the median, and their sum."""
    model = tables.model
    *limits, (longest, _) = edges(tables.sheet.quarter.last_day)
    limits.append((longest, _A_LIFE))
    shown: dict[str, dict[str, Terms]] = {"TA4": {}, "TA4c": {}, "TA4s": {}}
    for kind in ALL_KINDS:
        by_band: list[Terms] = [() for _ in BANDS]
        for side in ("family", "single", "unknown"):
            bands: list[Terms] = [((model.variable(), 1),) for _ in BANDS]
            households = tuple(h for h in codes.HOUSEHOLDS if side_of(h) == side)
            tables.same(bands, [_of(joint, (kind,), households, None)], "the bands divide the households of a type")
            by_band = [plus(a, b) for a, b in zip(by_band, bands, strict=True)]
            if side != "unknown" and kind != "own":
                table = "TA4c" if side == "family" else "TA4s"
                shown[table] |= {f"{kind}.{code}": b for code, b in zip(_BAND_CODES, bands, strict=True)}
        if kind != "own":
            shown["TA4"] |= {f"{kind}.{code}": b for code, b in zip(_BAND_CODES, by_band, strict=True)}
        if with_days:
            _days(tables, kind, by_band, limits)
    for table, counted in shown.items():
        if tables.has(table):
            tables.show(table, counted)


def _days(tables: Tables, kind: str, by_band: list[Terms], limits: list[tuple[int, int]]) -> None:
    model, sheet = tables.model, tables.sheet
    median, mean = median_and_mean(sheet, kind)
    if median is None or mean is None:
        return
    number = plus(*by_band)
    days: list[Terms] = []
    below: list[Terms] = []
    above: list[Terms] = []
    for households, (low, high) in zip(by_band, limits, strict=True):
        parts: list[Terms] = []
        for least, most, side in _pieces(low, high, median):
            part = ((model.variable(), 1),)
            spent = ((model.variable(0, _MANY_DAYS), 1),)
            says = "the days of a household lie within its band"
            model.law(plus(spent, minus(part, least)), 0, FREE, says)
            model.law(plus(spent, minus(part, most)), -FREE, 0, says)
            parts.append(part)
            days.append(spent)
            if side:
                (below if side < 0 else above).append(part)
        tables.same(parts, [households], "the days of a household lie below, on or above the median")
    paths = [p for (t, p, m) in sheet.cells if (t, m) == ("TA7", "days") and p.startswith(TA7_HEADS[kind])]
    for path in paths:
        cell = CellRef(tables.quarter, "TA7", path)
        says = f"TA7 {path} {mean if 'Mean' in path else median:g}"
        if "Mean" in path:
            model.printed(cell, plus(*days, minus(number, mean)), 0, FREE, says=says)
            model.printed(cell, plus(*days, minus(number, mean + 1)), -FREE, 0, says=says)
            if mean:
                model.printed(cell, number, 1, FREE, says=says)
        else:
            for half in (below, above):
                terms = plus(*(_times(part, 2) for part in half), minus(number))
                model.printed(cell, terms, -FREE, 0, says=says)
            if median:
                model.printed(cell, number, 1, FREE, says=says)


def _pieces(low: int, high: int, median: float) -> list[tuple[int, int, int]]:
    """A band parted at the median: fewest and most days of each piece, and on which side of the median it lies."""
    under, over = -int(-median // 1) - 1, int(median // 1) + 1
    pieces = [(low, min(high, under), -1), (max(low, over), high, 1)]
    if median == int(median) and low <= median <= high:
        pieces.append((int(median), int(median), 0))
    return [(a, b, side) for a, b, side in pieces if a <= b]
