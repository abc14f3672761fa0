"""One continuing stock of households in temporary accommodation over several quarters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pipelines.synthesise.abode import households
from pipelines.synthesise.aged import answer
from pipelines.synthesise.aging import aging
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Proof, Sheet
from pipelines.synthesise.chain import stays_of
from pipelines.synthesise.districts import settle, stays
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import deal_days, edges
from pipelines.synthesise.exact.proof import Clash, fewest_missed
from pipelines.synthesise.exact.solver import OutOfTimeError, is_installed
from pipelines.synthesise.occupants import describe
from pipelines.synthesise.onward import USUAL_SHARE, carry_on, likeness
from pipelines.synthesise.residents import describe_chain
from pipelines.synthesise.stock import KINDS, Stock
from pipelines.synthesise.survivors import Plan, deal_days_over, place_demands, plan, side_of
from pipelines.synthesise.swaps import balance
from pipelines.synthesise.tally import tally
from pipelines.synthesise.turnover import lower_half_staying, turnover

_TRIES = 4
_LARGE = 2500
_EXACT_TRIES = 3
_FAR_OFF = 24
_DRAWS = 6
_ROOM = 0.95
_PROOF_SECONDS = 20.0
# Shares of those who could stay on that are tried in turn across a boundary where a quarter misses a cell.
_FEWER = (USUAL_SHARE, 0.55, 0.25, 0.0)


def continuing_stays(sheets: list[Sheet], seed: str) -> list[list[Stay]]:
    """The stays of each quarter, in order; ``later`` leads from a household to itself a quarter on.

    Where durations are printed (TA4 and TA7, from April 2025) whoever has been there for longer than the quarter was
    there at its start; where none are, nobody has to have been.
    """
    if not any(_prints_durations(sheet) for sheet in sheets):
        return _free(sheets, seed)
    return (_exact(sheets, seed) if is_installed() else None) or _bound(sheets, seed)


def _prints_durations(sheet: Sheet) -> bool:
    return bool(sheet.paths("TA4"))


def _missed(sheet: Sheet) -> int:
    return len({(c["table"], c["column_path"]) for c in sheet.clashes})


def _free(sheets: list[Sheet], seed: str) -> list[list[Stay]]:
    """Stays over quarters that print no durations: fewer stay where a quarter misses a cell that it reaches alone."""
    plans = [plan(sheet, k, Draws(f"{seed} {sheet.quarter}")) for k, sheet in enumerate(sheets)]
    stocks = [settle(made.sheet, made.rng, made.prepared) for made in plans]
    settled = [list(sheet.clashes) for sheet in sheets]
    quarters = [sheet.quarter for sheet in sheets]
    alone: dict[int, int] = {}
    steps = [0] * (len(sheets) - 1)
    best: list[list[Stay]] = []
    fewest, noted = 10**9, settled
    while True:
        found = stays_of(carry_on(sheets, stocks, [_FEWER[step] for step in steps], f"{seed} {steps}"), quarters)
        for sheet, clashes in zip(sheets, settled, strict=True):
            sheet.clashes[:] = clashes
        describe_chain(sheets, stocks, found, f"{seed} {steps}")
        for sheet, rows in zip(sheets, found, strict=True):
            tally(sheet, rows, ", ".join(str(other.quarter) for other in sheets if other is not sheet))
        missed = [_missed(sheet) for sheet in sheets]
        if sum(missed) < fewest:
            best, fewest, noted = found, sum(missed), [list(sheet.clashes) for sheet in sheets]
        worse = [k for k, n in enumerate(missed) if n and n > _alone(k, plans[k], stocks[k], alone)]
        eased = {b for k in worse for b in (k - 1, k) if 0 <= b < len(steps) and steps[b] + 1 < len(_FEWER)}
        if not eased:
            break
        for boundary in eased:
            steps[boundary] += 1
    for sheet, clashes in zip(sheets, noted, strict=True):
        sheet.clashes[:] = clashes
    return best


def _alone(k: int, here: Plan, stock: Stock, known: dict[int, int]) -> int:
    """How many printed cells a quarter misses where nothing binds it to others."""
    if k not in known:
        sheet = here.sheet
        clashes = list(sheet.clashes)
        sheet.clashes.clear()
        rows = stays(stock, k)
        deal_days(sheet, rows, here.rng)
        describe(sheet, stock, rows, here.rng)
        tally(sheet, rows, "")
        known[k] = _missed(sheet)
        sheet.clashes[:] = clashes
    return known[k]


def _exact(sheets: list[Sheet], seed: str) -> list[list[Stay]] | None:
    """Stays over quarters of which one prints durations, from an exact model; None where it has no answer in time."""
    best: list[list[Stay]] | None = None
    fewest = 10**9
    noted: list[list[dict[str, Any]]] = []
    alone = [dict(sheet.proofs) for sheet in sheets]
    kept = alone
    for attempt in range(_EXACT_TRIES):
        for sheet, of_quarter in zip(sheets, alone, strict=True):
            sheet.clashes.clear()
            sheet.proofs.clear()
            sheet.proofs.update(of_quarter)
        try:
            found, proved = _dated(sheets, f"{seed} {attempt}")
        except OutOfTimeError:
            continue
        for sheet, rows in zip(sheets, found, strict=True):
            tally(sheet, rows, ", ".join(str(other.quarter) for other in sheets if other is not sheet))
        missed = sum(_missed(sheet) for sheet in sheets)
        if missed < fewest:
            best, fewest, noted = found, missed, [list(sheet.clashes) for sheet in sheets]
            kept = [dict(sheet.proofs) for sheet in sheets]
        if proved or not missed or missed > _FAR_OFF:
            # What is proved to give way gives way with every other draw too, and no draw mends a stock of another size.
            break
    for sheet, of_chain in zip(sheets, kept, strict=True):
        sheet.proofs.clear()
        sheet.proofs.update(of_chain)
    if best is not None:
        for sheet, clashes in zip(sheets, noted, strict=True):
            sheet.clashes[:] = clashes
    return best


def _dated(sheets: list[Sheet], seed: str) -> tuple[list[list[Stay]], bool]:
    """Stays from one answer to the model, and whether it proves what it misses; raises ``OutOfTimeError``."""
    plans = [plan(sheet, k, Draws(f"{seed} {sheet.quarter}")) for k, sheet in enumerate(sheets)]
    stocks = [settle(made.sheet, made.rng, made.prepared) for made in plans]
    shares = [min(USUAL_SHARE, _ROOM * likeness(*pair)) for pair in pairwise(sheets)]
    rng = Draws(f"{seed} exact")
    model = aging(plans, shares, rng)
    found = answer(model.model)
    chains, off = households(model, found.values, found.missed, rng)
    for _ in range(_DRAWS):
        if not off:
            break
        others, less = households(model, found.values, found.missed, rng)
        if less < off:
            chains, off = others, less
    made = stays_of(chains, [sheet.quarter for sheet in sheets])
    describe_chain(sheets, stocks, made, seed)
    clashes = proofs(plans) if found.missed else ()
    for sheet in sheets:
        for clash in clashes:
            for cell in clash.cells:
                if cell.quarter == str(sheet.quarter):
                    sheet.proofs.setdefault((cell.table, cell.column_path), Proof(clash.cells, clash.sentence))
    proved = {cell for clash in clashes for cell in clash.cells}
    return made, bool(found.missed) and found.missed <= proved


def proofs(plans: Sequence[Plan]) -> tuple[Clash, ...]:
    """Clashes between printed cells of several quarters that follow from print alone, as far as there was time.

    A quarter that contradicts itself has been settled, so that nothing of it is taken for print.
    """
    if any(table.startswith("TA") for made in plans for table, _ in made.contradicted):
        return ()
    model = aging(plans, [1.0] * (len(plans) - 1), Draws("print"), by_print=True).model
    try:
        return fewest_missed(model, _PROOF_SECONDS).clashes
    except OutOfTimeError:
        return ()


def _bound(sheets: list[Sheet], seed: str) -> list[list[Stay]]:
    """Stays over quarters of which one prints durations, from the last quarter backwards.

    Whoever has been there for longer than the quarter asks for a household of the quarter before. Of a few draws the
    one that misses the fewest printed cells is taken.
    """
    best: list[list[Stay]] = []
    fewest = 10**9
    noted: list[list[dict[str, Any]]] = []
    size = max(sheet.get("TA1", "Total number of households in TA") or 0 for sheet in sheets)
    for attempt in range(_TRIES if size < _LARGE else 2):
        for sheet in sheets:
            sheet.clashes.clear()
        found = _once(sheets, f"{seed} {attempt}")
        for sheet, rows in zip(sheets, found, strict=True):
            tally(sheet, rows, ", ".join(str(other.quarter) for other in sheets if other is not sheet))
        missed = sum(_missed(sheet) for sheet in sheets)
        if missed < fewest:
            best, fewest, noted = found, missed, [list(sheet.clashes) for sheet in sheets]
        if not missed:
            break
    for sheet, clashes in zip(sheets, noted, strict=True):
        sheet.clashes[:] = clashes
    return best


def _once(sheets: list[Sheet], seed: str) -> list[list[Stay]]:
    plans = [plan(sheet, k, Draws(f"{seed} {sheet.quarter}")) for k, sheet in enumerate(sheets)]
    found: list[list[Stay]] = [[] for _ in sheets]
    for k in range(len(plans) - 1, -1, -1):
        before = plans[k - 1] if k else None
        asked = [row for row in found[k + 1] if row.stayed] if k + 1 < len(plans) else []
        length = plans[k + 1].length if k + 1 < len(plans) else 0
        found[k] = _quarter(plans[k], before, asked, length)
    describe_chain(sheets, [made.prepared.stock for made in plans], found, seed)
    return found


def _quarter(here: Plan, before: Plan | None, asked: list[Stay], length: int) -> list[Stay]:
    kinds, missed = place_demands(here, asked, length)
    balance(here, asked, kinds, length)
    least: dict[tuple[str, str], int] = {}
    for stay in asked:
        kind = kinds.get(id(stay))
        if kind is not None:
            least[(kind, stay.household)] = least.get((kind, stay.household), 0) + 1
    rows = stays(settle(here.sheet, here.rng, here.prepared, least), here.number)
    missed += _match(here, rows, asked, kinds, length)
    for stay in missed:
        # There is no household it can have been: it is new, and the printed duration gives way.
        stay.stayed = False
        stay.days = here.rng.randint(0, length - 1)
    moved, halves = {}, {}
    if before is not None:
        for kind, made in turnover(here, before).items():
            moved[kind] = made.moved
            half = lower_half_staying(before, kind, made.gone)
            if half is not None:
                halves[kind] = half
    deal_days_over(here, before, rows, moved, halves)
    return rows


def _match(here: Plan, rows: list[Stay], asked: list[Stay], kinds: dict[int, str], length: int) -> list[Stay]:
    seats: dict[tuple[str, str], list[Stay]] = {}
    for row in rows:
        seats.setdefault((row.kind, row.household), []).append(row)
    for places in seats.values():
        here.rng.shuffle(places)
    missed: list[Stay] = []
    held: dict[str, list[Stay]] = {}
    for stay in asked:
        kind = kinds.get(id(stay))
        if kind is None:
            continue
        places = seats.get((kind, stay.household), [])
        if kind == "own":
            # Own arrangements are no stay: a move to another district would begin their days again.
            places = [r for r in places if r.away == stay.away] or _any_own(seats, stay)
        if not places:
            missed.append(stay)
            continue
        row = next((r for r in places if r.away == stay.away), places[0])
        places = seats[(kind, row.household)] if kind != "own" else _own_seats(seats, row)
        _sit(row, stay, places, length)
        held.setdefault(kind, []).append(row)
    return [stay for stay in missed if not _make_room(here, stay, kinds[id(stay)], seats, held, length)]


def _any_own(seats: dict[tuple[str, str], list[Stay]], stay: Stay) -> list[Stay]:
    """A seat among own arrangements, whose composition no table counts but for families and those away."""
    for (kind, household), places in seats.items():
        if kind != "own" or side_of(household) != side_of(stay.household):
            continue
        row = next((r for r in places if not r.away), None)
        if row is not None and not stay.away:
            places.remove(row)
            row.household = stay.household
            seats.setdefault(("own", stay.household), []).append(row)
            return [row]
    return []


def _own_seats(seats: dict[tuple[str, str], list[Stay]], row: Stay) -> list[Stay]:
    return next(places for (kind, _), places in seats.items() if kind == "own" and row in places)


def _sit(row: Stay, stay: Stay, places: list[Stay], length: int) -> None:
    places.remove(row)
    row.later = stay
    row.days = stay.days - length


def _make_room(
    here: Plan,
    stay: Stay,
    kind: str,
    seats: dict[tuple[str, str], list[Stay]],
    held: dict[str, list[Stay]],
    length: int,
) -> bool:
    """Seat a household in another type by sending one of the same side and band from there to its own."""
    if kind == "own":
        return False
    band = _band(here, stay.days - length)
    for other in KINDS:
        places = seats.get((other, stay.household), [])
        if other == kind or not places:
            continue
        for row in held.get(other, []):
            moved = row.later
            if moved is None or side_of(moved.household) != side_of(stay.household):
                continue
            target = seats.get((kind, moved.household), [])
            if not target or _band(here, row.days) != band:
                continue
            seat = target[0]
            _sit(seat, moved, target, length)
            row.later, row.days = None, 0
            held[other].remove(row)
            held.setdefault(kind, []).append(seat)
            seats.setdefault((other, moved.household), []).append(row)
            free = places[0]
            _sit(free, stay, places, length)
            held[other].append(free)
            return True
    return False


def _band(here: Plan, days: int) -> int:
    return next((b for b, (low, high) in enumerate(edges(here.last)) if low <= days <= high), 4)
