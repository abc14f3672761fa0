"""Return profiles as they are used: read, laid over their XSD, and refused where something mandatory is unmapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from pipelines.emit.returns.fits import unfit
from pipelines.emit.returns.located import Located
from pipelines.emit.returns.plan import Constant, Field, Plan
from pipelines.emit.returns.schematron import Schematron
from pipelines.emit.returns.xsd import Schema
from pipelines.errors import UsageError
from pipelines.validate.constraints import constraints_of
from schemas.returns import (
    FileProfile,
    Profile,
    ProfileError,
    case_file_columns,
    inside,
    personal_file_columns,
    profile_folder,
    read_profile,
)
from schemas.rules import RULES
from schemas.sections import SECTION, SECTIONS

_SHOWN = 12
PROVISIONAL = (
    "Provisional: this return has NOT been checked against MHCLG's XSD and Schematron, which are not public. Element"
    " names and codes are partly those of this program."
)


@dataclass
class PlannedFile:
    """One file of the return with its XSD, its plan and, where the pack has one, its Schematron."""

    profile: FileProfile
    schema: Schema
    plan: Plan

    @cached_property
    def validator(self) -> etree.XMLSchema:
        """The compiled XSD."""
        return self.schema.validator()

    @cached_property
    def located(self) -> Located:
        """Tells where an element of a document comes from."""
        return Located(self.plan)

    @cached_property
    def schematron(self) -> Schematron | None:
        """The pack's Schematron; None if it has none."""
        name = self.profile.schematron
        if name is None:
            return None
        return Schematron(inside(self.schema.folder, name), self.schema.folder, self.profile.phase)


@dataclass
class ReturnProfile:
    """A return profile ready for writing."""

    profile: Profile
    files: dict[str, PlannedFile]

    @property
    def name(self) -> str:
        """Name of the profile."""
        return self.profile.name

    @property
    def version(self) -> str:
        """Version that the profile gives itself."""
        return self.profile.version

    @property
    def sha256(self) -> str:
        """SHA-256 over every file of the profile's folder."""
        return self.profile.sha256

    @property
    def is_provisional(self) -> bool:
        """Whether the profile has not been checked against MHCLG's files."""
        return self.profile.provisional

    @property
    def has_schematron(self) -> bool:
        """Whether a file of the return is to be judged by a Schematron."""
        return any(file.profile.schematron is not None for file in self.files.values())

    @property
    def means(self) -> str:
        """What a return written with it may claim."""
        return PROVISIONAL if self.is_provisional else "Written with the authority's own return profile."

    def describe(self) -> dict[str, object]:
        """Name, version, SHA-256 and whether provisional and what that means, for the ledger."""
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "provisional": self.is_provisional,
            "means": self.means,
            "schematron": self.has_schematron,
        }


@dataclass(frozen=True)
class PackReport:
    """What is wrong with a pack (``refusals``) and what merely goes nowhere (``notes``)."""

    profile: ReturnProfile | None
    refusals: tuple[str, ...]
    notes: tuple[str, ...]


def check_pack(name_or_path: str) -> PackReport:
    """Compare a profile with its XSD: what is unmapped, what the XSD lacks, which codes have no place.

    Never raises for a fault of the pack: each is a line of ``refusals``.
    """
    try:
        profile = read_profile(profile_folder(name_or_path))
        planned = _plan(profile)
    except ProfileError as error:
        return PackReport(None, (str(error),), ())
    refusals: list[str] = []
    notes: list[str] = []
    for kind, file in planned.files.items():
        prefix = f"{kind} file: "
        found = [*file.plan.problems]
        try:
            found += file.plan.abstract()
            found += file.plan.misplaced()
            found += [f"{label}: mandatory in the XSD, and nothing is mapped to it." for label in file.plan.missing()]
            found += _roots(file.profile)
            for leaf in file.plan.leaves:
                found += unfit(profile, leaf)
            _ = file.validator
            _ = file.schematron
        except ProfileError as error:
            found.append(str(error))
        refusals += [prefix + line for line in dict.fromkeys(found)]
        notes += [prefix + line for line in _unused_values(profile, file.plan)]
        notes += [prefix + line for line in _single(file.plan)]
    refusals += _same_as(planned)
    notes += _nowhere(profile)
    return PackReport(planned, tuple(refusals), tuple(notes))


def describe_report(report: PackReport) -> str:
    """The report in words, one thing a line."""
    lines = []
    if report.profile is not None:
        profile = report.profile
        kind = "provisional: not checked against MHCLG's files" if profile.is_provisional else "not provisional"
        lines.append(f"Return profile {profile.name} {profile.version} ({kind}).")
        for file, planned in profile.files.items():
            plan = planned.plan
            lines.append(
                f"  {file} file: {'/'.join(planned.profile.unit)}; groups of rows: {len(planned.profile.groups)};"
                f" elements and attributes filled: {len(plan.leaves)};"
                f" Schematron: {_schematron_words(planned)}."
            )
    for title, found in (("Refused, because:", report.refusals), ("To know:", report.notes)):
        if found:
            lines += ["", title, *(f"  {line}" for line in found)]
    lines += ["", "Refused." if report.refusals else "Nothing mandatory is missing."]
    return "\n".join(lines)


