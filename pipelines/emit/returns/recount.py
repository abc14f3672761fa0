"""The return read back from disk and counted against the warehouse, not against what the writer believes it wrote."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import duckdb
from lxml import etree

from pipelines.emit.returns.official import PlannedFile
from pipelines.emit.returns.plan import Spot
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.rows import filter_sql
from schemas.returns import Group, Mapped, Profile

OUTCOMES = {
    ("main", "assess1"),
    ("prevention", "prevention_outcome"),
    ("relief", "relief_outcome"),
    ("final_duties", "main_decision"),
    ("final_duties", "main_duty_outcome"),
    ("temporary_accommodation", "ta_type"),
}
"""Columns whose every value is counted, case by case."""
_CASES_NAMED = 5

_PERSONAL = """(
    select as_recorded.*
    from recorded.people as as_recorded
    semi join (select * from people where coalesce(personal_data_consent, true)) as kept
        on as_recorded.case_ref = kept.case_ref and as_recorded.person_no = kept.person_no
)"""

Counts = dict[str, dict[str, int]]
Get = Callable[[etree._Element], list[str]]


@dataclass
class _Tally:
    """One thing that is counted on both sides, by case."""

    expected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Reader:
    """Finds the rows of one group in a case element, and the values in a row."""

    group: Group
    path: tuple[str, ...] | None
    """None: laid into the element of the case."""
    constants: list[tuple[Get, str]]
    slots: list[_Slot]
    filled: list[int]
    """Values found, in the order of the group's columns."""


@dataclass(frozen=True)
class _Slot:
    """Where the values of one row lie: positions of columns by the element around them, read in one go."""

    around: list[tuple[str, list[tuple[int, str]], list[tuple[int, str]]]]
    """Path of the element; columns that are elements in it; columns that are attributes of it."""
    repeated: list[tuple[int, Get]]

    def read(self, row: etree._Element, width: int) -> list[list[str]]:
        """The values of each column."""
        values: list[list[str]] = [[] for _ in range(width)]
        for path, elements, attributes in self.around:
            holder = row.find(path) if path else row
            if holder is None:
                continue
            if elements:
                texts = {child.tag: child.text for child in holder}
                for index, tag in elements:
                    text = texts.get(tag)
                    if text:
                        values[index].append(str(text))
            for index, tag in attributes:
                text = holder.get(tag)
                if text:
                    values[index].append(text)
        for index, get in self.repeated:
            values[index] = get(row)
        return values


