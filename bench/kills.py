"""Kill runs at random moments, a thousand times, and hold what stands there afterwards against an undisturbed run.

    python bench/kills.py [KILLS] [SEED]

Each run is the whole command in a process of its own, ended by SIGKILL: at one of its writes, where a step is about to
be committed or has been, or at any time. After each kill a reader must find the older or the newer outputs whole. After
eight in a row at most the run is left to end: its outputs must be byte for byte those of an undisturbed run, the
references must be the same, the ledger's chain whole, no run called running, and no file there that an undisturbed run
does not leave.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.faults.forked import runs
from tests.faults.kills import Killing


def _told(killing: Killing) -> None:
    sys.stdout.write(f"{killing.kills} kills\n")
    sys.stdout.flush()


def main(kills: int = 1000, seed: int = 13) -> int:
    """Print what was found; 1 where anything was wrong."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, runs() as server:
        killing = Killing(server, Path(folder), Random(seed), rounds_done=_told)
        killing.prepare()
        wrong = []
        for words in killing.rounds(kills, longest=5.0):
            wrong.append(words)
            sys.stdout.write(f"wrong after {killing.kills} kills: {words}\n")
    took = time.monotonic() - began
    sys.stdout.write(f"{killing.kills} kills, {len(wrong)} faults, {took:.0f} s (seed {seed})\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
