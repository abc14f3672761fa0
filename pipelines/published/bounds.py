"""Printed figures that others bound without being equal to them, drawn up for one quarter.

Only what must hold of any households stands here. That the under-18s of TA8 are never fewer than the families of TA1
holds of all that was printed, but a family may have one child of 18: it is no identity.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.published.headings import SEPARATOR, Layout
from pipelines.published.identity import Identity, Kind, Ref
from pipelines.published.sums import OUTSIDE_TA_TOTAL, TA_FAMILIES, TA_TYPES, paths_of

CONTRADICTED = "synthesis-facts §1.2"
NEVER_FAILS = "synthesis-facts §1.4"
NEVER_FAILS_JOINTLY = "synthesis-facts §2"
ASSESSED_ALIKE = "published-tables §1: A1 to A13 count assessments of the quarter"

IN_TA: Ref = ("TA1", "Total number of households in TA")
FAMILIES: Ref = ("TA1", "Total number of households in TA with children")
CHILDREN: Ref = ("TA1", "Total number of children in TA")
OUT_OF_AREA: Ref = ("TA1", "In TA in another local authority district")
OWN: Ref = ("TA1", f"{OUTSIDE_TA_TOTAL}{SEPARATOR}{TA_TYPES}")
OWN_FAMILIES: Ref = ("TA1", f"{OUTSIDE_TA_TOTAL}{SEPARATOR}{TA_FAMILIES}")
BED_AND_BREAKFAST = "Bed and breakfast hotels (including shared annexes)"

# What is counted under a household type of TA9_HHTYPE stands under these of TA2, in the order of print.
_COUPLE, _MALE_PARENT, _FEMALE_PARENT, _OTHER_PARENT, _MALE, _FEMALE, _OTHER, _ANY_OTHER = range(1, 9)
_TA2_OF_HHTYPE = {
    "One adult male with dependent children": _MALE_PARENT,
    "One adult female with dependent children": _FEMALE_PARENT,
    "One adult with dependent children (other or sex not known)": _OTHER_PARENT,
    "Two adults with dependent children": _COUPLE,
    "Three or more adults with dependent children": _ANY_OTHER,
    "One adult male": _MALE,
    "One adult female": _FEMALE,
    "One adult (other or sex not known)": _OTHER,
    "Two adults": _ANY_OTHER,
    "Three or more adults without dependent children": _ANY_OTHER,
    "Household compsition not known": _ANY_OTHER,
}


def bounded(layout: Layout) -> Iterator[Identity]:
    """Bounds on single figures: referrals, those of TA1 and TA2, then those of the tables behind TA1."""
    yield from _referred(layout)
    yield from _within_ta1(layout)
    yield from _families(layout)
    if "TA4" in layout.tables:
        yield from _bands(layout)
        yield from _ages(layout)
    if "TA9_TATYPE" in layout.tables:
        yield from _sent_out_of_area(layout)


def _referred(layout: Layout) -> Iterator[Identity]:
    """Who was referred was assessed: since A1 counts every assessment, that of the ineligible too."""
    total, *others = (("A1", SEPARATOR.join(path)) for path in paths_of(layout, "A1"))
    if "A7" in layout.tables and any("Not eligible" in path for _, path in others):
        referred = ("A7", SEPARATOR.join(paths_of(layout, "A7")[0]))
        yield Identity("A7 total among A1", referred, (total,), Kind.AT_MOST, source=ASSESSED_ALIKE)


def _types(layout: Layout, label: str) -> list[Ref]:
    return [("TA1", SEPARATOR.join(path)) for path in paths_of(layout, "TA1") if len(path) == 2 and path[1] == label]


def _within_ta1(layout: Layout) -> Iterator[Identity]:
    def at_most(name: str, printed: Ref, *parts: Ref) -> Identity:
        return Identity(f"TA1: {name}", printed, parts, Kind.AT_MOST, source=NEVER_FAILS)

    for families, households in zip(_types(layout, TA_FAMILIES), _types(layout, TA_TYPES), strict=True):
        yield at_most("families of a type among its households", families, households)
    yield at_most("families among households", FAMILIES, IN_TA)
    yield at_most("families with a child or more each", FAMILIES, CHILDREN)
    households, families, six_weeks, pending, young = (
        ("TA1", SEPARATOR.join(path)) for path in paths_of(layout, "TA1") if path[0] == BED_AND_BREAKFAST
    )
    yield at_most("over six weeks among families in B&B", six_weeks, families)
    yield at_most("pending review among those over six weeks", pending, six_weeks)
    yield at_most("applicants of 16 and 17 among households in B&B", young, households)
    yield at_most("out of area among TA and own arrangements", OUT_OF_AREA, IN_TA, OWN)


def _families(layout: Layout) -> Iterator[Identity]:
    families = _types(layout, TA_FAMILIES)
    elsewhere = tuple(ref for ref in families if not ref[1].startswith(BED_AND_BREAKFAST) and ref != OWN_FAMILIES)
    yield Identity(
        "TA1: families in B&B by subtraction",
        FAMILIES,
        elsewhere,
        Kind.BETWEEN,
        (("TA1", f"{BED_AND_BREAKFAST}{SEPARATOR}{TA_TYPES}"),),
        CONTRADICTED,
    )
    if "TA4c" in layout.tables:
        # Printed where TA1 hides the families in bed and breakfast (synthesis-facts §3).
        in_bb = ("TA4c", f"{BED_AND_BREAKFAST}{SEPARATOR}{TA_TYPES}")
        yield Identity("TA1: families with B&B of TA4c", FAMILIES, (*elsewhere, in_bb), source="synthesis-facts §3")
    _, *types = (("TA2", SEPARATOR.join(path)) for path in paths_of(layout, "TA2"))
    with_children, other = tuple(types[:4]), types[-1]
    yield Identity("TA1 families as in TA2", FAMILIES, with_children, Kind.BETWEEN, (other,), CONTRADICTED)


def _bands(layout: Layout) -> Iterator[Identity]:
    """Where the bands of one of the two are hidden, those of the other are still no more than those of both."""
    for column in layout.of("TA4"):
        if column.column_path.startswith(BED_AND_BREAKFAST):
            for table in ("TA4c", "TA4s"):
                both = ("TA4", column.column_path)
                printed = (table, column.column_path)
                yield Identity(f"{table} among TA4", printed, (both,), Kind.AT_MOST, source=NEVER_FAILS)


def _ages(layout: Layout) -> Iterator[Identity]:
    young = ("TA5", "16-17")
    in_bb = next(ref for ref in _types(layout, "Total with 16/17-year-old main applicant"))
    yield Identity("TA5 16-17 with those in B&B in TA1", young, (in_bb,), Kind.AT_LEAST, source=NEVER_FAILS_JOINTLY)
    aged = (("TA8", "16"), ("TA8", "17"))
    yield Identity("TA5 16-17 among those of TA8", young, aged, Kind.AT_MOST, source=NEVER_FAILS_JOINTLY)


def _sent_out_of_area(layout: Layout) -> Iterator[Identity]:
    _, own, _, *types = (("TA9_TATYPE", SEPARATOR.join(path)) for path in paths_of(layout, "TA9_TATYPE"))
    of_ta1 = [OWN, *(ref for ref in _types(layout, TA_TYPES) if ref != OWN)]
    for printed, households in zip([own, *types], of_ta1, strict=True):
        yield Identity("TA9_TATYPE type among TA1", printed, (households,), Kind.AT_MOST, source=NEVER_FAILS)
    families = next(path for path, *_ in paths_of(layout, "TA9_HHTYPE") if path == "Total households with children")
    # Households with own arrangements stand in TA9_HHTYPE and not in TA2.
    yield Identity(
        "TA9_HHTYPE families among TA1",
        ("TA9_HHTYPE", families),
        (FAMILIES, OWN_FAMILIES),
        Kind.AT_MOST,
        source=NEVER_FAILS_JOINTLY,
    )
    ta2 = [("TA2", SEPARATOR.join(path)) for path in paths_of(layout, "TA2")]
    for label, place in _TA2_OF_HHTYPE.items():
        printed = ("TA9_HHTYPE", label)
        own = OWN_FAMILIES if "with dependent children" in label else OWN
        yield Identity("TA9_HHTYPE among TA2", printed, (ta2[place], own), Kind.AT_MOST, source=NEVER_FAILS_JOINTLY)
