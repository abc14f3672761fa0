"""What is known of each assertion before anything is judged, and where its nodes can lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from pipelines.emit.returns.schematron_reading import sch
from pipelines.emit.returns.schematron_words import tokens

_WARNINGS = ("warn", "warning", "info", "information", "informational", "hint", "nonfatal", "caution", "notice")
_ERRORS = ("error", "err", "fatal", "critical", "must", "reject")
_PLAIN_STEPS = re.compile(r"[\w.\-:*@/()|\s]+")
_NO_STEPS = re.compile(r"(^|[|])\s*[.(]|\b(union|intersect|except|key|id|element-with-id|doc|root)\b")


@dataclass(frozen=True)
class Check:
    """One ``assert`` or ``report`` of an active pattern."""

    number: int
    pattern: int
    """Place of its pattern among the active ones, from 1."""
    own_id: str | None
    text: str
    """Its fixed words: what it would print of the data is left out."""
    advice: str | None
    """Fixed words of its diagnostics."""
    has_values: bool
    """Whether its text or diagnostics print something of the data."""
    is_warning: bool
    names: frozenset[str]
    """Names of the elements and attributes of which test and context speak."""


@dataclass(frozen=True)
class Stylesheet:
    """XSLT made of a Schematron. ``places``: what each line of it was made of, in words."""

    text: str
    checks: Mapping[int, Check]
    places: tuple[str, ...]


def fixed_text(element: etree._Element) -> str:
    """The fixed words of an assertion or diagnostic, with ``…`` for what it would print of the data."""
    parts = [element.text or ""]
    for child in element.iterchildren():
        if isinstance(child.tag, str):
            parts.append("…" if child.tag in (sch("value-of"), sch("name")) else fixed_text(child))
        parts.append(child.tail or "")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def judged_as_warning(*outward: etree._Element) -> bool:
    """What the nearest of check, rule and pattern says of its weight; what says nothing is an error."""
    for element in outward:
        said = [str(element.get(name) or "").strip().lower() for name in ("severity", "role", "flag")]
        for word in said:
            if word in _WARNINGS:
                return True
            if word in _ERRORS:
                return False
    return False


def candidates(contexts: list[str]) -> str:
    """A path to every node that one of the contexts can fit, and to few others."""
    branches = []
    for context in contexts:
        steps = _without_predicates(context)
        if not _PLAIN_STEPS.fullmatch(steps) or _NO_STEPS.search(steps) or "document-node" in steps:
            return "/ | //node() | //@*"
        for branch in steps.split("|"):
            branch = re.sub(r"\s+", "", branch)
            branches.append(branch if branch.startswith("/") else f"//{branch}")
    return " | ".join(dict.fromkeys(branches))


def _without_predicates(context: str) -> str:
    kept, depth = [], 0
    for kind, text in tokens(context):
        if kind == "other" and text in "[]":
            depth += 1 if text == "[" else -1
        elif depth == 0 and kind != "comment":
            kept.append(text)
    return "".join(kept)
