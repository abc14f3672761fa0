"""How long households have been in temporary accommodation: bands of TA4, TA4c and TA4s, mean and median of TA7.

Conventions read out of the published figures (synthesis-facts 2): days from entry to the last day of the quarter, bands
by calendar month, the mean cut off below the whole day, the median exact.
"""

from __future__ import annotations

import random
from datetime import date

from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.codes import FAMILIES
from pipelines.synthesise.deal import fit_table, split
from pipelines.synthesise.stock import ALL_KINDS, HEADS, KINDS

BANDS = ("Less than 6 months", "6 months to 1 year", "1 to 2 years", "2 to 5 years", "5+ years")
_MONTHS = (5, 11, 23, 59)
_LONGEST = 45 * 365
_TYPICAL = {
    "bb": (80.0, 14.0, 5.0, 1.0, 0.0),
    "hostel": (55.0, 20.0, 15.0, 8.0, 2.0),
    "own": (40.0, 20.0, 20.0, 15.0, 5.0),
}
_SPREAD = (30.0, 18.0, 18.0, 20.0, 14.0)
TA7_HEADS = {
    "bb": "B&B",
    "hostel": "Hostel",
    "la_ha": "LA/HA",
    "nightly": "Other nightly",
    "other": "Other/NK",
    "own": "Own",
    "psl": "Private sector",
}


