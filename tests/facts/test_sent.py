"""As sent: what happened after the quarter is masked with all that depends on it, and the rules hold still."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.run import writing
from pipelines.run.outcome import EXIT
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.transform import RECORDED, edition
from pipelines.validate import Context, validate
from pipelines.validate.checks import check_edition
from pipelines.validate.sent import fault_sentences, sent_faults
from schemas.rules import RULE
from schemas.sections import SECTIONS
from tests.transform.warehouse import LA, QUARTER, built, ref, rows_of

AS_AT = date(2026, 1, 20)
AFTER = date(2026, 1, 10)


def household(taduty: str, **sections: Any) -> duckdb.DuckDBPyConnection:
    """A household placed in November under a duty that something after the quarter brought about."""
    return built(
        as_at=AS_AT,
        main=[
            {
                "la_code": LA,
                "case_ref": 1,
                "application_date": date(2025, 10, 1),
                "assess_date": date(2025, 10, 1),
                "assess1": "relief",
            }
        ],
        **{
            "relief": [
                {
                    "case_ref": 1,
                    "relief_start": date(2025, 10, 1),
                    "relief_end": date(2025, 12, 1),
                    "relief_outcome": "elapsed_56",
                }
            ],
            **sections,
        },
        temporary_accommodation=[
            {
                "case_ref": 1,
                "placement_no": 1,
                "entry_date": date(2025, 11, 1),
                "ta_type": "psl",
                "ta_la": LA,
                "taduty": taduty,
            }
        ],
    )


def decided(decision: str, day: date = AFTER) -> list[dict[str, Any]]:
    return [{"case_ref": 1, "main_decision_date": day, "main_decision": decision, "pneed": "mental"}]


LATER = [
    ("s193_2", {"final_duties": decided("accepted")}),
    ("s190_2", {"final_duties": decided("intentional")}),
    (
        "s193c_4",
        {
            "relief": [
                {
                    "case_ref": 1,
                    "relief_start": date(2025, 12, 1),
                    "relief_end": AFTER,
                    "relief_outcome": "refused_coop",
                }
            ]
        },
    ),
    ("s188_3", {"reviews": [{"case_ref": 1, "review_no": 1, "review_requested_date": AFTER}]}),
    ("s189b_2", {"relief": [{"case_ref": 1, "relief_start": AFTER}]}),
]


@pytest.mark.parametrize(("taduty", "sections"), LATER, ids=[taduty for taduty, _ in LATER])
def test_a_duty_that_began_after_the_quarter_is_sent_as_the_interim_duty_with_a_warning(
    taduty: str, sections: dict[str, Any]
) -> None:
    con = household(taduty, **sections)
    assert rows_of(con, "select taduty from recorded.temporary_accommodation") == [(taduty,)]
    assert rows_of(con, "select taduty from sent.temporary_accommodation") == [("s188_1",)]
    with edition(con, RECORDED):
        found, _ = check_edition(con, [RULE["H-122"]])
    assert found["H-122"].select("case_ref", "severity").rows() == [(ref(1), "warning")]


def test_a_duty_that_began_on_the_last_day_is_sent_as_it_was_recorded() -> None:
    con = household("s193_2", final_duties=decided("accepted", QUARTER.last_day))
    assert rows_of(con, "select taduty from sent.temporary_accommodation") == [("s193_2",)]


def test_a_duty_that_nothing_brought_about_is_the_officers_to_mend() -> None:
    con = household("s193_2")
    assert rows_of(con, "select taduty from sent.temporary_accommodation") == [("s193_2",)]


def judged(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Rule and number of cases of every fault."""
    context = Context(authority=LA, quarter=QUARTER, as_at=AS_AT)
    sections = {section.name: con.sql(f"from recorded.{section.name}").pl() for section in SECTIONS}
    return sent_faults(con, validate(sections, context).findings, context).rows()


def test_the_rules_hold_for_what_is_sent_where_they_hold_for_what_was_recorded() -> None:
    assert judged(household("s193_2", final_duties=decided("accepted"))) == []


def test_a_rule_that_fails_only_as_sent_is_a_fault_of_ours_and_is_named() -> None:
    con = household("s193_2", final_duties=decided("accepted"))
    con.execute("update sent.temporary_accommodation set taduty = 's193_2'")
    assert judged(con) == [("L-13", 1)]
    (sentence,) = fault_sentences(con.sql("select 'L-13' as rule_id, 1::bigint as cases").pl())
    assert "Rule L-13" in sentence and "1 of them" in sentence and ref(1) not in sentence


def test_a_rule_that_fails_in_both_editions_is_the_officers_to_mend() -> None:
    con = household("s193_2", final_duties=decided("no_priority_need"))
    assert judged(con) == []


@pytest.mark.parametrize(
    ("relief", "found"),
    [(date(2025, 12, 20), []), (date(2025, 12, 31), []), (date(2026, 1, 1), ["N-01c"])],
    ids=["that day", "the last day", "the day after the quarter"],
)
def test_relief_dated_after_the_quarter_is_the_officers_to_mend_where_prevention_ended_homeless_in_it(
    relief: date, found: list[str]
) -> None:
    con = built(
        as_at=AS_AT,
        main=[
            {
                "la_code": LA,
                "case_ref": 1,
                "application_date": date(2025, 11, 1),
                "assess_date": date(2025, 11, 1),
                "assess1": "prevention",
            }
        ],
        prevention=[
            {
                "case_ref": 1,
                "prevention_start": date(2025, 11, 1),
                "prevention_end": date(2025, 12, 20),
                "prevention_outcome": "homeless",
            }
        ],
        relief=[{"case_ref": 1, "relief_start": relief}],
    )
    with edition(con, RECORDED):
        rows, _ = check_edition(con, [RULE["N-01a"], RULE["N-01c"]])
    assert sorted(rows) == found
    assert judged(con) == []


def test_a_fault_of_ours_ends_the_run_with_4_and_without_a_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_fault(*_: object) -> pl.DataFrame:
        return pl.DataFrame({"rule_id": ["L-13"], "cases": [2]})

    monkeypatch.setattr(writing, "sent_faults", one_fault)
    scenario = Path(__file__).parents[1] / "golden" / "ending-after-the-quarter-is-not-sent"
    request = Request(
        export=scenario / "input",
        authority=LA,
        quarter=Quarter(2025, 3),
        source="native",
        out=tmp_path / "out",
        started=datetime(2025, 10, 14, 9, 0, tzinfo=UTC),
        as_at=date(2025, 10, 14),
        pages=False,
    )
    ended = make(request)
    assert EXIT[ended.result] == 4
    assert not (ended.folder / "return").exists()
    assert (ended.folder / "tables" / "official.csv").exists()