def _schematron_words(file: PlannedFile) -> str:
    try:
        rules = file.schematron
    except ProfileError:
        rules = None
    if rules is None:
        return file.profile.schematron or "none"
    by = "Saxon" if rules.uses_saxon else "lxml"
    return f"{rules.path.name}, {len(rules.checks):,} assertions, run by {by}"


def load_profile(name_or_path: str) -> ReturnProfile:
    """A shipped profile by name, or a pack by the path of its folder.

    Raises:
        UsageError: the pack cannot be read, or is refused; the sentence lists what is missing.
    """
    report = check_pack(name_or_path)
    if report.refusals or report.profile is None:
        more = len(report.refusals) - _SHOWN
        lines = "; ".join(line.rstrip(".") for line in report.refusals[:_SHOWN])
        rest = f"; and {more} more" if more > 0 else ""
        raise UsageError(
            f"The return profile is refused: {lines}{rest}. See: hclic official check {Path(name_or_path).name}"
        )
    return report.profile


def _plan(profile: Profile) -> ReturnProfile:
    files = {}
    for kind, file in profile.files.items():
        schema = Schema(profile.folder, file.schema)
        files[kind] = PlannedFile(file, schema, Plan(file, schema))
    return ReturnProfile(profile, files)


def _same_as(profile: ReturnProfile) -> Iterator[str]:
    """What [schematron.same_as] names and neither the Schematron nor our rules have."""
    given = profile.profile.same_as
    if not given:
        return
    try:
        rules = [file.schematron for file in profile.files.values() if file.schematron is not None]
    except ProfileError:
        return
    theirs = {check.own_id for one in rules for check in one.checks}
    if strange := sorted(set(given) - {one for one in theirs if one}):
        yield f"[schematron.same_as] names assertions that the Schematron lacks: {', '.join(strange)}."
    ours = {name for rule in RULES for name in (rule.rule_id, rule.spec_id)}
    ours |= {one.rule_id for section in SECTIONS for one in constraints_of(section.name)}
    if strange := sorted({one for names in given.values() for one in names} - {one for one in ours if one}):
        yield f"[schematron.same_as] names rules that hclic lacks: {', '.join(strange)}."


def _roots(file: FileProfile) -> Iterator[str]:
    root = file.root_group
    allowed = ("main",) if file.kind == "case" else ("main", "people")
    if root.section not in allowed or any((root.where, root.unless, root.filled, root.unfilled)) or root.slots != 1:
        yield f"The first group must hold every row of the section {' or '.join(allowed)}."
    if all(mapped.column.name != "case_ref" for mapped in root.columns):
        yield f"{root.section}.case_ref is not mapped: without it the return cannot be recounted."
    for group in file.groups[1:]:
        if group.slots > 1 and group.path:
            yield f"Group {group.name} has both slots and a path; slots are for rows laid into the element around them."


def _unused_values(profile: Profile, plan: Plan) -> Iterator[str]:
    seen: dict[str, tuple[frozenset[str], set[str]]] = {}
    for leaf in plan.leaves:
        if leaf.values is None or not isinstance(leaf.value, Field | Constant):
            continue
        given = seen.setdefault(leaf.label, (leaf.values, set()))[1]
        if isinstance(leaf.value, Constant):
            given.add(leaf.value.text)
        elif leaf.value.mapped.column.codelist is not None:
            given.update(v for v in profile.official_values(leaf.value.mapped.column).values() if v)
        else:
            given.update(leaf.values)
    for label, (values, given) in seen.items():
        unused = sorted(values - given)
        if unused:
            yield f"{label}: values of the XSD that no code is written as: {', '.join(unused)}."


def _single(plan: Plan) -> Iterator[str]:
    for group in plan.file.groups[1:]:
        spot = plan.of_group.get(group.name)
        if spot is not None and group.path and not spot.node.many and SECTION[group.section].many:
            yield (
                f"{spot.label}: the XSD allows it once, and {group.section} may have several rows; a case that has"
                " them does not fit."
            )


def _nowhere(profile: Profile) -> Iterator[str]:
    mapped = {(m.column.section, m.column.name) for f in profile.files.values() for g in f.groups for m in g.columns}
    filtered = {
        (g.section, name) for f in profile.files.values() for g in f.groups for name in (*g.where, *g.unless, *g.match)
    }
    columns = [c for section in SECTIONS for c in case_file_columns(section.name)]
    if "personal" in profile.files:
        columns += [c for c in personal_file_columns() if c.personal]
    for column in columns:
        name = f"{column.section}.{column.name}"
        if column.name == "case_ref" or (column.section, column.name) in mapped | filtered:
            continue
        if name in profile.leave_out:
            yield f"{name}: left out: {profile.leave_out[name]}"
        else:
            yield f"{name}: goes nowhere."