def edges(last: date) -> list[tuple[int, int]]:
    """Fewest and most days of each band for a quarter that ends on ``last``."""
    starts = []
    for months in _MONTHS:
        index = last.year * 12 + last.month - 1 - months
        starts.append((last - date(index // 12, index % 12 + 1, 1)).days)
    return list(zip([0, *[n + 1 for n in starts]], [*starts, _LONGEST], strict=True))


def _block(sheet: Sheet, table: str, kind: str) -> list[int] | None:
    values = [sheet.get(table, HEADS[kind], band) for band in BANDS]
    return None if any(v is None for v in values) else [v for v in values if v is not None]


def bands(sheet: Sheet, kind: str, families: int, single: int, unknown: int) -> dict[str, list[int]] | None:
    """Households of one type by band: families, others, those of unknown composition; None when not printed."""
    every, with_children, without = (_block(sheet, t, kind) for t in ("TA4", "TA4c", "TA4s"))
    if with_children is not None and sum(with_children) != families:
        with_children = None
    if without is not None and sum(without) != single:
        without = None
    if every is not None and sum(every) != families + single + unknown:
        every = None
    if every is None and with_children is not None and without is not None and not unknown:
        every = [a + b for a, b in zip(with_children, without, strict=True)]
    if every is None:
        return None
    if with_children is None:
        other = without if without is not None else None
        if other is not None and unknown == 0 and all(a >= b for a, b in zip(every, other, strict=True)):
            with_children = [a - b for a, b in zip(every, other, strict=True)]
        else:
            with_children = _share(every, families)
    if any(a < b for a, b in zip(every, with_children, strict=True)):
        with_children = _share(every, families)
    rest = [a - b for a, b in zip(every, with_children, strict=True)]
    if without is None or any(a < b for a, b in zip(rest, without, strict=True)):
        without = _share(rest, single)
    return {
        "family": with_children,
        "single": without,
        "unknown": [a - b for a, b in zip(rest, without, strict=True)],
    }


def _share(sizes: list[int], total: int) -> list[int]:
    return fit_table([total, sum(sizes) - total], sizes, lambda _i, _j: 1.0)[0]


def clash_bands(sheet: Sheet, rows: list[Stay], kind: str, last: date) -> None:
    """Note printed bands and totals of a type that the rows miss."""
    of_kind = [row for row in rows if row.kind == kind]
    limits = edges(last)
    for table in ("TA4", "TA4c", "TA4s"):
        chosen = [row for row in of_kind if _in_table(row, table)]
        for n, band in enumerate(BANDS):
            low, high = limits[n]
            _check(sheet, table, kind, band, sum(low <= row.days <= high for row in chosen))
        _check(sheet, table, kind, "Total number", len(chosen))


def _in_table(row: Stay, table: str) -> bool:
    if table == "TA4":
        return True
    return row.household in FAMILIES if table == "TA4c" else row.household not in FAMILIES and row.household != "nk"


def _check(sheet: Sheet, table: str, kind: str, word: str, reached: int) -> None:
    path = sheet.find(table, HEADS[kind], word)
    printed = None if path is None else sheet.count(table, path)
    if path is not None and printed is not None and printed != reached:
        sheet.clash(
            table,
            path,
            printed,
            reached,
            "the three tables of durations and TA1 cannot hold",
            ["TA4", "TA4c", "TA4s", "TA1"],
        )


def clash_totals(sheet: Sheet, rows: list[Stay]) -> None:
    """Note the printed totals of the duration tables that the rows miss."""
    for table in ("TA4", "TA4c", "TA4s"):
        paths = sheet.paths(table)
        if not paths:
            continue
        printed = sheet.count(table, paths[0])
        reached = sum(_in_table(row, table) for row in rows if row.kind != "own")
        if printed is not None and printed != reached:
            sheet.clash(table, paths[0], printed, reached, "differs from TA1", ["TA1", "TA4", "TA4c", "TA4s"])


def median_and_mean(sheet: Sheet, kind: str) -> tuple[float | None, int | None]:
    """What TA7 prints for a type."""
    found: list[float | None] = [None, None]
    for path in sheet.paths("TA7", "days"):
        if path.startswith(TA7_HEADS[kind]):
            found["Mean" in path] = sheet.days("TA7", path)
    return found[0], None if found[1] is None else int(found[1])


def fit_days(
    lows: list[int], highs: list[int], median: float | None, mean: int | None, rng: random.Random
) -> list[int] | None:
    """Whole days within the limits (both lists rising) with this median and cut-off mean; None when there are none."""
    n = len(lows)
    if n == 0:
        return []
    lows, highs = list(lows), list(highs)
    if median is None or mean is None:
        return [draw_days(low, high, rng) for low, high in zip(lows, highs, strict=True)]
    half = (n - 1) // 2
    for below, above in _pairs(n, half, lows, highs, median):
        low = [max(a, above) if i > half else a for i, a in enumerate(lows)]
        high = [min(b, below) if i <= half else b for i, b in enumerate(highs)]
        low[half], high[half] = below, below
        if n % 2 == 0:
            low[half + 1], high[half + 1] = above, above
        if any(a > b for a, b in zip(low, high, strict=True)):
            continue
        least, most = n * mean, n * mean + n - 1
        if sum(low) > most or sum(high) < least:
            continue
        return shift_days([draw_days(a, b, rng) for a, b in zip(low, high, strict=True)], low, high, least, most, rng)
    return None


def _pairs(n: int, half: int, lows: list[int], highs: list[int], median: float) -> list[tuple[int, int]]:
    if n % 2:
        whole = round(median)
        return [(whole, whole)] if whole == median and lows[half] <= whole <= highs[half] else []
    twice = round(2 * median)
    found = []
    for below in range(twice // 2, max(lows[half], twice // 2 - 4000) - 1, -1):
        above = twice - below
        if lows[half] <= below <= highs[half] and lows[half + 1] <= above <= highs[half + 1]:
            found.append((below, above))
        if above > highs[half + 1]:
            break
    return found


def draw_days(low: int, high: int, rng: random.Random) -> int:
    """Days between two limits, short ones likelier where there is no upper end."""
    if high - low > 3650:
        return low + min(int(rng.expovariate(1 / 700)), high - low)
    return rng.randint(low, high)


def shift_days(
    days: list[int], low: list[int], high: list[int], least: int, most: int, rng: random.Random
) -> list[int]:
    """Days moved within their limits until their sum lies between ``least`` and ``most``."""
    total = sum(days)
    target = least if total < least else most if total > most else total
    gap = target - total
    room = [b - x if gap > 0 else x - a for x, a, b in zip(days, low, high, strict=True)]
    if gap:
        weights = [min(r, 3650) + (0.001 if r else 0.0) for r in room]
        for i, step in enumerate(split(abs(gap), [float(w) for w in weights], rng)):
            step = min(step, room[i])
            days[i] += step if gap > 0 else -step
            room[i] -= step
        rest = abs(gap) - abs(sum(days) - total)
        for i in sorted(range(len(days)), key=lambda i: -room[i]):
            step = min(rest, room[i])
            days[i] += step if gap > 0 else -step
            rest -= step
            if not rest:
                break
    return days


def deal_days(sheet: Sheet, rows: list[Stay], rng: random.Random) -> None:
    """Give every stay its days, so that TA4, TA4c, TA4s and TA7 come out as printed."""
    last = sheet.quarter.last_day
    limits = edges(last)
    for kind in ALL_KINDS:
        chosen = [row for row in rows if row.kind == kind]
        if not chosen:
            continue
        groups: dict[str, list[Stay]] = {"family": [], "single": [], "unknown": []}
        for row in chosen:
            side = "family" if row.household in FAMILIES else "unknown" if row.household == "nk" else "single"
            groups[side].append(row)
        median, mean = median_and_mean(sheet, kind)
        table = None
        if kind in KINDS:
            table = bands(sheet, kind, *(len(groups[g]) for g in ("family", "single", "unknown")))
        if table is None:
            _free(groups, kind, median, mean, limits, rng)
        else:
            _banded(groups, table, median, mean, limits, rng)
        if table is not None or kind in KINDS:
            clash_bands(sheet, rows, kind, last)
        clash_days(sheet, kind, chosen, median, mean)
    clash_totals(sheet, rows)


def _banded(
    groups: dict[str, list[Stay]],
    table: dict[str, list[int]],
    median: float | None,
    mean: int | None,
    limits: list[tuple[int, int]],
    rng: random.Random,
) -> None:
    sizes = [sum(table[g][b] for g in table) for b in range(5)]
    lows = [limits[b][0] for b in range(5) for _ in range(sizes[b])]
    highs = [limits[b][1] for b in range(5) for _ in range(sizes[b])]
    days = fit_days(lows, highs, median, mean, rng) or fit_days(lows, highs, None, None, rng) or []
    by_band: list[list[int]] = [[], [], [], [], []]
    place = 0
    for b in range(5):
        by_band[b] = days[place : place + sizes[b]]
        rng.shuffle(by_band[b])
        place += sizes[b]
    for name, rows in groups.items():
        order = list(rows)
        rng.shuffle(order)
        hand = [by_band[b].pop() for b in range(5) for _ in range(table[name][b])]
        for row, n in zip(order, hand, strict=True):
            row.days = n


def _free(
    groups: dict[str, list[Stay]],
    kind: str,
    median: float | None,
    mean: int | None,
    limits: list[tuple[int, int]],
    rng: random.Random,
) -> None:
    rows = [row for group in groups.values() for row in group]
    n = len(rows)
    if median is None or mean is None:
        sizes = split(n, list(_TYPICAL.get(kind, _SPREAD)), rng)
        days = [rng.randint(limits[b][0], min(limits[b][1], 3650)) for b in range(5) for _ in range(sizes[b])]
    else:
        days = fit_days([0] * n, [_LONGEST] * n, median, mean, rng) or [round(median)] * n
    rng.shuffle(days)
    for row, value in zip(rows, days, strict=True):
        row.days = value


def clash_days(sheet: Sheet, kind: str, rows: list[Stay], median: float | None, mean: int | None) -> None:
    """Note a printed median or mean of a type that the rows miss."""
    days = sorted(row.days for row in rows)
    n = len(days)
    reached = (days[(n - 1) // 2] + days[n // 2]) / 2, sum(days) // n
    for path in (p for (t, p, m) in sheet.cells if t == "TA7" and m == "days"):
        if not path.startswith(TA7_HEADS[kind]):
            continue
        printed, got = (mean, reached[1]) if "Mean" in path else (median, reached[0])
        if printed is not None and printed != got:
            sheet.clash("TA7", path, printed, got, "no days within the bands have this mean and median", ["TA4", "TA7"])
