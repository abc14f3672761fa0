"""Findings of invented cases in the officer's words, for the tests of their page with and without a browser."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import polars as pl

from pipelines.emit.pages.findings import Page, Standing, Stories, tell
from pipelines.emit.pages.findings.columns import COLUMNS
from pipelines.period import Quarter
from pipelines.transform import RECORDED, build_facts, edition, load_sections, prepare
from tests.transform.warehouse import LA, ref, section_frame

QUARTER = Quarter(2025, 3)
AS_AT = date(2025, 9, 30)
MADE = datetime(2025, 10, 14, 9, 30, tzinfo=UTC)
CASE = ref(7)
RULES = (
    ("H-07", "fix", "The main reason for loss of the settled home is not recorded.", "Record the main reason."),
    ("H-80", "fix", "The assessment found a relief duty, but there is none.", "Enter the day on which it began."),
    ("L-16a", "casework", "The relief duty has lasted more than 56 days.", "Decide whether the main duty is owed."),
    ("N-04", "casework", "The household may have left.", "If they have left, enter the date; if not, leave it."),
    ("H-91", "tidy", "The telephone number is no number.", "Correct it when you next speak to them."),
)
WHY = "The return counts households by this, and a household without it is counted under none."
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "<!--<script>",
    "\"'><svg onload=alert(3)>&amp;{{ 7 * 7 }}{% raw %}${7}`",
    "a\u2028b\u2029c\x00d\u202ee",
    "javascript:alert(4)",
)


def sections() -> dict[str, pl.DataFrame]:
    """One case, a mother and a child, through relief into the main duty; and one that has only applied."""
    rows: dict[str, list[dict[str, Any]]] = {
        "main": [
            {
                "case_ref": 7,
                "la_code": LA,
                "application_date": date(2025, 3, 3),
                "assess_date": date(2025, 3, 10),
                "assess1": "relief",
            },
            {"case_ref": 8, "la_code": LA, "application_date": date(2025, 9, 1)},
        ],
        "people": [
            {
                "case_ref": 7,
                "person_no": 1,
                "forename": "Zoraida",
                "surname": "Quillfeather",
                "date_of_birth": date(1991, 4, 17),
                "nino": "QQ123456C",
                "relationship": "main_applicant",
            },
            {
                "case_ref": 7,
                "person_no": 2,
                "forename": "Peregrin",
                "surname": "Quillfeather",
                "date_of_birth": date(2019, 11, 23),
                "relationship": "dependent_child",
            },
        ],
        "relief": [
            {
                "case_ref": 7,
                "relief_start": date(2025, 3, 10),
                "relief_end": date(2025, 5, 5),
                "relief_outcome": "elapsed_56",
            }
        ],
        "final_duties": [
            {"case_ref": 7, "main_decision_date": date(2025, 5, 6), "main_decision": "accepted", "pneed": "children"}
        ],
        "temporary_accommodation": [
            {
                "case_ref": 7,
                "placement_no": 1,
                "entry_date": date(2025, 3, 12),
                "exit_date": date(2025, 6, 2),
                "ta_type": "bb",
                "exit_reason": "moved_ta",
                "site": "Flat 9, 4 Sorrel Way",
            },
            {"case_ref": 7, "placement_no": 2, "entry_date": date(2025, 6, 2), "ta_type": "psl"},
        ],
        "reviews": [
            {
                "case_ref": 7,
                "review_no": 1,
                "review_requested_date": date(2025, 6, 9),
                "decision_reviewed": "suitability",
                "review_outcome_date": date(2025, 7, 1),
                "review_outcome": "upheld",
            }
        ],
    }
    return {name: section_frame(name, section) for name, section in rows.items()}


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """The cases as recorded, with their facts."""
    con = duckdb.connect(":memory:", config={"threads": 1})
    load_sections(con, sections())
    prepare(con, run_id="run-1", la_code=LA, quarter=QUARTER, as_at=AS_AT)
    build_facts(con, RECORDED)
    return con


@cache
def stories() -> Stories:
    """Of the two cases."""
    with edition(connection(), RECORDED):
        return tell(connection(), [ref(7), ref(8), ref(9)])


def finding(number: int = 0, **values: Any) -> dict[str, Any]:
    """One line of the officer's frame, with values of its own."""
    rule_id, kind, what, todo = RULES[number % len(RULES)]
    return {
        "finding_id": f"{number:016x}",
        "rule_id": rule_id,
        "kind": kind,
        "blocks": False,
        "officer": "HO07",
        "team": "Relief",
        "your_reference": "HC/7",
        "case_ref": CASE,
        "what": what,
        "todo": todo,
        "recorded": None,
        "in_return": "Yes",
        "since": date(2025, 9, 1),
        "state": "open",
        "note": None,
        "link": None,
        "count": 1,
        "place": f"main.csv, row {number + 2}",
        "rule_page": f"rules.html#{rule_id}",
        **values,
    }


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS)


