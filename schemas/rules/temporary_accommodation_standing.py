"""Rules on section 8: does the placement still stand under its duty, and beside the others? The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from typing import Any

from schemas.rules._orphans import orphan_rule
from schemas.rules._placements import MAIN, placement
from schemas.rules._rule import CASEWORK, FIX, WARNING, RuleBook

rules = RuleBook("temporary_accommodation")


def _after(
    taduty: str | None,
    *,
    entry: str = "2025-10-21",
    left: str | None = None,
    assessed: str = "2025-10-20",
    **sections: Any,
) -> dict[str, Any]:
    return {
        "main": [{**MAIN, "assess1": "relief", "assess_date": assessed}],
        **sections,
        "temporary_accommodation": [{**row, "exit_date": left} for row in placement(entry, taduty)],
    }


ENDED_MAIN = [{"main_decision": "accepted", "main_decision_date": "2025-11-01", "main_duty_end": "2025-12-01"}]


def _ends_on(day: str) -> list[dict[str, Any]]:
    """Each duty under which somebody is placed, ended on the day: the quarter's last day counts, the one after not."""
    secured = [{"relief_end": day, "relief_outcome": "secured"}]
    return [
        _after("s193_2", final_duties=[{**ENDED_MAIN[0], "main_duty_end": day}]),
        _after("s189b_2", relief=secured),
        _after("s188_1", relief=secured),
        _after("s188_1", final_duties=[{"main_decision": "no_priority_need", "main_decision_date": day}]),
    ]


rules.sql(
    "L-26c",
    "entry_date exit_date taduty",
    "The household is still in temporary accommodation although the duty it was given under has ended.",
    action="Enter the exit date, or the duty under which the household stays.",
    why="As it stands, the household counts as living there under a duty that is over. If it has left, every figure of the quarter's last day has one household too many.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-26 [T TA3 n.5-6]; 4.1 TA3",
    confidence="label",
    passes=[
        _after("s193_2", final_duties=[{"main_decision": "accepted", "main_decision_date": "2025-11-01"}]),
        _after("s188_1", relief=[{"relief_end": "2025-12-15", "relief_outcome": "elapsed_56"}]),
        _after("s188_3", final_duties=ENDED_MAIN),
        *_ends_on("2026-01-01"),
        _after("s188_1", assessed="2026-01-01", relief=[{"relief_end": "2025-12-15", "relief_outcome": "secured"}]),
        *(
            _after("s188_1", final_duties=[{"main_decision": decision, "main_decision_date": "2025-12-15"}])
            for decision in ("intentional", "local_connection", "refused_coop")
        ),
        _after("s193_2", final_duties=ENDED_MAIN, left="2025-12-31"),
        _after("s193_2", final_duties=ENDED_MAIN, entry="2026-01-01"),
    ],
    fails=[
        _after("s193_2", final_duties=ENDED_MAIN),
        _after("s189b_2", relief=[{"relief_end": "2025-12-15", "relief_outcome": "secured"}]),
        _after("s188_1", relief=[{"relief_end": "2025-12-15", "relief_outcome": "secured"}]),
        _after("s188_1", final_duties=[{"main_decision": "no_priority_need", "main_decision_date": "2025-12-15"}]),
        *_ends_on("2025-12-31"),
        _after("s188_1", assessed="2025-12-31", relief=[{"relief_end": "2025-12-15", "relief_outcome": "secured"}]),
        _after("s188_1", final_duties=ENDED_MAIN),
        _after("s193_2", final_duties=ENDED_MAIN, left="2026-01-01"),
        _after("s193_2", final_duties=ENDED_MAIN, entry="2025-12-31"),
    ],
    nulls=[_after(None, final_duties=ENDED_MAIN), _after("s189b_2", relief=[{"relief_end": None}])],
)


def _overlap(first: str | None, second: str | None, entry_date: str | None = "2025-11-01") -> dict[str, Any]:
    return {
        "main": [MAIN],
        "temporary_accommodation": [
            {"entry_date": "2025-10-21", "exit_date": "2025-12-01", "ta_type": first},
            {"entry_date": entry_date, "ta_type": second},
        ],
    }


rules.sql(
    "L-26d",
    "entry_date exit_date ta_type",
    "Two placements of the same type overlap.",
    action="Check the exit date of the earlier one; overlapping placements are right only when the household is split.",
    why="A household that moves leaves the place before. Where both are open, an exit has often been forgotten; two at once are right only for a household that is split.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-26 [S4c]",
    confidence="stated",
    passes=[_overlap("bb", "bb", "2025-12-01"), _overlap("bb", "hostel")],
    fails=[_overlap("bb", "bb"), _overlap("bb", "bb", "2025-11-30")],
    nulls=[_overlap("bb", None), _overlap("bb", "bb", None)],
)