class Recount:
    """Counts one file. Feed it every repeated element, then ask for the differences."""

    def __init__(self, con: duckdb.DuckDBPyConnection, profile: Profile, file: PlannedFile) -> None:
        self.con, self.profile, self.file = con, profile, file
        self.tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
        self._by_value: dict[tuple[str, int, str], _Tally] = {}
        self.readers = [self._reader(group) for group in file.profile.groups]
        self.case_ref = self._getter(
            file.plan.unit.rows[0][1],
            next(m for m in file.profile.root_group.columns if m.column.name == "case_ref").path,
        )
        self.refs: Counter[str] = Counter()
        # The same element may serve several sections: the group with most constants claims a row first.
        self._by_path: dict[tuple[str, ...], list[_Reader]] = {}
        for reader in self.readers:
            if reader.path is not None:
                self._by_path.setdefault(reader.path, []).append(reader)
        for sharing in self._by_path.values():
            sharing.sort(key=lambda reader: -len(reader.constants))
        self._labels = self._join_sections()
        self._outcome_columns = {
            group.name: [(i, m) for i, m in enumerate(group.columns) if (m.column.section, m.column.name) in OUTCOMES]
            for group in file.profile.groups
        }

    # --- the file ---------------------------------------------------------------------------------------------------

    def add(self, unit: etree._Element) -> str:
        """Count one repeated element; returns its case reference."""
        ref = next(iter(self.case_ref(unit)), "")
        self.refs[ref] += 1
        children: dict[str, list[etree._Element]] = {}
        for child in unit:
            children.setdefault(child.tag, []).append(child)
        for path, readers in self._by_path.items():
            rows = unit.findall("/".join(path)) if len(path) > 1 else children.get(path[0], ()) if path else (unit,)
            for row in rows:
                for reader in readers:
                    if all(get(row) == [text] for get, text in reader.constants):
                        self._count(reader, ref, reader.slots[0].read(row, len(reader.filled)))
                        break
        for reader in self.readers:
            if reader.path is None:
                for slot in reader.slots:
                    values = slot.read(unit, len(reader.filled))
                    if any(values):
                        self._count(reader, ref, values)
        return ref

    def _count(self, reader: _Reader, ref: str, values: list[list[str]]) -> None:
        self.tallies[self._labels[reader.group.name]].found[ref] += 1
        for index, found in enumerate(values):
            reader.filled[index] += len(found)
        for index, mapped in self._outcome_columns[reader.group.name]:
            value = values[index][0] if values[index] else ""
            tally = self._by_value.get((reader.group.name, index, value))
            if tally is None:
                tally = self.tallies[_valued(reader.group, mapped, value)]
                self._by_value[reader.group.name, index, value] = tally
            tally.found[ref] += 1

    # --- the warehouse ----------------------------------------------------------------------------------------------

    def _expect(self) -> None:
        for group in self.file.profile.groups:
            source = self._source(group)
            condition, values = filter_sql(group)
            tally = self.tallies[self._labels[group.name]]
            # A counted group stands for the whole section: a row that no group takes is a difference.
            if not group.count:
                self._rows(tally, f"{source} where {condition}", values)
            where = f"from {source} where {condition}"
            sums = ", ".join(f"sum({_how_many(mapped, self.file.profile.kind)})" for mapped in group.columns)
            filled = self.con.execute(f"select {sums} {where}", values).fetchone() if sums else None
            for index, mapped in enumerate(group.columns):
                self.tallies[_filled(group, mapped)].expected[""] += int(filled[index] or 0) if filled else 0
                if (mapped.column.section, mapped.column.name) in OUTCOMES:
                    self._outcomes(group, mapped, where, values)
        counted = {g.section: g for g in self.file.profile.groups if g.count}
        for group in counted.values():
            self._rows(self.tallies[self._labels[group.name]], self._source(group), [])

    def _source(self, group: Group) -> str:
        table = group.section
        if self.file.profile.kind == "personal" and group.section == "people":
            table = _PERSONAL
        return f"{table} as section"

    def _rows(self, tally: _Tally, source: str, values: list[str]) -> None:
        for ref, count in self.con.execute(f"select case_ref, count(*) from {source} group by all", values).fetchall():
            tally.expected[ref] += count

    def _outcomes(self, group: Group, mapped: Mapped, where: str, values: list[str]) -> None:
        official = self.profile.official_values(mapped.column)
        rows = self.con.execute(
            f"select case_ref, {mapped.column.name}, count(*) {where} group by all", values
        ).fetchall()
        for ref, code, count in rows:
            value = (official.get(code) or "") if code is not None else ""
            self.tallies[_valued(group, mapped, value)].expected[ref] += count

    # --- the differences --------------------------------------------------------------------------------------------

    def differences(self) -> list[Problem]:
        """One problem for each count that differs, with both numbers and some of the cases."""
        for reader in self.readers:
            for mapped, number in zip(reader.group.columns, reader.filled, strict=True):
                self.tallies[_filled(reader.group, mapped)].found[""] += number
        self._expect()
        found = list(self._references())
        kind = self.file.profile.kind
        for name, tally in self.tallies.items():
            expected, counted = tally.expected, tally.found
            cases = sorted(ref for ref in {*expected, *counted} if expected[ref] != counted[ref])
            if cases:
                found.append(
                    Problem(
                        "recount",
                        f"Read back from the {kind} file, {name}: {counted.total():,} in the file,"
                        f" {expected.total():,} in the warehouse{_named(cases)}.",
                    )
                )
        return found

    def _references(self) -> Iterator[Problem]:
        if self.file.profile.root_group.section != "main":
            return
        selected = {ref for (ref,) in self.con.execute("select case_ref from selected_cases").fetchall()}
        kind = self.file.profile.kind
        for cases, what in (
            (sorted(selected - set(self.refs)), "selected cases are not in the file"),
            (sorted(set(self.refs) - selected), "cases in the file are not selected"),
            (sorted(ref for ref, count in self.refs.items() if count > 1), "cases are in the file more than once"),
        ):
            if cases:
                yield Problem("recount", f"Read back from the {kind} file: {len(cases):,} {what}{_named(cases)}.")

    def counts(self) -> Counts:
        """What was counted: for each name the number in the warehouse and in the file."""
        found: Counts = {}
        if self.file.profile.root_group.section == "main":
            row = self.con.execute("select count(*) from selected_cases").fetchone()
            found["cases"] = {"warehouse": int(row[0]) if row else 0, "file": self.refs.total()}
        for name, tally in sorted(self.tallies.items()):
            if not name.startswith("values of "):
                found[name] = {"warehouse": tally.expected.total(), "file": tally.found.total()}
        return found

    # --- paths ------------------------------------------------------------------------------------------------------

    def _join_sections(self) -> dict[str, str]:
        """The name under which each group's rows are counted: its section, or all those it cannot be told from."""
        together: dict[str, set[str]] = {}
        for sharing in self._by_path.values():
            for reader in sharing:
                same = {r.group.section for r in sharing if _signature(r) == _signature(reader) and r.group.count}
                together.setdefault(reader.group.section, {reader.group.section}).update(same)
        for sections in list(together.values()):
            for section in sections:
                together[section] = together[section] | sections
        return {
            g.name: "rows of " + " and ".join(sorted(together.get(g.section, {g.section})))
            if g.count
            else f"rows of group {g.name}"
            for g in self.file.profile.groups
        }

    def _reader(self, group: Group) -> _Reader:
        plan = self.file.plan
        spot = plan.of_group[group.name]
        inline = not group.path and group is not self.file.profile.root_group
        return _Reader(
            group=group,
            path=None if inline else self._path_of(group),
            constants=[(self._getter(spot, path), text) for path, text in group.constants.items()],
            slots=[self._slot(spot, group, number) for number in range(1, group.slots + 1)],
            filled=[0] * len(group.columns),
        )

    def _slot(self, spot: Spot, group: Group, number: int) -> _Slot:
        around: dict[str, tuple[list[tuple[int, str]], list[tuple[int, str]]]] = {}
        repeated: list[tuple[int, Get]] = []
        for index, mapped in enumerate(group.columns):
            path = tuple(step.replace("{n}", str(number)) for step in mapped.path)
            if mapped.repeat >= 0:
                repeated.append((index, self._getter(spot, path, many=True)))
                continue
            is_attribute = path[-1].startswith("@")
            place = around.setdefault("/".join(_tags(spot, path[:-1])), ([], []))
            name = _attribute(spot, path) if is_attribute else _tags(spot, path)[-1]
            place[1 if is_attribute else 0].append((index, name))
        return _Slot([(path, elements, names) for path, (elements, names) in around.items()], repeated)

    def _path_of(self, group: Group) -> tuple[str, ...]:
        if group is self.file.profile.root_group:
            return ()
        outer = next((g for g in self.file.profile.groups if g.name == group.within), self.file.profile.root_group)
        return (*self._path_of(outer), *_tags(self.file.plan.of_group[outer.name], group.path))

    @staticmethod
    def _getter(spot: Spot, path: tuple[str, ...], many: bool = False) -> Get:
        is_attribute = path[-1].startswith("@")
        where = "/".join(_tags(spot, path[:-1] if is_attribute else path))
        attribute = _attribute(spot, path) if is_attribute else None

        def get(row: etree._Element) -> list[str]:
            if many:
                elements = row.findall(where) if where else [row]
            else:
                element = row.find(where) if where else row
                elements = [] if element is None else [element]
            texts = [e.text if attribute is None else e.get(attribute) for e in elements]
            return [str(text) for text in texts if text]

        return get


