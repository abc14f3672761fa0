"""Killed at any moment: readers see a whole folder, the next run is right, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.faults.forked import runs
from tests.faults.kills import Killing

KILLS = 40


def test_forty_kills_at_random_moments_leave_no_trace_in_what_the_next_run_makes(tmp_path: Path) -> None:
    with runs() as server:
        killing = Killing(server, tmp_path, Random(13))
        killing.prepare()
        assert list(killing.rounds(KILLS, longest=4.0)) == []
        assert killing.kills >= KILLS
