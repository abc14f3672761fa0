"""vl-convert in a process of its own, which draws while this one goes on.

In this process it would hold the interpreter: for the better part of a second while it starts, and whenever it draws.
Run as a program, this file answers each line, a JSON list of texts, with a line: a text beginning with a brace is a
Vega-Lite specification and becomes an SVG, an SVG becomes a PNG in base 64. The answers stand in the order asked. The
process ends when nobody can ask any more.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, TypeVar

T = TypeVar("T")
PNG_SCALE = 3.0


class Engine:
    """A started drawing process. Requests are answered one after the other, in their order."""

    def __init__(self) -> None:
        # By its path, with nothing of the folder at work in the search path: that may hold another ``pipelines``.
        command = [sys.executable, "-P", __file__]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Who stops the run at the keyboard stops this process by what it is asked, and it has nothing to say.
            start_new_session=True,
        )
        self._asking = ThreadPoolExecutor(max_workers=1)

    def beside(self, work: Callable[[], T]) -> Future[T]:
        """What ``work`` gives, which may ask the engine, done beside what goes on here."""
        return self._asking.submit(work)

    def draw(self, specifications: Sequence[str]) -> list[str]:
        """The charts of Vega-Lite specifications as SVG, in their order."""
        return self._ask(specifications)

    def paint(self, svgs: Sequence[str]) -> list[bytes]:
        """SVG pictures as PNG, in their order."""
        return [base64.b64decode(png) for png in self._ask(svgs)]

    def _ask(self, texts: Sequence[str]) -> list[str]:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None and answers is not None
        try:
            asked.write(json.dumps(list(texts)).encode() + b"\n")
            asked.flush()
            answer = answers.readline()
        except BrokenPipeError:
            answer = b""
        if not answer:
            raise RuntimeError(f"The drawing engine ended with status {self._process.wait()}.")
        found: list[str] = json.loads(answer)
        return found

    def close(self) -> None:
        """Let the process end, once it has answered what it was asked."""
        self._asking.shutdown()
        # Waits, and closes both pipes; with nothing to read any more the process ends.
        self._process.communicate()


_started: dict[int, Engine] = {}
"""The one engine of this process; a process that was forked from it starts its own."""


def start_drawing() -> None:
    """Start the engine beside other work: it takes longer to start than to draw the charts of a page."""
    engine()


def engine() -> Engine:
    """The engine of this process, started if need be."""
    pid = os.getpid()
    if pid not in _started:
        _started[pid] = Engine()
        atexit.register(_started[pid].close)
    return _started[pid]


def serve(asked: IO[str], answers: IO[str]) -> None:
    """Answer every line of ``asked``."""
    import vl_convert

    def made(text: str) -> str:
        if text.startswith("{"):
            drawn: str = vl_convert.vegalite_to_svg(text)
            return drawn
        return base64.b64encode(vl_convert.svg_to_png(text, scale=PNG_SCALE)).decode()

    # The engine starts with its first chart, which nobody needs: it is there when the first one is asked for.
    vl_convert.vegalite_to_svg('{"data": {"values": []}, "mark": "bar"}')
    with ThreadPoolExecutor(max_workers=2) as workers:
        for line in asked:
            texts = json.loads(line)
            # A PNG is drawn outside of the interpreter's lock.
            answers.write(json.dumps(list(workers.map(made, texts))) + "\n")
            answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