def _tags(spot: Spot, path: tuple[str, ...]) -> list[str]:
    node, tags = spot.node, []
    for step in path:
        node = node.named(step)[0]
        tags.append(node.tag)
    return tags


def _attribute(spot: Spot, path: tuple[str, ...]) -> str:
    node, name = spot.node, path[-1][1:]
    for step in path[:-1]:
        node = node.named(step)[0]
    declared = node.attribute(name)
    return name if declared is None else declared.tag


def _signature(reader: _Reader) -> frozenset[tuple[tuple[str, ...], str]]:
    return frozenset(reader.group.constants.items())


def _how_many(mapped: Mapped, kind: str) -> str:
    name = mapped.column.name
    if mapped.column.kind == "codes" and mapped.join is None:
        return f"len(string_split({name}, ';'))"
    if (mapped.column.section, name) == ("people", "age") and kind == "case":
        return "(date_of_birth is not null or age is not null)::integer"
    return f"coalesce({name}::varchar <> '', false)::integer"


def _filled(group: Group, mapped: Mapped) -> str:
    return f"values of {mapped.column.section}.{mapped.column.name}" + ("" if group.count else f" in {group.name}")


def _valued(group: Group, mapped: Mapped, value: str) -> str:
    name = f"{mapped.column.section} by {mapped.column.name}: {value or '(none)'}"
    return name + ("" if group.count else f" in {group.name}")


def _named(cases: list[str]) -> str:
    named = [ref for ref in cases if ref][:_CASES_NAMED]
    if not named:
        return ""
    return f" ({', '.join(named)}{' …' if len(cases) > len(named) else ''})"
