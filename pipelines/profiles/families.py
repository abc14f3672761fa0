"""Columns that repeat within a row: "Person 1 DOB", "Person 2 DOB", …"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
MARK = "{n}"


@dataclass(frozen=True)
class Family:
    """One heading that comes several times, each time with another number."""

    template: str
    """The heading with ``{n}`` where the number stands."""
    columns: dict[int, int]
    """Number → column."""


@dataclass(frozen=True)
class Group:
    """Families that repeat together: what is known of one person, placement or need."""

    lead: str
    """What stands before the number in all of them; empty where the number stands last."""
    families: tuple[Family, ...]

    @property
    def most(self) -> int:
        """The highest number."""
        return max(max(one.columns) for one in self.families)


def groups_of(headings: Sequence[str]) -> list[Group]:
    """Groups of repeated columns, in the order of the sheet; each heading is in one at most."""
    places: dict[str, dict[int, int]] = defaultdict(dict)
    for index, heading in enumerate(headings):
        # The first number that repeats counts: in "Person 2 address line 1" it is the 2.
        for match in _NUMBER.finditer(heading):
            template = f"{heading[: match.start()]}{MARK}{heading[match.end() :]}"
            places[template].setdefault(int(match[0]), index)
    taken: set[int] = set()
    by_lead: dict[str, list[Family]] = defaultdict(list)
    order = sorted(places.items(), key=lambda item: (item[0].index(MARK), min(item[1].values())))
    for template, columns in order:
        left = {number: index for number, index in columns.items() if index not in taken}
        if len(left) < 2 or min(left) != 1:
            continue
        taken |= set(left.values())
        before, _, after = template.partition(MARK)
        by_lead[before if after.strip(" _-.:()") else ""].append(Family(template, left))
    found = [Group(lead, tuple(families)) for lead, families in by_lead.items()]
    return sorted(found, key=lambda one: min(min(family.columns.values()) for family in one.families))
