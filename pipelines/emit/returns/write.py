"""The return: case file and personal-data file, written as a stream in the order of the XSD.

``write_return`` and ``check_return`` read the cases as sent and ``reporting_period``. The files are written into the
folder that is given; putting them in place is the caller's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from pipelines.emit.returns.official import PlannedFile, ReturnProfile
from pipelines.emit.returns.plan import Plan, Spot
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.rows import Rows, create_relations, drop_relations, escape
from pipelines.emit.returns.template import XSI, Compiler, Out, empty_as
from pipelines.emit.returns.written import ReturnFiles
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.transform import SENT, edition
from schemas.codelists import codelist

_PERSONAL_MODE = 0o600
_PARTS_AT_ONCE = 100_000
_XML = "http://www.w3.org/XML/1998/namespace"


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
    with edition(con, SENT):
        return _write(con, profile, out_dir, personal=personal, software_version=software_version)


def _write(
    con: duckdb.DuckDBPyConnection, profile: ReturnProfile, out_dir: Path, *, personal: bool, software_version: str
) -> ReturnFiles:
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
    row = con.execute("select count(*) from people where personal_data_consent = false").fetchone()
    return int(row[0]) if row else 0


def _open(path: Path, *, private: bool) -> BinaryIO:
    mode = _PERSONAL_MODE if private else 0o644
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb")


class _Writer:
    """Writes one file."""

    def __init__(self, profile: ReturnProfile, file: PlannedFile, header: dict[str, Any]) -> None:
        self.profile, self.file, self.plan = profile, file, file.plan
        dates = file.profile.header_dates
        self.prefixes = prefixes(self.plan)
        self.compiler = Compiler(
            {k: v.strftime(dates) if isinstance(v, date) else v for k, v in header.items()}, self.prefixes
        )
        self.version = header["software_version"]
        self.count = 0

    def write(self, handle: BinaryIO, rows: Rows) -> int:
        """Write the file; returns the number of repeated elements."""
        assert self.plan.root is not None
        out: Out = ['<?xml version="1.0" encoding="utf-8"?>\n', f"<!--{self._comment()}-->\n"]
        for part in self._spine(out, self.plan.root, rows, 0):
            handle.write("".join(part).encode())
            part.clear()
        handle.write("".join(out).encode())
        return self.count

    def _comment(self) -> str:
        profile = self.profile
        text = f" {profile.means} Profile {profile.name} {profile.version}, hclic {self.version}. "
        return re.sub("-{2,}", "-", text)

    def _spine(self, out: Out, spot: Spot, rows: Rows, depth: int) -> Iterator[Out]:
        """Append the elements from the root to the repeated one and what lies beside them; yields ``out`` when long."""
        here = Spot(spot.node, spot.label, attributes=spot.attributes)
        template = self.compiler.template(here, None, depth)
        template.start(out, (), {}, None)
        if spot is self.plan.root:
            out += [f' xmlns{":" + prefix if prefix else ""}="{escape(uri)}"' for uri, prefix in self.prefixes.items()]
        out.append(">\n")
        for child in spot.in_order():
            if child is self.plan.unit:
                yield from self._units(out, rows, depth + 1)
            elif self._leads_to_unit(child):
                yield from self._spine(out, child, rows, depth + 1)
            else:
                self.compiler.child(child, None, depth + 1).write(out, (), {}, None)
        out.append(f"{template.indent}</{template.name}>\n")

    def _leads_to_unit(self, spot: Spot) -> bool:
        return any(child is self.plan.unit or self._leads_to_unit(child) for child in spot.children.values())

    def _units(self, out: Out, rows: Rows, depth: int) -> Iterator[Out]:
        ((group, spot),) = self.plan.unit.rows
        unit = self.compiler.template(spot, group, depth)
        for _, case in rows.cases():
            self._too_many(rows, case)
            for row in case.get(group.name, ()):
                unit.fill(out, row, case, None)
                self.count += 1
            if len(out) > _PARTS_AT_ONCE:
                yield out

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


def prefixes(plan: Plan) -> dict[str, str]:
    """Prefixes by namespace, for the namespaces that the file uses; an empty one is the default namespace.

    The root's namespace is the default one only if every element has a namespace: an element without one would
    otherwise be read as belonging to it.
    """
    assert plan.root is not None
    elements: dict[str | None, None] = {}
    attributes: dict[str | None, None] = {}
    nil = False

    def visit(spot: Spot) -> None:
        nonlocal nil
        elements[spot.node.namespace] = None
        attributes.update({a.namespace: None for a, _ in spot.attributes.values()})
        nil = nil or empty_as(spot) == "nil"
        for child in spot.in_order():
            visit(child)
        for _, row in spot.rows:
            visit(row)

    visit(plan.root)
    root = plan.root.node.namespace
    found: dict[str, str] = {}
    for namespace in dict.fromkeys([*elements, *attributes]):
        if namespace is not None:
            default = namespace == root and None not in elements and root not in attributes
            found[namespace] = "xml" if namespace == _XML else "" if default else f"n{len(found) + 1}"
    return found | ({XSI: "xsi"} if nil else {})
