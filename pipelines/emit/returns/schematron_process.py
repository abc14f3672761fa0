"""XSLT 1 by lxml and XSLT 3 by Saxon, in a process of its own, which can be stopped and whose end is not ours.

Run as a program (``python schematron_process.py``), it is that process: it reads a job as JSON from its input and
writes the outcome, JSON and the results. It imports nothing of hclic, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MOST_SECONDS = 600
"""A Schematron that has not ended by then is ended."""

_FEATURES = {
    "allow-external-functions": "false",
    "allowedProtocols": "",
    "disableXslEvaluate": "true",
}

_Made = tuple[list[list[bytes | None]], list[list[str | None]], str | None]
"""Results and failures by stylesheet and document, and what went wrong with all of them."""


@dataclass(frozen=True)
class Outcome:
    """What became of the stylesheets: a result for each of them and each document, or what went wrong."""

    results: tuple[tuple[bytes | None, ...], ...] = ()
    """By stylesheet and document; None where an expression failed (lxml only: Saxon breaks off)."""
    failures: tuple[tuple[str | None, ...], ...] = ()
    """What libxml2 says of such an expression: it names its parts, never a value."""
    error: str | None = None
    """Why there are no results; what Saxon says may quote values and is not for the screen."""
    is_stopped: bool = False
    """Whether it did not end by itself: the error is then a sentence of ours."""


def is_saxon_installed() -> bool:
    """Whether Saxon is there."""
    return find_spec("saxonche") is not None


def run(stylesheets: Sequence[str], documents: Sequence[Path], *, by_saxon: bool) -> Outcome:
    """Compile each stylesheet and run it on each of the documents."""
    paths = [str(path.absolute()) for path in documents]
    job = json.dumps({"stylesheets": list(stylesheets), "documents": paths, "by_saxon": by_saxon})
    environment = {
        name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP")
    }
    try:
        # Its standard error quotes values: it goes nowhere.
        ended = subprocess.run(
            [sys.executable, "-I", __file__],
            input=job.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MOST_SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(error=f"it had not ended after {MOST_SECONDS} seconds", is_stopped=True)
    if ended.returncode != 0:
        return Outcome(error="the program that runs it broke off", is_stopped=True)
    head, _, body = ended.stdout.partition(b"\n")
    said = json.loads(head)
    results, at = [], 0
    for sizes in said["sizes"]:
        row: list[bytes | None] = []
        for size in sizes:
            row.append(None if size is None else body[at : at + size])
            at += size or 0
        results.append(tuple(row))
    return Outcome(tuple(results), tuple(tuple(row) for row in said["failures"]), said["error"])


def _work() -> None:
    job = json.loads(sys.stdin.buffer.read())
    results, failures, error = (_by_saxon if job["by_saxon"] else _by_lxml)(job["stylesheets"], job["documents"])
    sizes = [[None if result is None else len(result) for result in row] for row in results]
    head = json.dumps({"error": error, "sizes": sizes, "failures": failures})
    given = [result for row in results for result in row if result is not None]
    sys.stdout.buffer.write(b"".join([head.encode(), b"\n", *given]))


def _by_saxon(stylesheets: Sequence[str], documents: Sequence[str]) -> _Made:
    from saxonche import PySaxonApiError, PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    for name, value in _FEATURES.items():
        processor.set_configuration_property(f"http://saxon.sf.net/feature/{name}", value)
    results: list[list[bytes | None]] = []
    try:
        for stylesheet in stylesheets:
            executable = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet)
            row: list[bytes | None] = []
            for path in documents:
                # The text is handed over, so that Saxon itself need not open a file: it is not allowed to.
                text = Path(path).read_text(encoding="utf-8")
                row.append((executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=text)) or "").encode())
            results.append(row)
    except PySaxonApiError as failure:
        return [], [], str(failure) or "unknown"
    return results, [], None


def _by_lxml(stylesheets: Sequence[str], documents: Sequence[str]) -> _Made:
    from lxml import etree

    # The stubs lack the name.
    no_access: Any = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]

    def parser() -> etree.XMLParser:
        return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)

    transforms = [
        etree.XSLT(etree.fromstring(text.encode(), parser()), access_control=no_access) for text in stylesheets
    ]
    results: list[list[bytes | None]] = [[] for _ in stylesheets]
    failures: list[list[str | None]] = [[] for _ in stylesheets]
    for path in documents:
        try:
            document = etree.parse(path, parser())
        except etree.XMLSyntaxError:
            return [], [], f"{Path(path).name} is not well-formed XML"
        for transform, made, failed in zip(transforms, results, failures, strict=True):
            try:
                made.append(etree.tostring(transform(document)))
                failed.append(None)
            except etree.LxmlError as failure:
                made.append(None)
                failed.append(str(failure))
    return results, failures, None


if __name__ == "__main__":
    _work()
