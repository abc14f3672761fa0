"""What the arithmetic of a difference says without a cause: a household on one side only, or in another column.

These are facts about the two rows, not reasons: that print counts one household more in every table of a population is
so whoever it is. Cells about which the two rows say nothing so plain are left unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipelines.emit.tables.closing import Target
from pipelines.emit.tables.contributions import Cell, Contributions, Vector
from pipelines.published.bounds import OUT_OF_AREA as OTHER_DISTRICT
from pipelines.published.bounds import OWN as OWN_ARRANGEMENTS
from pipelines.published.bounds import OWN_FAMILIES
from pipelines.published.headings import Layout

ONLY_IN_PRINT = "household only in print"
ONLY_HERE = "household only here"
CODED = "same total, another column"

POPULATIONS = {
    "assessed": ("A1",),
    "referred": ("A7",),
    "owed a duty": (
        "A2",
        "A2P",
        "A2R",
        "A3",
        "A4",
        "A4P",
        "A4R",
        "A5P",
        "A5R",
        "A6",
        "A8",
        "A9",
        "A10",
        "A11",
        "A12",
        "A13",
    ),
    "whose prevention duty ended": ("P1",),
    "with accommodation secured when the prevention duty ended": ("P2", "P3", "P4", "P5"),
    "whose relief duty ended": ("R1",),
    "with accommodation secured when the relief duty ended": ("R2", "R3", "R4", "R5"),
    "given a main duty decision": ("MD1",),
    "owed a main duty": ("MD3",),
    "whose main duty ended": ("MD2",),
    "in temporary accommodation": ("TA1", "TA2", "TA3", "TA4", "TA4c", "TA4s", "TA5", "TA6", "TA8"),
    "with own arrangements": (),
    "in accommodation or with own arrangements": (),
    "placed in another district": ("TA9", "TA9_TATYPE", "TA9_HHTYPE"),
}
"""Households that are counted together, and the tables that count them alone (published-tables §1).