def many(count: int = 300, seed: int = 5) -> pl.DataFrame:
    """Findings on forty cases, drawn by chance; about one in eight of those to fix blocks."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        case = draw.randrange(1, 41)
        kind = RULES[number % len(RULES)][1]
        rows.append(
            finding(
                number,
                blocks=kind == "fix" and draw.random() < 0.12,
                officer=draw.choice(["A Khan", "B Osei", "HO07", None]),
                team=draw.choice(["Prevention", "Relief", None]),
                case_ref=ref(case),
                your_reference=f"HC/{case}",
                recorded=draw.choice(["Assessed on 3 July 2025", "Entered 12 September 2025", None]),
                in_return=draw.choice(["Yes", "No", "May be"]),
                since=AS_AT - timedelta(days=draw.choice([0, 1, 6, 7, 27, 28, 90, 91, 400])),
                state=draw.choice(["new", "open", "open", "come back", "waived"]),
                note=draw.choice([None, None, "Asked the landlord on Monday"]),
                link=f"https://cases.example/{case}",
                count=draw.choice([1, 1, 1, 12]),
            )
        )
    return frame(rows)


def runs(days: int = 5) -> pl.DataFrame:
    """Counts of daily runs, the last on the day of the export."""
    rows = [
        {
            "run_id": f"run-{number}",
            "quarter": str(QUARTER),
            "as_at": AS_AT - timedelta(days=days - 1 - number),
            "result": "blocked",
            "kind": kind,
            "state": state,
            "findings": 10 * (number + 1) + place,
        }
        for number in range(days)
        for place, kind in enumerate(("fix", "casework", "tidy"))
        for state in ("new", "open", "waived")
    ]
    last = {**rows[-1], "kind": "fix", "state": "resolved", "findings": 7}
    return pl.DataFrame([*rows, last])


def page(findings: pl.DataFrame, **values: Any) -> Page:
    """The page of a blocked run with these findings."""
    given = {
        "la_code": LA,
        "quarter": QUARTER,
        "as_at": AS_AT,
        "standing": Standing("blocked", errors=12, cases=9),
        "findings": findings,
        "resolved": frame([]),
        "runs": runs(),
        "stories": stories(),
        "made": MADE,
        "software_version": "0.0",
        "changes": ("3 new, 12 still open, 41 resolved since Monday 29 September.",),
        "reasons": {rule_id: WHY for rule_id, *_ in RULES},
        **values,
    }
    return Page(**given)


def hostile() -> pl.DataFrame:
    """A line for each hostile text, which stands in every column of text, and a line that is as it should be."""
    texts = [
        name for name, kind in COLUMNS.items() if kind == pl.String() and name not in ("kind", "state", "finding_id")
    ]
    rows = [
        finding(number, finding_id=f"h{number}", **{name: f"{text}" for name in texts})
        for number, text in enumerate(HOSTILE)
    ]
    return frame([*rows, finding(1)])
