"""Let the disk be full from the n-th write of a run on, for every n, and see what is said and what stands there after.

    python bench/full_disk.py [STEP] [FIRST]

Each run is the whole command in a process of its own; a library that gcc builds (``full_disk.c``) refuses all writes to
files from the n-th on. Each is to end with a sentence, with the older outputs whole; the next run, with room again,
must leave what an undisturbed one leaves. STEP: every so-manieth write is tried; FIRST: which one first.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from shutil import copytree, rmtree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.faults.forked import AUTHORITY, OTHER_EXPORT, QUARTER, runs
from tests.faults.kills import Killing, is_whole

ACT = "import ctypes; ctypes.CDLL(None).hclic_full_after({})"
ENDED = frozenset({0, 1})


def built(folder: Path) -> Path:
    """The library that refuses writes.

    Raises:
        OSError: there is no gcc.
    """
    library = folder / "full_disk.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def main(step: int = 1, first: int = 1) -> int:
    """Print how the runs ended; 1 where anything was wrong."""
    wrong: list[str] = []
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, runs(LD_PRELOAD=str(built(Path(folder)))) as server:
        killing = Killing(server, Path(folder), Random(0))
        killing.prepare()
        number, is_full, told = first, True, 0
        while is_full:
            out = Path(copytree(killing.older, killing.place / "full"))
            ended = server.run(out, export=OTHER_EXPORT, write=1, act=ACT.format(number))
            is_full = ended.status not in ENDED
            said = ended.errors.strip().splitlines()[-1:] or [""]
            ends[f"status {ended.status}: {said[0][:60]}" if ended.status >= 0 else f"signal {-ended.status}"] += 1
            if is_full and not is_whole(out / AUTHORITY / QUARTER):
                wrong.append(f"write {number}: no whole folder stands there")
            if is_full and ended.status >= 0 and "no room left" not in ended.errors:
                wrong.append(f"write {number}: status {ended.status}, {said[0]}")
            after = server.run(out, export=OTHER_EXPORT)
            if after.status != killing.status:
                wrong.append(f"write {number}: the next run ended with {after.status}: {after.errors}")
            wrong += [f"write {number}: {words}" for words in killing.wrong(out)]
            rmtree(out)
            sys.stdout.write("".join(f"wrong: {words}\n" for words in wrong[told:]))
            sys.stdout.flush()
            told = len(wrong)
            number += step
    sys.stdout.write("".join(f"{count:5}  {words}\n" for words, count in ends.most_common()))
    sys.stdout.write(f"full from each of {sum(ends.values())} writes on, {len(wrong)} faults\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
