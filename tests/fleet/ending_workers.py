"""A program: a fleet whose runs do nothing, but that some end the process that they are in. Prints how each ended.

Its argument is a folder in which a run notes that it has been begun.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

ONCE, ALWAYS, NEVER = "E06000001", "E06000002", "E06000003"


def instead(key: str, options: Mapping[str, Any]) -> Any:
    """A run: the process of one is ended the first time, that of another each time."""
    from pipelines.fleet.one import Outcome

    authority, quarter = key.split()
    note = Path(options["out"]) / authority
    is_first = not note.exists()
    note.touch()
    if authority == ALWAYS or (authority == ONCE and is_first):
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(authority, quarter, "clean", 0, "Made.")


class Told:
    """Notes nothing."""

    def begun(self, row: Any) -> None: ...

    def step(self, key: str, words: str) -> None: ...

    def ended(self, outcome: Any) -> None: ...

    def looking(self) -> None: ...


if __name__ == "__main__":
    from pipelines.fanout import flow
    from pipelines.fleet.manifest import Row

    flow.in_worker = instead  # type: ignore[assignment]
    options = {"out": sys.argv[1]}
    rows = [Row("", code, "2025-Q3", options) for code in (ONCE, ALWAYS, NEVER, "E06000004")]
    fleet = flow.Fleet(rows, "manifest", "out", Told(), workers=2)
    flow.run_fleet(fleet)
    sys.stdout.write(json.dumps([asdict(one) for one in fleet.ended]))
