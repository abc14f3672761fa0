"""The pack's Schematron: XSLT 1 by lxml, XSLT 2 and 3 by Saxon, with every access to files and network denied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.emit.returns import schematron_process as process
from pipelines.emit.returns.schematron_compile import Check, Stylesheet, compile_carefully, compile_schema
from pipelines.emit.returns.schematron_reading import read
from pipelines.emit.returns.xsd import safe_parser
from schemas.returns import ProfileError

_XSLT_1 = ("", "xslt", "xslt1", "xpath", "xpath1", "exslt")
_XSLT_3 = ("xslt2", "xslt3", "xpath2", "xpath3", "xpath30", "xpath31", "xslt30")

# Neither files nor network: a pack comes by e-mail. The stubs lack the name.
_NO_ACCESS: Any = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]
_AT_LINE = re.compile(r"on line (\d+)")


@dataclass(frozen=True)
class Violation:
    """One assertion that failed, or report that held, for one node."""

    node: etree._Element | None
    """The element, or the element that has the attribute; None: the document as a whole."""
    attribute: str | None
    check: Check
    evaluated: str | None
    """Its text with values of the data; None where it prints none. For findings files only."""
    error: str | None = None
    """For which error it could not be judged there: a code of XPath, or what libxml2 calls it."""


class Schematron:
    """A compiled Schematron.

    Raises:
        ProfileError: not well-formed, not Schematron, reaches out of the pack, not compilable, or of a query binding
            that cannot be run. The sentence quotes the pack, never the data.
    """

    def __init__(self, path: Path, folder: Path, phase: str | None = None) -> None:
        self.path, self.phase = path, phase
        self._root = read(path, folder)
        binding = self._root.get("queryBinding", "").lower()
        if binding not in (*_XSLT_1, *_XSLT_3):
            raise ProfileError(
                f"{path.name} has the query binding {binding}, which this program cannot run. It runs"
                f" {', '.join(filter(None, (*_XSLT_1, *_XSLT_3)))}."
            )
        self.uses_saxon = binding in _XSLT_3
        self._stylesheet = compile_schema(self._root, path.name, xpath1=not self.uses_saxon, phase=phase)
        if self.uses_saxon:
            self._compile_by_saxon()
        else:
            self._compile_by_lxml()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Its assertions and reports, in order."""
        return tuple(self._stylesheet.checks.values())

    def _compile_by_lxml(self) -> None:
        text = self._stylesheet.text.encode()
        try:
            etree.XSLT(etree.fromstring(text, safe_parser()), access_control=_NO_ACCESS)
        except etree.XMLSyntaxError:
            raise ProfileError(f"{self.path.name} cannot be compiled: a prefix in it is not declared.") from None
        except etree.XSLTParseError as error:
            log: list[Any] = list(error.error_log)
            place = next((self._place(entry.line) for entry in log if entry.line > 1), "")
            said = [_sentence(entry.message) for entry in log if not entry.message.startswith("compilation error")]
            raise ProfileError(self._not_compiled(place, next(iter(said), ""))) from None

    def _compile_by_saxon(self) -> None:
        if not process.is_saxon_installed():
            raise ProfileError(
                f"{self.path.name} is written for XSLT 2 or 3, which needs the package saxonche. Install it: pip"
                " install saxonche."
            )
        error = _saxon_refuses(self._stylesheet.text)
        if error is not None:
            line = _AT_LINE.search(error)
            place = self._place(int(line[1])) if line else ""
            raise ProfileError(self._not_compiled(place, _saxon_said(error)))

    def _place(self, line: int) -> str:
        places = self._stylesheet.places
        return places[line - 1] if 0 < line <= len(places) else ""

    def _not_compiled(self, place: str, said: str) -> str:
        where = f": {place}" if place else ""
        return f"{self.path.name} cannot be compiled{where}" + (f" ({said})." if said else ".")

    def violations(self, paths: Sequence[Path]) -> Iterator[Violation]:
        """What the files violate, file by file, in the order of the patterns.

        Raises:
            ProfileError: the Schematron failed while it ran, or tried to open a file; or a file is not well-formed.
        """
        stylesheet = self._stylesheet
        outcome = process.run([stylesheet.text], paths, by_saxon=self.uses_saxon)
        if self.uses_saxon and outcome.error is not None and not outcome.is_stopped:
            # One value that is not of its type must not hide all other violations.
            stylesheet = compile_carefully(self._root, self.path.name, self.phase)
            outcome = process.run([stylesheet.text], paths, by_saxon=True)
        if outcome.error is not None:
            raise ProfileError(self._not_run(self._reason(outcome)))
        for path, result in zip(paths, outcome.results[0], strict=True):
            try:
                places = _Places(etree.parse(str(path), safe_parser()))
            except etree.XMLSyntaxError:
                raise ProfileError(self._not_run(f"{path.name} is not well-formed XML")) from None
            if result is None:
                yield from self._pattern_by_pattern(path, places)
            else:
                yield from _read(etree.fromstring(result, safe_parser()), stylesheet, places)

    def _pattern_by_pattern(self, path: Path, places: _Places) -> Iterator[Violation]:
        """What XSLT 1 finds where one of its expressions fails: that pattern's assertions are told as not judged."""
        patterns = sorted({check.pattern for check in self.checks})
        stylesheets = [
            compile_schema(self._root, self.path.name, xpath1=True, phase=self.phase, only=pattern)
            for pattern in patterns
        ]
        outcome = process.run([one.text for one in stylesheets], [path], by_saxon=False)
        if outcome.error is not None:
            raise ProfileError(self._not_run(outcome.error))
        for pattern, stylesheet, (result,), (failure,) in zip(
            patterns, stylesheets, outcome.results, outcome.failures, strict=True
        ):
            if result is not None:
                yield from _read(etree.fromstring(result, safe_parser()), stylesheet, places)
                continue
            for check in self.checks:
                if check.pattern == pattern:
                    yield Violation(None, None, check, None, _sentence(failure or ""))

    def _reason(self, outcome: process.Outcome) -> str:
        """Why a run broke off; what Saxon said itself quotes values."""
        said = outcome.error or ""
        if outcome.is_stopped or not self.uses_saxon:
            return said
        if "prohibited" in said or "disallowed" in said:
            return "it tried to read a file or the network, which is not accepted"
        return "an expression of it failed on these data"

    def _not_run(self, reason: str) -> str:
        return f"{self.path.name} could not be run to its end: {reason}."


