"""A plan compiled for writing: each element knows what to take from a row, in the order of the XSD.

Text is put together here rather than by lxml: building elements and serialising them took three times as long, and
repeated the namespaces on every case. Values arrive escaped (``escape``); what is on disk is parsed again by the check.

Every part writes itself and returns how many values of the case it holds. What is optional in the XSD is taken back
where there were none; what the profile, the return or the XSD puts in by itself does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pipelines.emit.returns.rows import CODES_APART, Case, Row

Take = Callable[[Row, Case, str | None], str | None]
Out = list[str]


class Part(Protocol):
    """Something that is written into an element."""

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append what the row has for it; returns the number of its values."""

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """How many values the XSD would demand of it and the row has not."""


@dataclass
class Taken:
    """A value that an element or attribute takes."""

    take: Take
    is_of_case: bool
    """From the rows of the case, not from the profile or the return."""
    missing: str | None = None
    """Written instead of a missing value."""
    is_mandatory: bool = False

    def text(self, row: Row, case: Case, code: str | None) -> tuple[str | None, int]:
        """What is written, and whether it is a value of the case (1) or not (0)."""
        value = self.take(row, case, code)
        if value is None:
            return self.missing, 0
        return value, int(self.is_of_case)

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """1 where a value is demanded and there is none."""
        return int(self.is_mandatory and self.missing is None and self.take(row, case, code) is None)


@dataclass
class Template:
    """One element with its attributes, text and children."""

    indent: str
    name: str
    attributes: list[tuple[str, Taken]]
    text: Taken | None
    empty: str
    children: list[Part]
    is_kept: bool
    """Written where it holds no value too."""
    is_mandatory: bool = False
    marks: str = ""
    """What the start of the tag says beside the attributes: type, namespaces."""

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the element unless it would be empty; returns the number of its values."""
        mark = len(out)
        values = self.fill(out, row, case, code)
        if not (values or self.is_kept):
            del out[mark:]
        return values

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """How many values it lacks, if the XSD demands the element."""
        if not self.is_mandatory:
            return 0
        own = sum(taken.lacks(row, case, code) for _, taken in self.attributes)
        if self.text is not None and self.empty == "omit":
            own += self.text.lacks(row, case, code)
        return own + sum(child.lacks(row, case, code) for child in self.children)

    def fill(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the element whatever it holds; returns the number of its values."""
        values = 0
        out.append(f"{self.indent}<{self.name}")
        for name, taken in self.attributes:
            text, is_value = taken.text(row, case, code)
            if text is not None:
                out.append(f' {name}="{text}"')
                values += is_value
        if self.marks:
            out.append(self.marks)
        if self.text is not None:
            text, is_value = self.text.text(row, case, code)
            if text is not None:
                out.append(f">{text}</{self.name}>\n")
            else:
                out.append(' xsi:nil="true"/>\n' if self.empty == "nil" else "/>\n")
            return values + is_value
        out.append(">\n")
        mark = len(out)
        for child in self.children:
            values += child.write(out, row, case, code)
        if len(out) == mark:
            out[-1] = "/>\n"
        else:
            out.append(f"{self.indent}</{self.name}>\n")
        return values


@dataclass
class Leaf:
    """An element that holds one column of the row and nothing else: by far the most frequent."""

    before: str
    after: str
    index: int
    missing: str | None
    """What is written instead of a missing value; None: nothing."""
    is_mandatory: bool

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the element if the row has the value, or the profile wants something else in its place."""
        value = row[self.index]
        if value is not None:
            out += (self.before, value, self.after)
            return 1
        if self.missing is not None:
            out.append(self.missing)
        return 0

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """1 where the XSD demands the value and there is none."""
        return int(self.is_mandatory and self.missing is None and row[self.index] is None)


@dataclass
class RowsOf:
    """One element for each row of each of these groups."""

    groups: list[tuple[str, Template, list[tuple[int, int]]]]
    is_mandatory: bool

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append one element for each row; returns the number of rows."""
        count = 0
        for name, template, match in self.groups:
            for inner in case.get(name, ()):
                if not match or all(inner[own] == row[outer] for own, outer in match):
                    template.fill(out, inner, case, None)
                    count += 1
        return count

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """1 where the XSD demands a row and there is none."""
        return int(self.is_mandatory and not any(case.get(name) for name, _, _ in self.groups))


