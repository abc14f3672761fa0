"""What a profile maps, and how a draft compares with what is right."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.sections import SECTION
from schemas.sources import Profile, load

Mapping_ = dict[tuple[str, str], set[tuple[str, ...]]]
"""Section and field → the headings that feed it, each with the file or sheet before it."""


def mapped(profile: Profile) -> Mapping_:
    """What the profile maps."""
    found: Mapping_ = {}
    for table in profile.tables:
        for feed in table.feeds:
            for name, source in feed.columns.items():
                if source.columns:
                    found.setdefault((feed.section, name), set()).add((table.label, *source.columns))
    return found


def of_shipped(name: str) -> Mapping_:
    """What a shipped profile maps."""
    return mapped(load(name))


@dataclass(frozen=True)
class Score:
    """A drafted mapping beside the right one."""

    wanted: int
    found: int
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    """Fields with a column that is not theirs."""

    @property
    def recall(self) -> float:
        """Share of the fields that have their column."""
        return self.found / self.wanted


def score(drafted: Mapping_, right: Mapping_) -> Score:
    """How the draft compares: a field is found where one of its columns is right, and wrong where one is not."""
    found = [key for key in right if drafted.get(key, set()) & right[key]]
    wrong = [
        f"{section}.{field} from {place}"
        for (section, field), places in sorted(drafted.items())
        for place in sorted(places - right.get((section, field), set()))
    ]
    missing = [f"{section}.{field}" for section, field in right if (section, field) not in found]
    return Score(len(right), len(found), tuple(missing), tuple(wrong))


def commented(text: str) -> set[str]:
    """Names of fields that stand in the draft as lines to be decided."""
    names = {name for section in SECTION.values() for name in section.names}
    lines = (line[2:].split(" = ")[0] for line in text.splitlines() if line.startswith("# ") and " = " in line)
    return {line for line in lines if line in names}


def data(text: str) -> Mapping[str, object]:
    """The draft as TOML."""
    return tomllib.loads(text)
