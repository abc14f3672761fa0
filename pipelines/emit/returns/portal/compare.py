"""Which of our findings and of a portal's errors say the same of the same case, and which stand alone."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pipelines.emit.returns.portal.response import Response, Said
from pipelines.emit.returns.portal.words import FieldNames, alike, key, normalised, words
from pipelines.errors import InputError
from pipelines.findings import NO
from pipelines.side_files import read_rows

ALIKE = 0.4
"""Share of words in common from which two messages on one case are taken for the same."""
NEAR = 0.15
"""Share of words in common from which one of our rules is named as the nearest."""
BY_HAND, BY_RULE, BY_MESSAGE, BY_WORDS, BY_FIELD = "by hand", "by rule", "by message", "by words", "by field"
_HOW_SURE = (BY_HAND, BY_RULE, BY_MESSAGE, BY_WORDS, BY_FIELD)


@dataclass(frozen=True)
class Ours:
    """One of our findings."""

    case_ref: str
    local_ref: str
    rule_id: str
    severity: str
    fields: frozenset[str]
    """``section.column``."""
    message: str
    officer: str

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its message."""
        return words(self.message)


@dataclass(frozen=True)
class Theirs:
    """One thing that the portal said, under our reference of the case; none for the return as a whole."""

    said: Said
    case_ref: str | None
    kind: str
    """Its message normalised, or the rule where it has no message."""
    fields: frozenset[str]


@dataclass(frozen=True)
class Pair:
    """One of ours, one of theirs, or both. ``sure``: by what they were taken for the same."""

    ours: Ours | None
    theirs: Theirs | None
    sure: str = ""


@dataclass(frozen=True)
class Run:
    """What is read of a run: its findings, and its cases under every reference."""

    findings: tuple[Ours, ...]
    left_out: int
    """Findings of cases that are not in the return, of which a portal can know nothing."""
    local: Mapping[str, str]
    """Our reference by the local one, folded."""
    cases: frozenset[str]
    authority: str
    title: str

    def case(self, given: str) -> str | None:
        """Our reference of a case as somebody wrote it: H-CLIC or local, in any case of letters; None if unknown."""
        folded = _fold(given)
        found = self.local.get(folded)
        if found is not None:
            return found
        # Spreadsheets drop the authority, or the zeros in front.
        number = re.fullmatch(r"(?:([a-z]\d{8})[_ /-]*)?(\d{1,12})", folded)
        if number is None:
            return None
        full = f"{(number[1] or self.authority).upper()}_{int(number[2]):012d}"
        return full if full in self.cases else None


@dataclass
class Comparison:
    """The response beside the run."""

    run: Run
    response: Response
    pairs: list[Pair] = field(default_factory=list)
    unknown: list[Said] = field(default_factory=list)
    """Rows on cases that the run does not have."""

    @property
    def agreed(self) -> list[Pair]:
        """Both say it."""
        return [pair for pair in self.pairs if pair.ours and pair.theirs]

    @property
    def ours_only(self) -> list[Pair]:
        """Ours alone."""
        return [pair for pair in self.pairs if not pair.theirs]

    @property
    def theirs_only(self) -> list[Pair]:
        """Theirs alone."""
        return [pair for pair in self.pairs if not pair.ours]


def read_run(folder: Path) -> Run:
    """Findings and references of a run, from its outputs (``OUT/<authority>/<quarter>``).

    Raises:
        InputError: the folder does not hold the outputs of a run.
    """
    try:
        ledger = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
        title, authority = str(ledger["title"]), str(ledger["authority"]["code"])
        references = _records(folder / "reference_map.csv")
        findings = _records(folder / "findings" / "findings.csv")
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"The folder {folder.name} does not hold the outputs of a run. Give the folder of the quarter, like"
            " out/E06000034/2025-Q4."
        ) from None
    kept = [row for row in findings if row.get("in_return") != NO]
    local = {_fold(row["local_ref"]): row["case_ref"] for row in references}
    cases = frozenset(row["case_ref"] for row in references)
    local.update({_fold(case): case for case in cases})
    of_case = {case: given for given, case in ((row["local_ref"], row["case_ref"]) for row in references)}
    return Run(
        findings=tuple(_ours(row, of_case) for row in kept),
        left_out=len(findings) - len(kept),
        local=local,
        cases=cases,
        authority=authority,
        title=title,
    )


