"""The return read back from disk and counted against the warehouse, not against what the writer believes it wrote."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb
from lxml import etree

from pipelines.emit.returns.official import PlannedFile
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.readback import Reader, Units
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


@dataclass
class _Tally:
    """One thing that is counted on both sides, by case."""

    expected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)


class Recount:
    """Counts one file. Feed it every repeated element, then ask for the differences."""

    def __init__(self, con: duckdb.DuckDBPyConnection, profile: Profile, file: PlannedFile) -> None:
        self.con, self.profile, self.file = con, profile, file
        self.tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
        self._by_value: dict[tuple[str, int, str], _Tally] = {}
        self.units = Units(file.plan)
        self.readers = self.units.readers
        self.refs: Counter[str] = Counter()
        self._labels = self._join_sections()
        self._outcome_columns = {
            group.name: [(i, m) for i, m in enumerate(group.columns) if (m.column.section, m.column.name) in OUTCOMES]
            for group in file.profile.groups
        }

    # --- the file ---------------------------------------------------------------------------------------------------

    def add(self, unit: etree._Element) -> str:
        """Count one repeated element; returns its case reference."""
        ref = next(iter(self.units.case_ref(unit)), "")
        self.refs[ref] += 1
        for reader, values, _ in self.units.rows(unit):
            if reader is not None:
                self._count(reader, values, ref)
        return ref

    def _count(self, reader: Reader, values: list[list[str]], ref: str) -> None:
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
            if self._leaves_no_trace(group):
                nothing = " and ".join(f"coalesce({self._how_many(mapped)}, 0) = 0" for mapped in group.columns)
                self._rows(tally, f"{source} where {condition} and {nothing or 'false'}", values, times=-1)
            where = f"from {source} where {condition}"
            sums = ", ".join(f"sum({self._how_many(mapped)})" for mapped in group.columns)
            filled = self.con.execute(f"select {sums} {where}", values).fetchone() if sums else None
            for index, mapped in enumerate(group.columns):
                self.tallies[_filled(group, mapped)].expected[""] += int(filled[index] or 0) if filled else 0
                if (mapped.column.section, mapped.column.name) in OUTCOMES:
                    self._outcomes(group, mapped, where, values)
        counted = {g.section: g for g in self.file.profile.groups if g.count}
        for group in counted.values():
            self._rows(self.tallies[self._labels[group.name]], self._source(group), [])

    def _leaves_no_trace(self, group: Group) -> bool:
        """Whether a row of the group without any value is not to be seen: its values are laid into another element."""
        return not group.path and not group.repeat and group is not self.file.profile.root_group

    def _source(self, group: Group) -> str:
        table = group.section
        if self.file.profile.kind == "personal" and group.section == "people":
            table = _PERSONAL
        return f"{table} as section"

    def _rows(self, tally: _Tally, source: str, values: list[str], times: int = 1) -> None:
        for ref, count in self.con.execute(f"select case_ref, count(*) from {source} group by all", values).fetchall():
            tally.expected[ref] += times * count

    def _outcomes(self, group: Group, mapped: Mapped, where: str, values: list[str]) -> None:
        official = self.profile.official_values(mapped.column)
        rows = self.con.execute(
            f"select case_ref, {mapped.column.name}, count(*) {where} group by all", values
        ).fetchall()
        for ref, code, count in rows:
            value = (official.get(code) or "") if code is not None else ""
            value = "" if value == mapped.missing else value
            self.tallies[_valued(group, mapped, value)].expected[ref] += count

    def _how_many(self, mapped: Mapped) -> str:
        """SQL: values of a column in a row that the file should hold, those written as missing left out."""
        name = mapped.column.name
        as_missing = []
        if mapped.missing is not None and mapped.column.codelist is not None:
            official = self.profile.official_values(mapped.column).items()
            as_missing = [code for code, value in official if value == mapped.missing]
        listed = ", ".join(f"'{code}'" for code in as_missing)
        if mapped.column.kind == "codes" and mapped.join is None:
            codes = f"string_split({name}, ';')"
            return (
                f"len(list_filter({codes}, lambda code: trim(code) not in ({listed})))" if listed else f"len({codes})"
            )
        if (mapped.column.section, name) == ("people", "age") and self.file.profile.kind == "case":
            return "(date_of_birth is not null or age is not null)::integer"
        there = f"coalesce({name}::varchar <> '', false)"
        return f"({there} and {name} not in ({listed}))::integer" if listed else f"{there}::integer"

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
        for sharing in self.units.by_path.values():
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


def _signature(reader: Reader) -> frozenset[tuple[tuple[str, ...], str]]:
    chosen = () if reader.type is None else ((("xsi:type",), reader.type),)
    return frozenset((*reader.group.constants.items(), *chosen))


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