Those with own arrangements, to whom the duty is owed, are outside the totals of those in accommodation; two columns of
TA1 count them.
"""

WITHIN = {
    "referred": "assessed",
    "owed a duty": "assessed",
    "with accommodation secured when the prevention duty ended": "whose prevention duty ended",
    "with accommodation secured when the relief duty ended": "whose relief duty ended",
    "owed a main duty": "given a main duty decision",
    "in temporary accommodation": "in accommodation or with own arrangements",
    "with own arrangements": "in accommodation or with own arrangements",
    "placed in another district": "in accommodation or with own arrangements",
}
"""The larger population that each is a part of."""

TOGETHER = {
    "A2P": "A2",
    "A2R": "A2",
    "A4P": "A4",
    "A4R": "A4",
    "A5P": "A5",
    "A5R": "A5",
    "TA4c": "TA4c",
    "TA4s": "TA4c",
}
"""Two tables that share one population out between them are read as one."""

PERSONS = frozenset({("TA1", "Total number of children in TA"), ("A3", "Total number of support needs")})


@dataclass(frozen=True)
class Reading:
    """What is so of one cell. ``kind`` is empty where the two rows differ in too many ways to say which."""

    kind: str
    words: str


@dataclass(frozen=True)
class Candidate:
    """One case of ours that would close the difference in ``cells``, not counted there or coded otherwise."""

    case_ref: str
    kind: str
    cells: tuple[Cell, ...]


def population_of(cell: Cell, layout: Layout) -> str:
    """Which households a cell counts."""
    table, path = cell
    if cell == OTHER_DISTRICT:
        return "placed in another district"
    if cell in (OWN_ARRANGEMENTS, OWN_FAMILIES):
        return "with own arrangements"
    if table == "TA9" and path == layout.of("TA9")[0].column_path:
        return "in temporary accommodation"
    return next(name for name, tables in POPULATIONS.items() if table in tables)


def read(target: Target, layout: Layout) -> dict[Cell, Reading]:
    """What is so of each count that differs."""
    sizes = sizes_of(target.differences, layout)
    blocks: dict[tuple[str, str], Vector] = {}
    for cell, n in target.differences.items():
        if n and cell not in target.loose:
            block = (population_of(cell, layout), TOGETHER.get(cell[0], cell[0]))
            blocks.setdefault(block, {})[cell] = n
    kinds = {block: _kind(vector, *_size(block[0], sizes)) for block, vector in blocks.items()}
    for population, table in blocks:
        recoded = any(name == population and kind == CODED for (name, _), kind in kinds.items())
        # Of a household in another column some columns count a part only: its children, its longer stay.
        if not kinds[population, table] and _size(population, sizes)[0] == 0 and recoded:
            kinds[population, table] = CODED
    totals = {name: ", ".join(t for t in tables if layout.of(t)) or "TA1" for name, tables in POPULATIONS.items()}
    return {
        cell: _reading(block, cell, n, vector, kinds[block], sizes, totals[block[0]])
        for block, vector in blocks.items()
        for cell, n in vector.items()
    }


def sizes_of(differences: Mapping[Cell, int], layout: Layout) -> dict[str, int | None]:
    """By population, how many households print has more; None where no total can be compared."""
    found: dict[str, int | None] = {}
    for name, tables in POPULATIONS.items():
        totals = [(table, layout.of(table)[0].column_path) for table in tables if layout.of(table)]
        found[name] = next((differences[cell] for cell in totals if cell in differences), None)
    counts = [column.column_path for column in layout.of("A1") if column.measure == "count"]
    found["owed a duty"] = differences.get(("A1", counts[1]), found["owed a duty"])
    found["placed in another district"] = differences.get(OTHER_DISTRICT)
    own, placed = differences.get(OWN_ARRANGEMENTS), found["in temporary accommodation"]
    found["with own arrangements"] = own
    found["in accommodation or with own arrangements"] = placed if own is None or placed is None else placed + own
    return found


def _size(population: str, sizes: Mapping[str, int | None]) -> tuple[int | None, int | None]:
    """How many more print has of a population, and of the larger one that it is a part of."""
    own = sizes[population]
    return own, sizes[WITHIN[population]] if population in WITHIN else own


def _kind(vector: Mapping[Cell, int], size: int | None, larger: int | None) -> str:
    signs = {n > 0 for cell, n in vector.items()}
    if size is None:
        return ""
    if size == 0:
        return CODED if len(signs) == 2 else ""
    if larger == 0:
        return CODED
    fits = signs == {size > 0} and all(abs(n) <= abs(size) for cell, n in vector.items() if _is_of_households(cell))
    if not fits or larger != size:
        return ""
    return ONLY_IN_PRINT if size > 0 else ONLY_HERE


def _is_of_households(cell: Cell) -> bool:
    return cell not in PERSONS and cell[0] != "TA8"


def _number(n: int, population: str) -> str:
    return f"{abs(n):,} household{'' if abs(n) == 1 else 's'} {population}"


def _reading(
    block: tuple[str, str],
    cell: Cell,
    n: int,
    vector: Mapping[Cell, int],
    kind: str,
    sizes: Mapping[str, int | None],
    tables: str,
) -> Reading:
    population, _ = block
    size = _size(population, sizes)[0]
    here = f"{abs(n):,} {'fewer' if n > 0 else 'more'} here than in print"
    if kind in (ONLY_IN_PRINT, ONLY_HERE):
        assert size is not None
        more, fewer = ("print", "ours") if size > 0 else ("ours", "print")
        words = f"{more} counts {_number(size, population)} more than {fewer}, by the totals of {tables}"
        return Reading(kind, f"{here}: {words}")
    if kind == CODED and size == 0:
        across = [path for (table, path), other in vector.items() if table == cell[0] and other * n < 0]
        instead = f", and the other way round under '{across[0]}'" if len(across) == 1 else ""
        return Reading(kind, f"{here}{instead}; the number of households {population} is the same on both sides")
    if kind == CODED:
        assert size is not None
        within = WITHIN[population]
        return Reading(
            kind,
            f"{here}: the number of households {within} is the same on both sides, that of those {population} is not",
        )
    if size == 0:
        return Reading("", f"{here}; the number of households {population} is the same on both sides")
    if size is None:
        return Reading("", here)
    return Reading("", f"{here}; in all, ours counts {_number(size, population)} {'fewer' if size > 0 else 'more'}")


def candidates(
    target: Target, readings: Mapping[Cell, Reading], ours: Contributions, layout: Layout
) -> list[Candidate]:
    """Cases of ours that would close what the readings say, each with the cells that it closes.

    A household only here: those of its population that the same cells count, and no others. Coded differently: those
    that stand in every cell in which ours are more, else in those of one table.
    """
    found: list[Candidate] = []
    for population in POPULATIONS:
        cells = {cell: reading.kind for cell, reading in readings.items() if population_of(cell, layout) == population}
        here = {cell: target.differences[cell] for cell, kind in cells.items() if kind == ONLY_HERE}
        if here:
            found += [
                Candidate(ref, ONLY_HERE, tuple(part))
                for ref, part in _counted(population, target, ours, layout)
                if part and all(here.get(cell, 0) <= -n for cell, n in part.items())
            ]
        more = {
            cell: target.differences[cell]
            for cell, kind in cells.items()
            if kind == CODED and target.differences[cell] < 0
        }
        found += _recoded(more, ours)
    return found


def _counted(population: str, target: Target, ours: Contributions, layout: Layout) -> Iterable[tuple[str, Vector]]:
    for ref, vector in sorted(ours.counts.items()):
        yield (
            ref,
            {cell: n for cell, n in target.seen(vector).items() if population_of(cell, layout) == population},
        )


def _recoded(more: Mapping[Cell, int], ours: Contributions) -> list[Candidate]:
    def standing(cells: Mapping[Cell, int]) -> list[Candidate]:
        return [
            Candidate(ref, CODED, tuple(cells))
            for ref, vector in sorted(ours.counts.items())
            if all(vector.get(cell, 0) > 0 for cell in cells)
        ]

    if not more:
        return []
    everywhere = standing(more)
    if everywhere:
        return everywhere
    by_table: dict[str, dict[Cell, int]] = {}
    for cell, n in more.items():
        by_table.setdefault(cell[0], {})[cell] = n
    return [one for cells in by_table.values() for one in standing(cells)]