def _records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _ours(row: Mapping[str, str], local: Mapping[str, str]) -> Ours:
    section = row["section"]
    names = [name.strip() for name in (row["fields"] or "").split(",") if name.strip()]
    case = row["case_ref"] or ""
    return Ours(
        case_ref=case,
        local_ref=row.get("local_ref") or local.get(case, ""),
        rule_id=row["rule_id"],
        severity=row["severity"],
        fields=frozenset(name if "." in name else f"{section}.{name}" for name in names),
        message=row["message"],
        officer=row["officer"] or "",
    )


def read_decided(path: Path | None) -> dict[str, str]:
    """Rules by the normalised message that was found to mean them: ``rules_to_write.csv`` with ``rule_id`` filled in.

    Raises:
        InputError: the file cannot be read, or lacks a column.
    """
    if path is None:
        return {}
    rows = read_rows(path, ("portal_message", "rule_id"), what="file of decided rules")
    return {key(row.cells["portal_message"]): row.cells["rule_id"] for row in rows if row.cells["rule_id"]}


def compare(run: Run, response: Response, names: FieldNames, decided: Mapping[str, str]) -> Comparison:
    """Lay a response beside a run, case by case.

    Two things are the same where somebody decided it, where the portal names our rule, where the messages are the
    same, where their words are much alike, or where they are about the same field of the case; in this order.
    """
    found = Comparison(run, response)
    by_case: dict[str | None, list[Ours]] = {}
    for finding in run.findings:
        by_case.setdefault(finding.case_ref or None, []).append(finding)
    met: set[int] = set()
    for said in response.said:
        case = run.case(said.case) if said.case else None
        if said.case and case is None:
            found.unknown.append(said)
            continue
        theirs = _theirs(said, case, names)
        best = _best(theirs, by_case.get(case, []), decided)
        if best is None and case is not None:
            # A group of rows, such as all those with one unknown spelling, names no case.
            best = _best(theirs, by_case.get(None, []), decided)
        if best is None:
            found.pairs.append(Pair(None, theirs))
        else:
            met.add(id(best[0]))
            found.pairs.append(Pair(best[0], theirs, best[1]))
    found.pairs += [Pair(finding, None) for finding in run.findings if id(finding) not in met]
    return found


def _theirs(said: Said, case: str | None, names: FieldNames) -> Theirs:
    kind = normalised(said.message, (said.case, case or "")) or said.rule or said.field
    return Theirs(said, case, kind, names.resolved(said.field) or names.named_in(said.message))


def _best(theirs: Theirs, candidates: Iterable[Ours], decided: Mapping[str, str]) -> tuple[Ours, str] | None:
    kind = key(theirs.kind)
    meant = decided.get(kind, "")
    said = words(theirs.kind)
    best: tuple[tuple[int, float], Ours, str] | None = None
    for ours in candidates:
        share = alike(said, ours.words)
        if meant:
            sure = BY_HAND if _fold(meant) == _fold(ours.rule_id) else ""
        elif theirs.said.rule and _fold(theirs.said.rule) == _fold(ours.rule_id):
            sure = BY_RULE
        elif kind and kind == key(normalised(ours.message)):
            sure = BY_MESSAGE
        elif share >= ALIKE:
            sure = BY_WORDS
        elif theirs.fields & ours.fields:
            sure = BY_FIELD
        else:
            sure = ""
        if sure:
            rank = (-_HOW_SURE.index(sure), share)
            if best is None or rank > best[0]:
                best = (rank, ours, sure)
    return None if best is None else (best[1], best[2])


def _fold(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()
