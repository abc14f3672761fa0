"""Rules on section 8 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from typing import Any

from schemas.rules._placements import MAIN, placement
from schemas.rules._rule import CASEWORK, ERROR, FIX, WARNING, RuleBook

rules = RuleBook("temporary_accommodation")

PREVENTION: dict[str, Any] = {"prevention_start": "2025-10-20", "prevention_end": "2025-12-01"}


def _on(entry_date: str | None, prevention: dict[str, Any] = PREVENTION, **main: Any) -> dict[str, Any]:
    return {
        "main": [{**MAIN, "assess1": "prevention", **main}],
        "prevention": [prevention],
        "temporary_accommodation": placement(entry_date),
    }


rules.sql(
    "V-04",
    "entry_date prevention.prevention_start prevention.prevention_end main.assess_date",
    "The household entered temporary accommodation while the prevention duty was open.",
    action="End the prevention duty before the placement (it normally ends homeless), or correct the entry date.",
    why="Prevention is owed to a household that still has a home. DELTA accepts a placement after it has ended, or between application and assessment, but not during it.",
    severity=ERROR,
    source="3.1 V-04 [S3]; legacy rows excepted 3.3",
    confidence="stated",
    passes=[
        _on("2025-10-20"),
        _on("2025-12-01"),
        _on("2025-11-01", legacy=True),
        _on("2025-11-01", application_date="2018-04-02"),
    ],
    fails=[
        _on("2025-11-01", application_date="2018-04-03"),
        _on("2025-10-21"),
        _on("2025-11-30"),
        _on("2025-12-24", {"prevention_start": "2025-10-20"}),
    ],
    nulls=[_on(None), _on("2025-10-21", {"prevention_start": None, "prevention_end": None})],
)


def _interim(
    entry_date: str | None, outcome: str | None, taduty: str | None = "s188_1", assess1: str = "prevention"
) -> dict[str, Any]:
    return {
        "main": [{**MAIN, "assess1": assess1}],
        "prevention": [{**PREVENTION, "prevention_outcome": outcome}] if assess1 == "prevention" else [],
        "temporary_accommodation": placement(entry_date, taduty),
    }


rules.sql(
    "V-05",
    "taduty main.assess1 prevention.prevention_outcome",
    "The placement is under an interim duty, but prevention is owed and has not failed.",
    action="Correct the duty of the placement, or record that prevention ended homeless or by a refusal.",
    why="Interim accommodation is for households that may be homeless (section 188). DELTA refuses it while prevention is owed and has not failed.",
    severity=ERROR,
    source="3.1 V-05 [S3]",
    confidence="stated",
    passes=[
        _interim("2025-12-01", "homeless"),
        _interim("2025-10-19", "secured_existing"),
        _interim("2025-10-20", "secured_existing"),
        _interim("2025-12-01", None, assess1="relief"),
        _interim("2025-12-01", "secured_existing", "s193_2"),
    ],
    fails=[
        _interim("2025-10-21", "secured_existing"),
        _interim("2025-12-01", "secured_existing"),
        _interim("2025-12-01", None, "s188_3"),
    ],
    nulls=[_interim("2025-12-01", None, None), _interim(None, "secured_existing")],
)

rules.sql(
    "L-01p",
    "entry_date main.application_date",
    "The household entered the placement before it applied.",
    action="Correct the entry or the application date; mark a case loaded without its history as legacy.",
    why="A household is placed because it has applied. An earlier entry lengthens its stay in every figure.",
    severity=ERROR,
    source="3.3 L-01 [L s183]; 2.10 Legacy case [P]",
    confidence="statute",
    passes=[
        {"main": [MAIN], "temporary_accommodation": placement("2025-10-06")},
        {"main": [{**MAIN, "legacy": True}], "temporary_accommodation": placement("2017-01-01")},
    ],
    fails=[{"main": [MAIN], "temporary_accommodation": placement("2025-10-05")}],
    nulls=[{"main": [{"application_date": None}], "temporary_accommodation": placement("2025-10-05")}],
)


def _decided(taduty: str | None, decision: str | None, exit_date: str | None = None, **main: Any) -> dict[str, Any]:
    return {
        "main": [{**MAIN, "assess1": "relief", **main}],
        "final_duties": [{"main_decision_date": "2025-12-15", "main_decision": decision}] if decision else [],
        "temporary_accommodation": placement("2025-10-21", taduty, exit_date=exit_date),
    }


rules.sql(
    "L-13",
    "taduty final_duties.main_decision",
    "The placement is under the main duty (section 193), but the main duty was not accepted.",
    action="Correct the duty of the placement, record the acceptance, or mark the case as legacy.",
    why="Accommodation under the main duty is owed once that duty has been accepted (section 193(2)). The household is counted under a duty that it is not owed.",
    severity=ERROR,
    source="3.3 L-13 as amended by 2.10 [L s193(2)]; 3.5",
    confidence="statute",
    passes=[
        _decided("s193_2", "accepted"),
        _decided("s195a_1", None),
        _decided("s193_2", None, legacy=True),
        _decided("s193_2", None, application_date="2018-04-02"),
        _decided("s193_2", "local_connection"),
        _decided("s193_2", None, referral="other_la"),
    ],
    fails=[
        _decided("s193_2", None),
        _decided("s193_2", None, application_date="2018-04-03"),
        _decided("s193_2", "intentional"),
    ],
    nulls=[_decided(None, None)],
)

rules.sql(
    "L-11",
    "taduty final_duties.main_decision",
    "The placement is for an intentionally homeless household (section 190), but the decision is another one.",
    action="Correct the duty of the placement or the decision.",
    why="This accommodation is for a household in priority need that is found homeless intentionally (section 190(2)). The decision says something else.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-11 [L s190]",
    confidence="statute",
    passes=[_decided("s190_2", "intentional"), _decided("s188_1", "accepted")],
    fails=[_decided("s190_2", "accepted")],
    nulls=[_decided("s190_2", None), _decided(None, "accepted")],
)

rules.sql(
    "L-12",
    "taduty exit_date final_duties.main_decision",
    "Interim accommodation (section 188) went on after the decision that there is no priority need was notified.",
    action="End the placement, or record the duty or power it continues under.",
    why="Interim accommodation is owed until the household has been told the decision (section 188). After that it needs another duty or power, or it has ended.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-12 [L s188]",
    confidence="statute",
    passes=[_decided("s188_1", "no_priority_need", "2025-12-15"), _decided("s188_3", "no_priority_need")],
    fails=[_decided("s188_1", "no_priority_need", "2025-12-16"), _decided("s188_1", "no_priority_need")],
    nulls=[_decided(None, "no_priority_need"), _decided("s188_1", None)],
)

rules.sql(
    "L-14",
    "taduty relief.relief_outcome",
    "The placement is under section 193C(4), for a refusal to co-operate, but relief did not end by a notice for refusal to co-operate.",
    action="Correct the duty of the placement, or the reason why relief ended.",
    why="This accommodation follows a notice that the household refused to co-operate (sections 193B and 193C). No such notice ended relief here.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-14 [L s193B-193C]",
    confidence="statute",
    passes=[
        {
            "main": [MAIN],
            "relief": [{"relief_outcome": "refused_coop"}],
            "temporary_accommodation": placement("2025-12-01", "s193c_4"),
        }
    ],
    fails=[
        {
            "main": [MAIN],
            "relief": [{"relief_outcome": "elapsed_56"}],
            "temporary_accommodation": placement("2025-12-01", "s193c_4"),
        },
        {"main": [MAIN], "temporary_accommodation": placement("2025-12-01", "s193c_4")},
    ],
    nulls=[
        {
            "main": [MAIN],
            "relief": [{"relief_outcome": "elapsed_56"}],
            "temporary_accommodation": placement("2025-12-01", None),
        }
    ],
)

rules.sql(
    "L-15d",
    "taduty main.local_connection",
    "The placement awaits a local connection referral, but the household has a local connection here.",
    action="Correct the duty of the placement or the local connection.",
    why="This accommodation is for the time of a referral to another council, which needs that there is no local connection here (sections 198 to 200).",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-15 [L s199A(2), s200(1)]",
    confidence="statute",
    passes=[_decided("s199a_2", None, local_connection="other_la_england"), _decided("s188_1", None)],
    fails=[_decided("s200_1", None, local_connection="residence")],
    nulls=[_decided("s199a_2", None, local_connection=None)],
)


rules.sql(
    "L-15f",
    "taduty main.local_connection",
    "The placement awaits a local connection referral, but the household has a local connection to no authority.",
    action="Correct the duty of the placement, or enter the local connection with the other authority.",
    why="This accommodation is for the time of a referral to another council, which needs a local connection there (sections 198 to 200).",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-15 [L s198(2), s199A(2), s200(1)]",
    confidence="statute",
    passes=[
        _decided("s200_1", None, local_connection="other_la_england"),
        _decided("s188_1", None, local_connection="none"),
    ],
    fails=[
        _decided("s200_1", None, local_connection="none"),
        _decided("s199a_2", None, local_connection="none"),
    ],
    nulls=[_decided("s199a_2", None, local_connection=None), _decided(None, None, local_connection="none")],
)


def _family(
    entry_date: str, pregnant: bool | None = None, dependent: bool | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "main": [MAIN],
        "people": [{"relationship": "other_child", "dependent": dependent, "pregnant": pregnant}],
        "temporary_accommodation": placement(entry_date, ta_type="bb", **more),
    }


def _in_turn(*stays: tuple[str, str | None]) -> dict[str, Any]:
    """A family in bed and breakfast for one period after the other: days of entry and exit."""
    rows = [{"entry_date": entry, "exit_date": left, "ta_type": "bb"} for entry, left in stays]
    return {"main": [MAIN], "people": [{"dependent": True}], "temporary_accommodation": rows}


rules.sql(
    "L-17a",
    "entry_date exit_date ta_type people.dependent people.pregnant",
    "A household with children or a pregnant member was past its 42 days in bed and breakfast in this quarter.",
    action="Move the household if it is still there. All its periods in bed and breakfast count together towards the six weeks, also those that have ended.",
    why="Bed and breakfast is not suitable for a family or a pregnant woman, save where there is nothing else, and then for six weeks in all (Suitability of Accommodation Order 2003). Who is there for longer is counted and published.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-17 [L Suitability Order 2003 arts 2-4]; 4.1 [T TA1 n.6]",
    confidence="statute",
    # Who enters on 18 November has been there for 43 days on 31 December, who enters on 19 August on 1 October.
    passes=[
        _family("2025-11-19", dependent=True),
        _family("2025-11-20", dependent=True),
        _family("2025-06-01"),
        _family("2025-11-01", dependent=True, exit_date="2025-12-12"),
        _family("2025-11-01", dependent=True, exit_date="2025-12-13"),
        # Over the limit and gone before the quarter, or on its first day: the quarter before names them.
        _family("2025-06-01", dependent=True, exit_date="2025-09-30"),
        _family("2025-08-18", dependent=True, exit_date="2025-10-01"),
        _in_turn(("2025-10-06", "2025-11-05"), ("2025-12-19", None)),
        _in_turn(("2025-10-06", "2025-11-05"), ("2025-12-10", "2025-12-22")),
        # The limit is passed only after the quarter.
        _in_turn(("2025-10-06", "2025-11-05"), ("2025-12-20", "2026-01-10")),
    ],
    fails=[
        _family("2025-11-18", dependent=True),
        _family("2025-11-17", dependent=True),
        _family("2025-11-18", pregnant=True),
        _family("2025-06-01", dependent=True, exit_date="2025-12-31"),
        _family("2025-11-01", dependent=True, exit_date="2025-12-14"),
        _family("2025-11-01", dependent=True, exit_date="2025-12-15"),
        # Passed on the quarter's first day, or the day before with a night in the quarter.
        _family("2025-08-19", dependent=True, exit_date="2025-10-01"),
        _family("2025-08-18", dependent=True, exit_date="2025-10-02"),
        # 30 + 13 days, still there and gone
        _in_turn(("2025-10-06", "2025-11-05"), ("2025-12-18", None)),
        _in_turn(("2025-10-06", "2025-11-05"), ("2025-12-10", "2025-12-23")),
    ],
    nulls=[_family("2025-11-18", dependent=None, pregnant=None)],
)


def _young(
    age: int | None, entry_date: str = "2025-12-01", exit_date: str | None = None, born: str | None = None
) -> dict[str, Any]:
    return {
        "main": [MAIN],
        "people": [{"relationship": "main_applicant", "age": age, "date_of_birth": born}],
        "temporary_accommodation": placement(entry_date, ta_type="bb", exit_date=exit_date),
    }


rules.sql(
    "L-17b",
    "entry_date exit_date ta_type people.date_of_birth people.age",
    "A main applicant of 16 or 17 is in bed and breakfast.",
    action="Move the applicant; guidance calls bed and breakfast unsuitable at that age.",
    why="The Code of Guidance calls bed and breakfast unsuitable for applicants of 16 and 17.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-17 [Code of Guidance]",
    confidence="statute",
    passes=[
        _young(18),
        _young(15),
        _young(17, exit_date="2025-12-31"),
        _young(17, "2026-01-01"),
        _young(None, born="2007-12-31"),
        _young(None, born="2010-01-01"),
    ],
    fails=[
        _young(17),
        _young(16),
        _young(17, exit_date="2026-01-01"),
        _young(17, "2025-12-31"),
        _young(None, born="2008-01-01"),
        _young(None, born="2009-12-31"),
    ],
    nulls=[_young(None)],
)

rules.sql(
    "L-21d",
    "main.eligibility",
    "The applicant is not eligible, but was placed in temporary accommodation.",
    action="Check the eligibility, and the duty or power the placement is made under.",
    why="Temporary accommodation is owed to eligible applicants only (section 185). Either the eligibility is wrong, or the placement has another ground.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-21 [L s185-186]",
    confidence="statute",
    passes=[_decided(None, None, eligibility="ilr")],
    fails=[_decided(None, None, eligibility="ineligible")],
    nulls=[_decided(None, None, eligibility=None)],
)
