"""The return: case file and personal-data file, written as a stream in the order of the XSD.

``write_return`` and ``check_return`` work on temp relations of the connection: ``selected_cases`` (case_ref), staging
and ``reporting_period``. The files are written into the folder that is given; putting them in place is the caller's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
from lxml import etree

from pipelines.emit.check import CheckedReturn, check_return
from pipelines.emit.official import PackReport, PlannedFile, ReturnProfile, check_pack, load_profile
from pipelines.emit.plan import Plan, Spot
from pipelines.emit.problems import Problem
from pipelines.emit.return_rows import Rows, create_relations, drop_relations
from pipelines.emit.template import Compiler
from pipelines.errors import UsageError
from pipelines.period import Quarter
from schemas.codelists import codelist

__all__ = [
    "CheckedReturn",
    "PackReport",
    "Problem",
    "ReturnFiles",
    "ReturnProfile",
    "check_pack",
    "check_return",
    "load_profile",
    "write_return",
]

_PERSONAL_MODE = 0o600


@dataclass(frozen=True)
class ReturnFiles:
    """What was written. ``problems``: values that could not be written; each of them blocks the return."""

    case: Path
    personal: Path | None
    count_cases: int
    count_refused: int
    """People left out of the personal-data file because they refused that personal data be sent."""
    is_provisional: bool
    problems: tuple[Problem, ...] = field(default=())

    @property
    def by_kind(self) -> dict[str, Path]:
        """The files by kind, ``case`` first."""
        return {"case": self.case} | ({"personal": self.personal} if self.personal is not None else {})


def write_return(
    con: duckdb.DuckDBPyConnection,
    profile: ReturnProfile,
    out_dir: Path,
    *,
    personal: bool,
    software_version: str,
) -> ReturnFiles:
    """Write the return of the selected cases into ``out_dir``: one element per case, sorted by reference and keys.

    Same relations, profile and version, same bytes. Nothing is checked here: call ``check_return`` before the files
    are put in place.

    Raises:
        UsageError: the personal-data file is wanted and the profile has none.
    """
    if personal and "personal" not in profile.files:
        raise UsageError(f"The return profile {profile.name} has no [personal] part, so it can write no personal data.")
    out_dir.mkdir(parents=True, exist_ok=True)
    header, stem = _header(con, software_version)
    problems: list[Problem] = []
    create_relations(con, personal=personal)
    try:
        paths: dict[str, Path] = {}
        counts: dict[str, int] = {}
        for kind in ("case", "personal") if personal else ("case",):
            paths[kind] = out_dir / f"hclic_{kind}_{stem}.xml"
            file = profile.files[kind]
            rows = Rows(con, profile.profile, kind, file.profile.groups, problems)
            with _open(paths[kind], private=kind == "personal") as handle:
                counts[kind] = _Writer(profile, file, header).write(handle, rows)
        refused = _count_refused(con) if personal else 0
    finally:
        drop_relations(con)
    return ReturnFiles(
        case=paths["case"],
        personal=paths.get("personal"),
        count_cases=counts["case"],
        count_refused=refused,
        is_provisional=profile.is_provisional,
        problems=tuple(problems),
    )


def _header(con: duckdb.DuckDBPyConnection, software_version: str) -> tuple[dict[str, Any], str]:
    row = con.execute("select la_code, quarter, first_day, last_day, as_at from reporting_period").fetchone()
    assert row is not None, "reporting_period has one row"
    la_code, text, first_day, last_day, as_at = row
    quarter = Quarter.parse(text)
    authority = codelist("authority").codes.get(la_code)
    header = {
        "authority": la_code,
        "authority_name": authority.label if authority else la_code,
        "quarter": str(quarter),
        "quarter_words": quarter.words,
        "round": quarter.delta_round,
        "first_day": first_day,
        "last_day": last_day,
        "as_at": as_at,
        "software_version": software_version,
    }
    return header, f"{la_code}_{quarter}"


def _count_refused(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute(
        "select count(*) from stg_people semi join selected_cases using (case_ref) where personal_data_consent = false"
    ).fetchone()
    return int(row[0]) if row else 0


def _open(path: Path, *, private: bool) -> BinaryIO:
    mode = _PERSONAL_MODE if private else 0o644
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb")


class _Writer:
    """Writes one file."""

    def __init__(self, profile: ReturnProfile, file: PlannedFile, header: dict[str, Any]) -> None:
        self.profile, self.file, self.plan = profile, file, file.plan
        dates = file.profile.header_dates
        self.compiler = Compiler({k: v.strftime(dates) if isinstance(v, date) else v for k, v in header.items()})
        self.version = header["software_version"]
        # lxml takes None for the default namespace; its stubs do not know.
        self.nsmap: Any = namespaces(self.plan)
        ((group, spot),) = self.plan.unit.rows
        self.unit = self.compiler.template(spot, group)
        self.count = 0

    def write(self, handle: BinaryIO, rows: Rows) -> int:
        """Write the file; returns the number of repeated elements."""
        with etree.xmlfile(handle, encoding="utf-8") as out:
            out.write_declaration()
            out.write(etree.Comment(self._comment()))
            out.flush()
            handle.write(b"\n")
            assert self.plan.root is not None
            self._spine(out, self.plan.root, rows)
        handle.write(b"\n")
        return self.count

    def _comment(self) -> str:
        profile = self.profile
        if profile.is_provisional:
            text = (
                " Provisional: this return has NOT been checked against MHCLG's XSD and Schematron, which are not"
                " public. Element names and codes are partly those of this program."
            )
        else:
            text = " Written with the authority's own return profile."
        text += f" Profile {profile.name} {profile.version}, hclic {self.version}. "
        return text.replace("--", "- -")

    def _spine(self, out: Any, spot: Spot, rows: Rows) -> None:
        template = self.compiler.template(Spot(spot.node, spot.label, text=spot.text, attributes=spot.attributes), None)
        taken = {name: take((), {}, None) for name, take in template.attributes}
        attributes = {name: value for name, value in taken.items() if value is not None}
        nsmap = self.nsmap if spot is self.plan.root else None
        with out.element(spot.node.tag, attributes, nsmap=nsmap):
            out.write("\n")
            for child in spot.in_order():
                if child is self.plan.unit:
                    for element in self._elements(rows):
                        out.write(element, pretty_print=True)
                elif self._leads_to_unit(child):
                    self._spine(out, child, rows)
                    out.write("\n")
                else:
                    holder = etree.Element("holder", nsmap=self.nsmap)
                    if self.compiler.child(child, None).write(holder, (), {}, None):
                        out.write(holder[0], pretty_print=True)

    def _leads_to_unit(self, spot: Spot) -> bool:
        return any(child is self.plan.unit or self._leads_to_unit(child) for child in spot.children.values())

    def _elements(self, rows: Rows) -> Iterator[etree._Element]:
        group = self.file.profile.root_group
        for _, case in rows.cases():
            self._too_many(rows, case)
            for row in case.get(group.name, ()):
                element = etree.Element(self.unit.tag, nsmap=self.nsmap)
                self.unit.fill(element, row, case, None)
                self.count += 1
                yield element

    def _too_many(self, rows: Rows, case: dict[str, Any]) -> None:
        for group in self.file.profile.groups[1:]:
            found = case.get(group.name, ())
            if not group.path and len(found) > group.slots:
                rows.problems.append(
                    Problem(
                        "value",
                        f"{len(found)} rows of {group.section}, and the return profile has room for {group.slots}.",
                        case_ref=found[0][0],
                        element=f"group {group.name}",
                    )
                )


def namespaces(plan: Plan) -> dict[str | None, str]:
    """Prefixes for the namespaces that the file uses.

    The root's namespace is the default one only if every element has a namespace: an element without one would
    otherwise be read as belonging to it.
    """
    assert plan.root is not None
    elements: dict[str | None, None] = {}
    attributes: dict[str | None, None] = {}

    def visit(spot: Spot) -> None:
        elements[spot.node.namespace] = None
        attributes.update({a.namespace: None for a, _ in spot.attributes.values()})
        for child in spot.in_order():
            visit(child)
        for _, row in spot.rows:
            visit(row)

    visit(plan.root)
    root = plan.root.node.namespace
    found: dict[str | None, str] = {}
    others = [n for n in dict.fromkeys([*elements, *attributes]) if n is not None]
    for namespace in others:
        default = namespace == root and None not in elements and root not in attributes
        found[None if default else f"n{len(found) + 1}"] = namespace
    return found