@cache
def _saxon_refuses(stylesheet: str) -> str | None:
    return process.run([stylesheet], (), by_saxon=True).error


def _read(found: etree._Element, stylesheet: Stylesheet, places: _Places) -> Iterator[Violation]:
    for hit in found.iterchildren("f"):
        check = stylesheet.checks[int(hit.get("n", "0"))]
        text = re.sub(r"\s+", " ", "".join(str(part) for part in hit.itertext())).strip()
        yield Violation(
            node=places.find(hit.get("at", "")),
            attribute=hit.get("a"),
            check=check,
            evaluated=text if check.has_values and text and hit.get("error") is None else None,
            error=hit.get("error"),
        )


class _Places:
    """Finds elements by the positions of their ancestors among their siblings."""

    def __init__(self, document: etree._ElementTree) -> None:
        self.root = document.getroot()
        self.children: dict[etree._Element, list[etree._Element]] = {}

    def find(self, path: str) -> etree._Element | None:
        """The element at a path such as ``/0/3``; None: the document."""
        steps = path.split("/")[2:]
        if not path:
            return None
        node = self.root
        for step in steps:
            children = self.children.get(node)
            if children is None:
                children = self.children[node] = list(node.iterchildren("*"))
            node = children[int(step)]
        return node


def _sentence(message: str) -> str:
    return re.sub(r"\s+", " ", message).strip().rstrip(".")


def _saxon_said(error: str) -> str:
    """The sentence of a compile error, which quotes the pack only; the lines about its place are left out."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    said = [line for line in lines if not re.match(r"(Error|In |at |Errors? (was|were))", line)]
    return _sentence(said[0] if said else (lines[0] if lines else ""))
