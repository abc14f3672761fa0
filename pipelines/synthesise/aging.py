"""How long everybody has been there at the end of every quarter of a chain, as an exact model of what is printed.

Entry days are cut into intervals at every day that some printed cell tells apart. Of each interval no more households
are there at the end of a quarter than at the end of the one before, and what the leavers' days add up to must be
possible. Types may change from quarter to quarter, composition and side do not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.synthesise.averages import cell_of, day_bounds, middle_days
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import BANDS, TA7_HEADS, edges, median_and_mean
from pipelines.synthesise.exact.model import FREE, Model
from pipelines.synthesise.stock import ADULT_TYPES, ALL_KINDS, FAMILY_TYPES, HEADS, KINDS, OTHERS
from pipelines.synthesise.survivors import Plan

_LONGEST = 40 * 365
SIDES = ("family", "single", "unknown")
COMPOSITIONS = {
    "family": FAMILY_TYPES,
    "single": tuple(name for name in ADULT_TYPES if name != "nk"),
    "unknown": ("nk",),
}
Terms = dict[int, int]
Place = tuple[int, str, int, str]
"""Quarter, type, interval and side."""


@dataclass
class Aging:
    """The model with the numbers of its variables."""

    plans: Sequence[Plan]
    intervals: list[tuple[int, int]]
    """First and last entry day (ordinal) of each interval, oldest first."""
    by_print: bool = False
    """Only what is printed binds: what the model would settle beside it (hidden cells, middle days) is left open."""
    model: Model = field(default_factory=Model)
    count: dict[Place, int] = field(default_factory=dict)
    """Households of a type; type "" where a quarter prints no durations and types are dealt afterwards."""
    days: dict[Place, int] = field(default_factory=dict)
    """Days from the last entry day of the interval back to those of the households, added up."""
    composed: dict[tuple[int, int, str], int] = field(default_factory=dict)
    """Households of a quarter by the quarter in which they were counted first and composition."""

    def is_printed(self, quarter: int) -> bool:
        """Whether the quarter prints durations."""
        return bool(self.plans[quarter].sheet.paths("TA4"))

    def until(self, quarter: int) -> range:
        """Intervals of those who can be there at the end of a quarter."""
        last = self.plans[quarter].last.toordinal()
        return range(bisect_right(self.intervals, (last, 10**9)))

    def first_counted(self, interval: int) -> int:
        """The quarter at whose end households of the interval are counted first."""
        high = self.intervals[interval][1]
        return next(k for k, made in enumerate(self.plans) if high <= made.last.toordinal())

    def width(self, interval: int) -> int:
        """Days between the first and the last entry day of an interval."""
        low, high = self.intervals[interval]
        return high - low

    def there(self, quarter: int, interval: int, side: str) -> Terms:
        """All households of an interval and side at the end of a quarter."""
        return {self.count[key]: 1 for key in self.keys(quarter, interval, side)}

    def keys(self, quarter: int, interval: int, side: str) -> list[Place]:
        """The same by type."""
        kinds = _kinds(side) if self.is_printed(quarter) else ("",)
        return [key for kind in kinds if (key := (quarter, kind, interval, side)) in self.count]


def _kinds(side: str) -> tuple[str, ...]:
    return ("own",) if side.startswith("own") else KINDS


def side_sizes(here: Plan, by_print: bool = False) -> dict[tuple[str, str], int]:
    """Households of a quarter by type and side; own arrangements away also by composition, as they keep both.

    With ``by_print`` only by what TA1 prints of them: families and others.
    """
    sizes = {(kind, side): here.size(kind, side) for kind in KINDS for side in SIDES}
    for (kind, household, away), n in here.prepared.stock.cells.items():
        if kind == "own":
            key = ("own", own_side(household, away and not by_print))
            sizes[key] = sizes.get(key, 0) + n
    return {key: n for key, n in sizes.items() if n}


def own_side(household: str, away: bool) -> str:
    """The side of own arrangements: their district is kept, their composition is counted only when they are away."""
    if away:
        return f"own {household}"
    return "own family" if household in FAMILY_TYPES else "own single"


def aging(plans: Sequence[Plan], share: Sequence[float], rng: Draws, *, by_print: bool = False) -> Aging:
    """The model of a chain of quarters; ``share`` is for each boundary how many are wanted to stay.

    With ``by_print`` it asks less of the households than the tables do, so that a clash in it is a proof: of an even
    number the median only says that half are no longer and half no shorter there; districts and hidden compositions are
    left out.

    Raises:
        ValueError: a median lies where the bands of its own quarter have nobody.
    """
    middles = {
        (k, kind): middle
        for k, here in enumerate(plans)
        for kind in ALL_KINDS
        if (middle := _halves(here, kind) if by_print else middle_days(here, kind, rng)) is not None
    }
    made = Aging(plans, _intervals(plans, middles), by_print)
    for k, here in enumerate(plans):
        sizes = side_sizes(here, by_print)
        if made.is_printed(k):
            _printed(made, k, here, sizes, middles)
        else:
            _unprinted(made, k, sizes)
        _compositions(made, k, here)
        if made.is_printed(k) and not by_print:
            _away(made, k, here)
    for k in range(len(plans) - 1):
        _stay(made, k, share[k])
    return made


def _halves(here: Plan, kind: str) -> tuple[int, int] | None:
    """The whole days at or beside the printed median, which half are no longer than and half no shorter than."""
    median, _ = median_and_mean(here.sheet, kind)
    return None if median is None or not here.prepared.stock.total[kind] else (int(median), -int(-median // 1))


def _intervals(plans: Sequence[Plan], middles: dict[tuple[int, str], tuple[int, int]]) -> list[tuple[int, int]]:
    starts: set[int] = set()
    for here in plans:
        last = here.last.toordinal()
        starts |= {here.sheet.quarter.first_day.toordinal(), last + 1}
        if here.sheet.paths("TA4"):
            starts |= {last - high for _, high in edges(here.last)[:-1]}
    for (k, _), pair in middles.items():
        last = plans[k].last.toordinal()
        for day in pair:
            starts |= {last - day, last - day + 1}
    oldest = plans[0].last.toordinal() - _LONGEST
    ordered = sorted({oldest, *starts})
    return [(low, high - 1) for low, high in pairwise(ordered)]


def _printed(
    made: Aging,
    k: int,
    here: Plan,
    sizes: dict[tuple[str, str], int],
    middles: dict[tuple[int, str], tuple[int, int]],
) -> None:
    model = made.model
    for (kind, side), n in sizes.items():
        for i in made.until(k):
            made.count[(k, kind, i, side)] = model.variable(high=n)
            width = made.width(i)
            if width:
                made.days[(k, kind, i, side)] = model.variable(high=width * n)
                spread = {made.count[(k, kind, i, side)]: width, made.days[(k, kind, i, side)]: -1}
                model.law(spread, 0, FREE, "days lie within their interval")
        every = {made.count[(k, kind, i, side)]: 1 for i in made.until(k)}
        model.law(every, n, n, f"{here.sheet.quarter}: {n:,} of type {kind}, {side}")
    for kind in ALL_KINDS:
        if kind in KINDS:
            _bands(made, k, here, kind)
        _mean_and_median(made, k, here, kind, middles.get((k, kind)))


def _bands(made: Aging, k: int, here: Plan, kind: str) -> None:
    block = here.blocks.get(kind)
    if block is None:
        return
    printed = _printed_blocks(here, kind)
    settled = {
        "TA4": [sum(block[side][b] for side in SIDES) for b in range(5)],
        "TA4c": block["family"],
        "TA4s": block["single"],
    }
    tables = [table for table in settled if printed[table] is not None]
    if any(printed[table] != settled[table] for table in tables):
        # They contradict each other within the quarter: what was settled for it stands, and proves nothing.
        tables = [] if made.by_print else list(settled)
    for table in tables:
        sides = {"TA4": SIDES, "TA4c": ("family",), "TA4s": ("single",)}[table]
        for b, (low, high) in enumerate(edges(here.last)):
            terms = _between(made, k, kind, sides, low, high)
            path = here.sheet.find(table, HEADS[kind], BANDS[b]) or BANDS[b]
            made.model.printed(cell_of(here, table, path), terms, settled[table][b])


def _printed_blocks(here: Plan, kind: str) -> dict[str, list[int] | None]:
    found: dict[str, list[int] | None] = {}
    for table in ("TA4", "TA4c", "TA4s"):
        values = [here.sheet.get(table, HEADS[kind], band) for band in BANDS]
        found[table] = None if any(v is None for v in values) else [v for v in values if v is not None]
    return found


def _between(made: Aging, k: int, kind: str, sides: Iterable[str], least: int, most: int) -> Terms:
    """Households of a type that have been there for so many days at the end of a quarter."""
    last = made.plans[k].last.toordinal()
    return {
        made.count[key]: 1
        for side in sides
        for i in made.until(k)
        if last - most <= made.intervals[i][0] and made.intervals[i][1] <= last - least
        if (key := (k, kind, i, side)) in made.count
    }


def _mean_and_median(made: Aging, k: int, here: Plan, kind: str, middle: tuple[int, int] | None) -> None:
    median, mean = median_and_mean(here.sheet, kind)
    size = here.prepared.stock.total[kind]
    if not size:
        return
    cells = {
        "Mean" in path: cell_of(here, "TA7", path)
        for (table, path, measure) in here.sheet.cells
        if table == "TA7" and measure == "days" and path.startswith(TA7_HEADS[kind])
    }
    sides = sorted({side for (q, t, _, side) in made.count if q == k and t == kind})
    bounds = day_bounds(here, kind)
    if mean is not None and made.by_print:
        bounds = size * mean, size * mean + size - 1
    if mean is not None and bounds is not None:
        last = here.last.toordinal()
        terms: Terms = {}
        for side in sides:
            for i in made.until(k):
                key = (k, kind, i, side)
                terms[made.count[key]] = last - made.intervals[i][1]
                if key in made.days:
                    terms[made.days[key]] = 1
        made.model.printed(cells[True], terms, *bounds)
    if median is None or middle is None:
        return
    below, above = middle
    inside = size // 2 if below != above else (size - 1) // 2
    outer = (size - 1) // 2

    def rank(least: int, most: int, low: int, high: int) -> None:
        says = f"households on one side of TA7 {cells[False].column_path}"
        made.model.printed(cells[False], _between(made, k, kind, sides, least, most), low, high, says=says)

    if made.by_print and size % 2 == 0:
        rank(0, below, size // 2, size)
        rank(above, _LONGEST * 2, size // 2, size)
        return
    rank(0, below - 1, 0, outer)
    rank(above + 1, _LONGEST * 2, 0, outer)
    if below != above:
        rank(0, below, inside, inside)
        rank(above, _LONGEST * 2, inside, inside)


def _unprinted(made: Aging, k: int, sizes: dict[tuple[str, str], int]) -> None:
    totals: dict[str, int] = defaultdict(int)
    for (_, side), n in sizes.items():
        totals[side] += n
    for side, n in totals.items():
        for i in made.until(k):
            made.count[(k, "", i, side)] = made.model.variable(high=n)
        every = {made.count[(k, "", i, side)]: 1 for i in made.until(k)}
        made.model.law(every, n, n, f"{made.plans[k].sheet.quarter}: {n:,} in all, {side}")


def _compositions(made: Aging, k: int, here: Plan) -> None:
    model, ready = made.model, here.prepared
    cells = ready.stock.cells
    hidden = made.by_print and any(here.sheet.count("TA2", path) is None for path in here.sheet.paths("TA2"))
    for side in ("family", "single"):
        for q in range(k + 1):
            parts = {}
            for name in COMPOSITIONS[side]:
                made.composed[(k, q, name)] = model.variable()
                parts[made.composed[(k, q, name)]] = -1
            for i in made.until(k):
                if made.first_counted(i) == q:
                    parts |= made.there(k, i, side)
            model.law(parts, 0, 0, "every household has one composition")
        for name in () if hidden else COMPOSITIONS[side]:
            every = {made.composed[(k, q, name)]: 1 for q in range(k + 1)}
            if name in OTHERS and made.by_print:
                continue
            if name in OTHERS and made.is_printed(k):
                least = sum(n for (t, c, away), n in cells.items() if t != "own" and c == name and away)
                model.law(every, least, FREE, "TA9_HHTYPE")
            else:
                n = sum(n for (t, c, _), n in cells.items() if t != "own" and c == name)
                model.law(every, n, n, f"{here.sheet.quarter} TA2: {name} ({n:,})")


def _away(made: Aging, k: int, here: Plan) -> None:
    """Some of each type and composition must be away: so many of one arrival need both."""
    model, cells = made.model, here.prepared.stock.cells
    by_kind: dict[str, int] = defaultdict(int)
    by_name: dict[str, int] = defaultdict(int)
    sent: dict[tuple[str, str], int] = {}
    for (kind, name, away), n in cells.items():
        if away and kind != "own":
            by_kind[kind] += n
            by_name[name] += n
    for side in ("family", "single"):
        every: dict[tuple[str, str], Terms] = defaultdict(dict)
        for q in range(k + 1):
            of_name: dict[str, Terms] = defaultdict(dict)
            for kind in KINDS:
                parts = {
                    made.count[key]: -1
                    for i in made.until(k)
                    if made.first_counted(i) == q and (key := (k, kind, i, side)) in made.count
                }
                if not parts:
                    continue
                for name in COMPOSITIONS[side]:
                    number = model.variable()
                    parts[number] = of_name[name][number] = every[(kind, name)][number] = 1
                model.law(parts, 0, 0, "every household has one composition")
            for name, terms in of_name.items():
                model.law({**terms, made.composed[(k, q, name)]: -1}, 0, 0, "every household has one type")
        for (kind, name), terms in every.items():
            sent[(kind, name)] = model.variable()
            model.law({**terms, sent[(kind, name)]: -1}, 0, FREE, "who is away is there")
    unknown = _unknown_away(here)
    for kind, n in by_kind.items():
        n -= unknown.get(kind, 0)
        model.law({v: 1 for (t, _), v in sent.items() if t == kind}, n, n, f"{here.sheet.quarter} TA9_TATYPE: {kind}")
    if here.sheet.get("TA9_HHTYPE", "Total households with children") is not None:
        for name, n in by_name.items():
            if name != "nk":
                terms = {v: 1 for (_, c), v in sent.items() if c == name}
                model.law(terms, n, n, f"{here.sheet.quarter} TA9_HHTYPE: {name}")


def _unknown_away(here: Plan) -> dict[str, int]:
    cells = here.prepared.stock.cells
    return {kind: n for (kind, name, away), n in cells.items() if away and name == "nk" and kind != "own"}


def _stay(made: Aging, k: int, share: float) -> None:
    """Whoever is there at the end of the next quarter and came before it is there now."""
    model = made.model
    sides = sorted({side for (q, _, _, side) in made.count if q in (k, k + 1)})
    for side in sides:
        staying: Terms = {}
        for i in made.until(k):
            now, then = made.there(k + 1, i, side), made.there(k, i, side)
            staying |= now
            if not now:
                continue
            gone = {**then, **{v: -1 for v in now}}
            model.law(gone, 0, FREE, "who stays was there before")
            width = made.width(i)
            if width and made.is_printed(k) and made.is_printed(k + 1):
                days = {made.days[key]: 1 for key in made.keys(k, i, side)}
                days |= {made.days[key]: -1 for key in made.keys(k + 1, i, side)}
                model.law(days, 0, FREE, "days of those who leave")
                most = {**{v: -c for v, c in days.items()}, **{v: width * c for v, c in gone.items()}}
                model.law(most, 0, FREE, "days of those who leave")
        sizes = [
            sum(n for (_, s), n in side_sizes(made.plans[q], made.by_print).items() if s == side) for q in (k, k + 1)
        ]
        wanted = round(share * min(sizes))
        if staying:
            over, under = model.variable(cost=1), model.variable(cost=1)
            model.law({**staying, over: -1, under: 1}, wanted, wanted, "about as many stay as is usual")
    for side in ("family", "single"):
        for name in COMPOSITIONS[side]:
            for q in range(k + 1):
                gone = {made.composed[(k, q, name)]: 1, made.composed[(k + 1, q, name)]: -1}
                model.law(gone, 0, FREE, "composition stays as it is")
