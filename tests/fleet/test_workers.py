"""Which workers of a scheduler that is not ours are taken."""

from __future__ import annotations

import pytest

from pipelines.errors import UsageError

# Without Dask there are no workers to be taken.
pytest.importorskip("distributed", reason="needs the extra fleet")

from pipelines.fanout.worker import check_can_be_used

OURS = {"files": "0123", "python": "3.11.7", "polars": "1.40.0"}
WHERE = "tcp://10.0.0.2:9000"


def test_a_worker_with_the_same_software_and_one_thread_is_taken() -> None:
    check_can_be_used(OURS, dict(OURS), 1, WHERE)


def test_a_worker_with_other_software_is_refused_and_told_what_differs() -> None:
    theirs = {"files": "4567", "python": "3.11.7"}
    with pytest.raises(UsageError) as refused:
        check_can_be_used(OURS, theirs, 1, WHERE)
    assert str(refused.value) == (
        f"The worker {WHERE} has other software than this machine: hclic's own files 4567 and here 0123, polars none"
        " and here 1.40.0. Install the same on every machine."
    )


def test_a_worker_that_would_make_two_runs_in_one_process_is_refused() -> None:
    with pytest.raises(UsageError, match=r"has 4 threads.*--nthreads 1"):
        check_can_be_used(OURS, dict(OURS), 4, WHERE)
