"""The written return checked: XSD, and a recount of what is on disk. The Schematron judges it before (``judge``)."""

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
from pipelines.transform import SENT, edition


@dataclass(frozen=True)
class CheckedReturn:
    """What the check found. Each of the ``problems`` blocks the return."""

    problems: tuple[Problem, ...]
    counts: dict[str, Counts]
    """By file and name: the number in the warehouse and in the file."""


def check_return(files: ReturnFiles, con: duckdb.DuckDBPyConnection, profile: ReturnProfile) -> CheckedReturn:
    """Validate the files against the XSD, read them back and recount them.

    One problem per error of the XSD and count that differs. None holds a value of the data.
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
    return CheckedReturn(tuple(problems), counts)


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
