"""The return: case file and personal-data file, written as a stream in the order of the XSD.

``write_return`` and ``check_return`` read the cases as sent and ``reporting_period``. The files are written into the
folder that is given; putting them in place is the caller's.
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from pipelines.emit.returns.compiler import HOLE, Compiler, prefixes
from pipelines.emit.returns.official import PlannedFile, ReturnProfile
from pipelines.emit.returns.plan import Header
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.rows import Case, Rows, create_relations, drop_relations, escape
from pipelines.emit.returns.template import Out, Template
from pipelines.emit.returns.written import LIST_OF_DOCUMENTS, Document, ReturnFiles
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.transform import SENT, edition
from schemas.codelists import codelist

_PERSONAL_MODE = 0o600
_PARTS_AT_ONCE = 100_000


def write_return(
    con: duckdb.DuckDBPyConnection,
    profile: ReturnProfile,
    out_dir: Path,
    *,
    personal: bool,
    software_version: str,
) -> ReturnFiles:
    """Write the return of the selected cases into ``out_dir``: one element per case, sorted by reference and keys.

    In one document, in one for each case, or in batches, as the profile says; the latter are numbered and listed in
    ``documents.csv``.

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
        documents: dict[str, tuple[Document, ...]] = {}
        for kind in ("case", "personal") if personal else ("case",):
            file = profile.files[kind]
            rows = Rows(con, profile.profile, kind, file.profile.groups, problems)
            documents[kind] = tuple(_Writer(profile, file, header, rows).write(out_dir, f"hclic_{kind}_{stem}"))
        refused = _count_refused(con) if personal else 0
    finally:
        drop_relations(con)
    if any(profile.files[kind].profile.form != "one" for kind in documents):
        _write_list(out_dir / LIST_OF_DOCUMENTS, documents)
    return ReturnFiles(
        documents=documents,
        count_cases=sum(document.count_records for document in documents["case"]),
        count_refused=refused,
        is_provisional=profile.is_provisional,
        problems=tuple(problems),
    )


def _write_list(path: Path, documents: dict[str, tuple[Document, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["document", "file", "of", "cases", "first_case_ref", "last_case_ref"])
        for kind, of_kind in documents.items():
            for number, one in enumerate(of_kind, 1):
                writer.writerow([number, one.path.name, kind, one.count_cases, one.first_case, one.last_case])


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
    """Writes the documents of one file of the return."""

    def __init__(self, profile: ReturnProfile, file: PlannedFile, header: dict[str, Any], rows: Rows) -> None:
        self.profile, self.file, self.plan, self.rows = profile, file, file.plan, rows
        self.header = header
        assert self.plan.root is not None
        named = prefixes(self.plan)
        self.namespaces = "".join(
            f' xmlns{":" + prefix if prefix else ""}="{escape(uri)}"' for uri, prefix in named.items()
        )
        if (location := file.profile.schema_location) is not None:
            kind = "schemaLocation" if " " in location.strip() else "noNamespaceSchemaLocation"
            self.namespaces += f' xsi:{kind}="{escape(location.strip())}"'
        compiler = Compiler(self._of_header, named, self.plan.unit)
        ((self.group, spot),) = self.plan.unit.rows
        is_whole = self.plan.unit is self.plan.root
        depth = 0 if is_whole else len(file.profile.unit) - 1
        self.unit = compiler.template(spot, spot.node, self.group, depth, is_row=True)
        self.frame: Template | None = None
        if is_whole:
            self.unit.marks += self.namespaces
        else:
            self.frame = compiler.template(self.plan.root, self.plan.root.node, None, 0)
            self.frame.marks += self.namespaces

    def _of_header(self, value: Header) -> str:
        found = self.header[value.name]
        return found.strftime(value.dates) if isinstance(found, date) else str(found)

    def write(self, folder: Path, stem: str) -> list[Document]:
        """Write the documents into the folder, in order of case reference."""
        profile = self.file.profile
        cases, records = self.rows.count()
        if profile.form == "one":
            self.header |= {"records": records, "document": 1, "documents": 1}
            return [self._document(folder / f"{stem}.xml", self._cases())]
        batch = 1 if profile.form == "per-case" else profile.batch
        total = math.ceil(cases / batch)
        width = max(4, len(str(total)))
        found = []
        for number, part in enumerate(_batches(self._cases(), batch), 1):
            units = sum(len(case[self.group.name]) for _, case in part)
            self.header |= {"records": units, "document": number, "documents": total}
            found.append(self._document(folder / f"{stem}_{number:0{width}d}.xml", iter(part)))
        return found

    def _cases(self) -> Iterator[tuple[str, Case]]:
        for ref, case in self.rows.cases():
            self._too_many(case)
            if case.get(self.group.name):
                yield ref, case

    def _document(self, path: Path, cases: Iterator[tuple[str, Case]]) -> Document:
        out: Out = ['<?xml version="1.0" encoding="utf-8"?>\n', f"<!--{self._comment()}-->\n"]
        end: Out = []
        if self.frame is not None:
            around: Out = []
            nothing: tuple[str | None, ...] = ()
            self.frame.fill(around, nothing, {}, None)
            hole = around.index(HOLE)
            out += around[:hole]
            end = around[hole + 1 :]
        count_cases = count_records = 0
        first: str | None = None
        last: str | None = None
        with _open(path, private=self.file.profile.kind == "personal") as handle:
            for ref, case in cases:
                first, last = first or ref, ref
                count_cases += 1
                for row in case[self.group.name]:
                    self.unit.fill(out, row, case, None)
                    count_records += 1
                if len(out) > _PARTS_AT_ONCE:
                    handle.write("".join(out).encode())
                    out.clear()
            handle.write("".join(out + end).encode())
        return Document(path, count_cases, count_records, first, last)

    def _comment(self) -> str:
        profile = self.profile
        version = self.header["software_version"]
        text = f" {profile.means} Profile {profile.name} {profile.version}, hclic {version}. "
        return re.sub("-{2,}", "-", text)

    def _too_many(self, case: Case) -> None:
        for group in self.file.profile.groups[1:]:
            found = case.get(group.name, [])
            if not group.path and not group.repeat and len(found) > group.slots:
                self.rows.problems.append(
                    Problem(
                        "value",
                        f"{len(found)} rows of {group.section}, and the return profile has room for {group.slots}.",
                        case_ref=found[0][0],
                        element=f"group {group.name}",
                    )
                )


def _batches(cases: Iterator[tuple[str, Case]], size: int) -> Iterator[list[tuple[str, Case]]]:
    while part := list(islice(cases, size)):
        yield part