@dataclass
class InPlace:
    """Elements without one around them, together once for each row."""

    name: str
    parts: list[Part]
    match: list[tuple[int, int]]

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the elements of each row; returns the number of rows."""
        count = 0
        for inner in case.get(self.name, ()):
            if all(inner[own] == row[outer] for own, outer in self.match):
                for part in self.parts:
                    part.write(out, inner, case, None)
                count += 1
        return count

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """Nothing: there may be no rows."""
        return 0


@dataclass
class Each:
    """One element for each code of a multi-code column."""

    taken: Taken
    template: Template

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append one element for each code; returns the number of codes."""
        text, is_value = self.taken.text(row, case, None)
        if text is None:
            return 0
        codes = text.split(CODES_APART)
        for one in codes:
            self.template.fill(out, row, case, one)
        return len(codes) * is_value

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """1 where the XSD demands a code and there is none."""
        return self.taken.lacks(row, case, None)


@dataclass
class Together:
    """Parts that the XSD wants all or not at all."""

    parts: list[Part]
    is_kept: bool

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the parts if any of them has a value; returns the number of values."""
        mark = len(out)
        values = 0
        for part in self.parts:
            values += part.write(out, row, case, code)
        if not (values or self.is_kept):
            del out[mark:]
        return values

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """Nothing: it may be absent."""
        return 0


@dataclass
class Branch:
    """One way to fill a choice."""

    parts: list[Part]
    probes: list[Callable[[Row, Case, str | None], bool]]
    """For each column and group of rows in it: whether it is there. A column counts once, wherever it is written."""
    is_constant: bool
    """The profile fills it without any value of the case: ``<StillOpen/>``."""
    says_missing: bool
    """It has a way to say that its values are missing."""

    def filled(self, row: Row, case: Case, code: str | None) -> int:
        """Columns and groups of rows that are there."""
        return sum(probe(row, case, code) for probe in self.probes)

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """Values that it demands and that are not there."""
        return sum(part.lacks(row, case, code) for part in self.parts)


@dataclass
class Choice:
    """One of several branches: the one that holds most of what the row has; of two alike, the one that lacks least."""

    branches: list[Branch]
    is_mandatory: bool

    def _chosen(self, row: Row, case: Case, code: str | None) -> Branch | None:
        filled = [(branch.filled(row, case, code), branch) for branch in self.branches]
        most = max(count for count, _ in filled)
        if most:
            rivals = [branch for count, branch in filled if count == most]
            return min(rivals, key=lambda branch: branch.lacks(row, case, code)) if len(rivals) > 1 else rivals[0]
        constant = next((branch for branch in self.branches if branch.is_constant), None)
        if constant is not None:
            return constant
        if not self.is_mandatory:
            return None
        saying = (branch for branch in self.branches if branch.says_missing)
        return next((branch for branch in saying if not branch.lacks(row, case, code)), None)

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the branch that the row takes; returns the number of its values."""
        branch = self._chosen(row, case, code)
        if branch is None:
            return 0
        return sum(part.write(out, row, case, code) for part in branch.parts)

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """What the best branch lacks, if the XSD demands one."""
        if not self.is_mandatory:
            return 0
        return min(branch.lacks(row, case, code) for branch in self.branches)


@dataclass
class Hole:
    """Where the elements of the cases come: a mark that is found again in what was written around them."""

    mark: str

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> int:
        """Append the mark."""
        out.append(self.mark)
        return 1

    def lacks(self, row: Row, case: Case, code: str | None) -> int:
        """Nothing."""
        return 0
