"""The written return checked: XSD, Schematron, and a recount of what is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from lxml import etree

from pipelines.emit.returns.official import PlannedFile, ReturnProfile
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.recount import Counts, Recount
from pipelines.emit.returns.schema_errors import schema_errors
from pipelines.emit.returns.written import ReturnFiles
from pipelines.emit.returns.xsd import safe_parser
from pipelines.transform import SENT, edition
from schemas.returns import ProfileError


@dataclass(frozen=True)
class CheckedReturn:
    """What the check found. ``problems`` block the return, ``warnings`` (of the Schematron) do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    counts: dict[str, Counts]
    """By file and name: the number in the warehouse and in the file."""


def check_return(files: ReturnFiles, con: duckdb.DuckDBPyConnection, profile: ReturnProfile) -> CheckedReturn:
    """Validate the files against the XSD and the Schematron, read them back and recount them.

    One problem per error of the XSD, violated assertion and count that differs. None holds a value of the data.
    """
    problems = list(files.problems)
    counts: dict[str, Counts] = {}
    for kind, paths in files.by_kind.items():
        file = profile.files[kind]
        recount = Recount(con, profile.profile, file)
        for path in paths:
            problems += _stream(path, file, recount)
        # All documents together hold the return: none of them can be counted by itself.
        with edition(con, SENT):
            problems += recount.differences()
            counts[kind] = recount.counts()
        for path in paths:
            problems += _schematron(path, file)
    return CheckedReturn(tuple(p for p in problems if p.blocks), tuple(p for p in problems if not p.blocks), counts)


def _stream(path: Path, file: PlannedFile, recount: Recount) -> list[Problem]:
    """Validate and count in one pass that holds one case at a time."""
    unit = file.plan.unit.node.tag
    depth = len(file.profile.unit) - 1
    assert file.plan.root is not None
    root, ended = file.plan.root.node.tag, False
    with path.open("rb") as handle:
        events = etree.iterparse(
            handle,
            events=("end",),
            tag=(unit, root),
            schema=file.validator,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        )
        try:
            for _, element in events:
                above = sum(1 for _ in element.iterancestors())
                ended = ended or above == 0
                if above != depth or element.tag != unit:
                    continue
                recount.add(element)
                if above == 0:
                    continue
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
        except etree.XMLSyntaxError:
            return schema_errors(path, file.validator, file.located)
        # With a schema, iterparse of lxml 6.1 ends without an exception on a file that is cut off (seen).
        if not ended or len(events.error_log):
            return schema_errors(path, file.validator, file.located)
    return []


def _schematron(path: Path, file: PlannedFile) -> list[Problem]:
    rules = file.schematron
    if rules is None:
        return []
    try:
        tree = etree.parse(str(path), safe_parser())
        return [
            Problem(
                "schematron",
                violation.check.text,
                case_ref=file.located.case_ref(violation.node),
                element=file.located.label(violation.node) if violation.node is not None else None,
                rule=violation.check.own_id or f"O-{violation.check.number}",
                blocks=violation.error is not None or not violation.check.is_warning,
            )
            for violation in rules.violations(path, tree)
        ]
    except etree.XMLSyntaxError:
        return []
    except ProfileError as error:
        return [Problem("not run", f"{error} The return is not clean.")]
