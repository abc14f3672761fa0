"""XSLT 3 by Saxon, in a process of its own: it opens neither file nor network, and its end is not ours.

Run as a program (``python schematron_saxon.py``), it is that process: it reads a job as JSON from its input and writes
the outcome as JSON. It imports nothing of hclic, so that it starts at once.
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

MOST_SECONDS = 600
"""A Schematron that has not ended by then is ended."""

_FEATURES = {
    "allow-external-functions": "false",
    "allowedProtocols": "",
    "disableXslEvaluate": "true",
}


@dataclass(frozen=True)
class Outcome:
    """What Saxon made of a stylesheet: a result per document, or what went wrong (``error``, not for the screen)."""

    results: tuple[bytes, ...] = ()
    error: str | None = None
    is_stopped: bool = False
    """Whether it did not end by itself: the error is then a sentence of ours."""


def is_installed() -> bool:
    """Whether Saxon is there."""
    return find_spec("saxonche") is not None


def run(stylesheet: str, documents: Sequence[Path]) -> Outcome:
    """Compile the stylesheet and run it on each of the documents."""
    job = json.dumps({"stylesheet": stylesheet, "documents": [str(path.absolute()) for path in documents]})
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
    for size in said["sizes"]:
        results.append(body[at : at + size])
        at += size
    return Outcome(tuple(results), said["error"])


def _work() -> None:
    from saxonche import PySaxonApiError, PySaxonProcessor

    job = json.loads(sys.stdin.buffer.read())
    error, results = None, []
    processor = PySaxonProcessor(license=False)
    for name, value in _FEATURES.items():
        processor.set_configuration_property(f"http://saxon.sf.net/feature/{name}", value)
    try:
        executable = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=job["stylesheet"])
        for path in job["documents"]:
            # The text is handed over, so that Saxon itself need not open a file: it is not allowed to.
            text = Path(path).read_text(encoding="utf-8")
            result = executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=text)) or ""
            results.append(result.encode())
    except PySaxonApiError as failure:
        error, results = str(failure) or "unknown", []
    head = json.dumps({"error": error, "sizes": [len(result) for result in results]})
    sys.stdout.buffer.write(b"".join([head.encode(), b"\n", *results]))


if __name__ == "__main__":
    _work()
