"""The written return checked: XSD, Schematron, and a recount of what is on disk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
from lxml import etree

from pipelines.emit.returns.official import PlannedFile, ReturnProfile
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.recount import Counts, Recount
from pipelines.emit.returns.written import ReturnFiles
from pipelines.emit.returns.xsd import safe_parser
from pipelines.transform import SENT, edition
from schemas.returns import ProfileError

_ERRORS_SHOWN = 200
# libxml2's messages of these kinds name elements and attributes only; all others quote the value.
_VALUE_FREE = ("SCHEMAV_ELEMENT_CONTENT", "SCHEMAV_CVC_COMPLEX_TYPE_4", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1")


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
            problems += _schematron(path, file, recount)
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
            return _schema_errors(path, file, recount)
        # With a schema, iterparse of lxml 6.1 ends without an exception on a file that is cut off (seen).
        if not ended or len(events.error_log):
            return _schema_errors(path, file, recount)
    return []


def _schema_errors(path: Path, file: PlannedFile, recount: Recount) -> list[Problem]:
    """A second pass with the whole tree, which tells where each error is. Only for a file that failed."""
    try:
        tree = etree.parse(str(path), safe_parser())
    except etree.XMLSyntaxError as error:
        return [Problem("schema", f"{path.name} is not well-formed XML (line {error.lineno}).")]
    file.validator.validate(tree)
    # The stubs do not say that the log can be walked.
    errors: list[Any] = list(cast(Any, file.validator.error_log))
    prefixes = {prefix: uri for prefix, uri in tree.getroot().nsmap.items() if prefix}
    problems = []
    for found in errors[:_ERRORS_SHOWN]:
        nodes = tree.xpath(found.path, namespaces=prefixes) if found.path else []
        node = nodes[0] if isinstance(nodes, list) and nodes and isinstance(nodes[0], etree._Element) else None
        attribute = re.search(r"attribute '(?:\{[^}]*\})?([^']+)'", found.message)
        problems.append(
            Problem(
                "schema",
                _wording(found.type_name, found.message),
                case_ref=_case_of(node, file, recount),
                element=_label(node, file) + (f"/@{attribute[1]}" if attribute else ""),
            )
        )
    if not errors:
        problems.append(Problem("schema", f"{path.name} could not be read to its end."))
    if len(errors) > _ERRORS_SHOWN:
        problems.append(Problem("schema", f"{len(errors) - _ERRORS_SHOWN:,} more errors of the XSD are not shown."))
    return problems


def _wording(type_name: str, message: str) -> str:
    if type_name in _VALUE_FREE:
        text = re.sub(r"\{[^}]*\}", "", message.split(": ", 1)[-1])
        return f"Does not fit the XSD: {text}"
    if "ENUMERATION" in type_name:
        return "The value is not one that the XSD lists."
    if "IDC" in type_name:
        return "A value that the XSD wants unique, or to be found elsewhere, is not."
    return f"The value does not fit its type in the XSD ({type_name.removeprefix('SCHEMAV_').lower()})."


def _case_of(node: etree._Element | None, file: PlannedFile, recount: Recount) -> str | None:
    unit = file.plan.unit.node.tag
    while node is not None:
        if node.tag == unit:
            return next(iter(recount.case_ref(node)), None)
        node = node.getparent()
    return None


def _label(node: etree._Element | None, file: PlannedFile) -> str:
    unit, steps = file.plan.unit.node.tag, []
    while node is not None and node.tag != unit:
        steps.append(etree.QName(node).localname)
        node = node.getparent()
    return "/".join(reversed(steps)) or file.plan.unit.node.name


def _schematron(path: Path, file: PlannedFile, recount: Recount) -> list[Problem]:
    rules = file.schematron
    if rules is None:
        return []
    try:
        tree = etree.parse(str(path), safe_parser())
        return [
            Problem(
                "schematron",
                violation.check.text,
                case_ref=_case_of(violation.node, file, recount),
                element=_label(violation.node, file) if violation.node is not None else None,
                rule=violation.check.own_id or f"O-{violation.check.number}",
                blocks=violation.error is not None or not violation.check.is_warning,
            )
            for violation in rules.violations(path, tree)
        ]
    except etree.XMLSyntaxError:
        return []
    except ProfileError as error:
        return [Problem("not run", f"{error} The return is not clean.")]
