"""Counting finished rows again: the same cells as a warehouse gives, whoever was counted before."""

from __future__ import annotations

import pytest

from pipelines.emit.tables.build import compute_tables
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.synthesise import synthesise
from pipelines.synthesise.recount import Recounter, recount
from pipelines.transform import build
from tests.synthesise.caseload import row_of
from tests.transform.warehouse import RUN, in_memory, load

RUTLAND, MELTON = "E06000017", "E07000133"
Q2, Q3 = Quarter(2025, 2), Quarter(2025, 3)


def test_a_recount_is_what_a_warehouse_gives_also_after_another_authority_and_quarter() -> None:
    rutland = synthesise([row_of(str(Q2), RUTLAND), row_of(str(Q3), RUTLAND)], RUTLAND, 1)
    melton = synthesise([row_of(str(Q3), MELTON)], MELTON, 1)
    con = in_memory()
    load(con, rutland.sections)
    build(con, run_id=RUN, la_code=RUTLAND, quarter=Q2, as_at=Q2.last_day)
    stored = compute_tables(con)
    with Recounter() as recounter:
        first = recounter.recount(rutland.sections, RUTLAND, [Q2, Q3])
        other = recounter.recount(melton.sections, MELTON, [Q3])
        again = recounter.recount(rutland.sections, RUTLAND, [Q3, Q2])
    assert list(first) == [Q2, Q3]
    assert first[Q2].equals(stored)
    assert again[Q2].equals(stored)
    assert again[Q3].equals(first[Q3])
    assert other[Q3]["la_code"].unique().to_list() == [MELTON]
    assert recount(melton.sections, MELTON, [Q3])[Q3].equals(other[Q3])


def test_a_quarter_before_the_first_published_one_is_refused() -> None:
    with pytest.raises(UsageError):
        recount({}, RUTLAND, [Quarter(2018, 1)])
