"""XSLT 3 by Saxon, in a process of its own: it opens neither file nor network, and its end is not ours.

Run as a program (``python schematron_saxon.py``), it is that process: it reads a job as JSON from its input and writes
the outcome as JSON. It imports nothing of hclic, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
    """What Saxon made of a stylesheet: the ``result``, or what went wrong (``error``, not for the screen)."""

    result: bytes | None
    error: str | None
    is_stopped: bool = False
    """Whether it did not end by itself: the error is then a sentence of ours."""


def is_installed() -> bool:
    """Whether Saxon is there."""
    return find_spec("saxonche") is not None


def run(stylesheet: str, document: Path | None) -> Outcome:
    """Compile the stylesheet and, with a document, run it on that."""
    job = json.dumps({"stylesheet": stylesheet, "document": None if document is None else str(document.absolute())})
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
        return Outcome(None, f"it had not ended after {MOST_SECONDS} seconds", is_stopped=True)
    if ended.returncode != 0:
        return Outcome(None, "the program that runs it broke off", is_stopped=True)
    head, _, body = ended.stdout.partition(b"\n")
    said = json.loads(head)
    return Outcome(None if said["error"] else body, said["error"])


def _work() -> None:
    from saxonche import PySaxonApiError, PySaxonProcessor

    job = json.loads(sys.stdin.buffer.read())
    error, result = None, ""
    processor = PySaxonProcessor(license=False)
    for name, value in _FEATURES.items():
        processor.set_configuration_property(f"http://saxon.sf.net/feature/{name}", value)
    try:
        executable = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=job["stylesheet"])
        if job["document"] is not None:
            # The text is handed over, so that Saxon itself need not open a file: it is not allowed to.
            text = Path(job["document"]).read_text(encoding="utf-8")
            result = executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=text)) or ""
    except PySaxonApiError as failure:
        error = str(failure) or "unknown"
    head = json.dumps({"error": error})
    sys.stdout.buffer.write(head.encode() + b"\n" + result.encode())


if __name__ == "__main__":
    _work()