rules.sql(
    "N-10b",
    "entry_date exit_date ta_type",
    "Own arrangements overlap with a placement.",
    action="End one of them; a household with a placement is not making its own arrangements.",
    why="A household that the council accommodates makes no arrangements of its own. It is counted in the total by one entry, and outside it by the other.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-10 [T TA1]",
    confidence="label",
    passes=[_overlap("bb", "own", "2025-12-01"), _overlap("bb", "hostel")],
    fails=[_overlap("bb", "own"), _overlap("bb", "own", "2025-11-30")],
    nulls=[_overlap(None, "own"), _overlap("bb", "own", None)],
)


def _closed(relief_end: str, **more: Any) -> dict[str, Any]:
    """The last duty of the case ended on the day."""
    return _after(None, relief=[{"relief_end": relief_end, "relief_outcome": "secured"}], **more)


rules.sql(
    "H-109",
    "entry_date exit_date taduty relief.relief_end final_duties.main_decision",
    "The household is still in temporary accommodation although every duty of the case has ended.",
    action="Enter the exit date, or record the duty under which the household stays.",
    why="No duty of the case is open, yet the household counts as living in temporary accommodation. If it has left, every figure of the last day has one household too many.",
    severity=WARNING,
    finding_kind=FIX,
    source="1.6 [T]; 2.8.1 'Duty ended, remains accommodated' [T TA3]",
    confidence="label",
    passes=[
        _closed("2026-01-01"),
        _closed("2025-12-15", entry="2026-01-01"),
        _closed("2025-12-15", left="2025-12-31"),
        _after("s188_1", relief=[{"relief_start": "2025-10-20"}]),
        {
            "main": [{**MAIN, "assess1": "relief"}],
            "relief": [{"relief_end": "2025-12-15", "relief_outcome": "secured"}],
            "temporary_accommodation": placement("2025-10-21", exit_date="2025-12-15"),
        },
    ],
    fails=[
        _closed("2025-12-15"),
        _closed("2025-12-31"),
        _closed("2025-12-15", entry="2025-12-31"),
        _closed("2025-12-15", left="2026-01-01"),
    ],
    nulls=[_after(None, relief=[{"relief_end": None, "relief_outcome": None}])],
)

rules.sql(
    "N-07l",
    "taduty entry_date",
    "The duty or power under which the accommodation is provided was not in use on the day of entry.",
    action="Choose the duty that was in use; the power of section 189B(2) is reported from 18 May 2020.",
    why="Each duty or power can be given from the day on which the ministry began to ask for it. The household is counted under the one that is recorded.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07; 2.8.1 [S1b]",
    confidence="stated",
    passes=[{"main": [MAIN], "temporary_accommodation": placement("2020-05-18", "s189b_2")}],
    fails=[{"main": [MAIN], "temporary_accommodation": placement("2020-05-17", "s189b_2")}],
    nulls=[{"main": [MAIN], "temporary_accommodation": placement(None, "s189b_2")}],
)


def _named_late(decided: str | None, entry_date: str = "2025-11-01") -> dict[str, Any]:
    return {
        "main": [{**MAIN, "assess1": "relief"}],
        "relief": [{"relief_end": "2025-12-20", "relief_outcome": "elapsed_56"}],
        "final_duties": [{"main_decision": "accepted", "main_decision_date": decided}],
        "temporary_accommodation": placement(entry_date, "s193_2"),
    }


rules.sql(
    "H-122",
    "taduty final_duties.main_decision_date",
    "The placement names a duty that began after the quarter: it is sent under the interim duty, section 188(1).",
    action="Nothing to mend. The next quarter's return names the duty, once the event that began it lies in the quarter.",
    why="What happened after the quarter is not sent with it. On the quarter's last day the household was there under the duty to accommodate it in the meantime.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="design 3.7; 2.8.1 [T TA3]; Housing Act 1996 s188(1)",
    confidence="statute",
    passes=[_named_late("2025-12-31"), _named_late("2026-01-01", "2026-01-01")],
    fails=[_named_late("2026-01-01"), _named_late("2026-01-01", "2025-12-31")],
    nulls=[_named_late(None)],
)

orphan_rule(rules, "H-107", {"entry_date": "2025-12-01", "ta_type": "bb"})
