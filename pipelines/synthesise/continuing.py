"""One continuing stock of households in temporary accommodation over several quarters."""

from __future__ import annotations

import random

from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.residents import describe_over
from pipelines.synthesise.stock import settle, stays
from pipelines.synthesise.survivors import Plan, deal_days_over, place_demands, plan


def continuing_stays(sheets: list[Sheet], seed: str) -> list[list[Stay]]:
    """The stays of each quarter, in order; ``later`` leads from a household to itself a quarter on.

    Built from the last quarter backwards: whoever has been there for longer than the quarter asks for a household of the
    quarter before.
    """
    plans = [plan(sheet, k, random.Random(f"{seed} {sheet.quarter}")) for k, sheet in enumerate(sheets)]
    found: list[list[Stay]] = [[] for _ in sheets]
    for k in range(len(plans) - 1, -1, -1):
        before = plans[k - 1] if k else None
        asked = [row for row in found[k + 1] if row.stayed] if k + 1 < len(plans) else []
        length = plans[k + 1].length if k + 1 < len(plans) else 0
        found[k] = _quarter(plans[k], before, asked, length)
    return found


def _quarter(here: Plan, before: Plan | None, asked: list[Stay], length: int) -> list[Stay]:
    kinds, missed = place_demands(here, asked, length)
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
    deal_days_over(here, before, rows)
    describe_over(here, before, rows)
    return rows


def _match(
    here: Plan, rows: list[Stay], asked: list[Stay], kinds: dict[int, str], length: int
) -> list[Stay]:
    seats: dict[tuple[str, str], list[Stay]] = {}
    for row in rows:
        seats.setdefault((row.kind, row.household), []).append(row)
    for places in seats.values():
        here.rng.shuffle(places)
    missed = []
    for stay in asked:
        kind = kinds.get(id(stay))
        if kind is None:
            continue
        places = seats.get((kind, stay.household), [])
        row = next((r for r in places if r.away == stay.away), places[0] if places else None)
        if row is None:
            missed.append(stay)
            continue
        places.remove(row)
        row.later = stay
        row.days = stay.days - length
    return missed
