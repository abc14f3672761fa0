"""Rules on section 6 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from datetime import date
from typing import Any

from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import CASEWORK, ERROR, FIX, WARNING, RuleBook
from schemas.rules._why import NOT_ELIGIBLE, OLD_CODE

rules = RuleBook("final_duties")

ACCEPTED = {"main_decision_date": "2025-12-01", "main_decision": "accepted", "pneed": "children"}
MAIN: dict[str, Any] = {"application_date": "2025-10-06", "assess_date": "2025-10-06"}

rules.sql(
    "V-09c",
    "main_decision_date main.application_date",
    "The main duty decision is dated before the application.",
    action="Correct the decision date or the application date.",
    why="A decision cannot be older than the application it decides on. DELTA refuses a case in which it comes first.",
    severity=ERROR,
    source="3.1 V-09 [S3b]",
    confidence="stated",
    passes=[
        {"main": [MAIN], "final_duties": [ACCEPTED]},
        {"main": [{"application_date": "2025-12-01"}], "final_duties": [ACCEPTED]},
    ],
    fails=[{"main": [{"application_date": "2025-12-02"}], "final_duties": [ACCEPTED]}],
    nulls=[{"main": [{"application_date": None}], "final_duties": [ACCEPTED]}],
)

rules.sql(
    "L-01k",
    "main_decision_date main.assess_date",
    "The main duty decision is dated before the assessment.",
    action="Correct the decision date or the assessment date.",
    why="The council first assesses what a household is owed; the decision on the main duty comes after. The day of the decision says in which quarter it is counted.",
    severity=ERROR,
    source="3.3 L-01 [L s184]",
    confidence="statute",
    passes=[
        {"main": [MAIN], "final_duties": [ACCEPTED]},
        {"main": [{"assess_date": "2025-12-01"}], "final_duties": [ACCEPTED]},
    ],
    fails=[{"main": [{"assess_date": "2025-12-02"}], "final_duties": [ACCEPTED]}],
    nulls=[{"main": [{"assess_date": None}], "final_duties": [ACCEPTED]}],
)

rules.sql(
    "L-10c",
    "main_decision_date relief.relief_end",
    "The main duty was accepted before the relief duty ended.",
    action="Correct the decision date or the end of the relief duty; the main duty starts when relief has ended.",
    why="The main duty begins when relief has ended (section 193(1)). As it stands, both are owed at the same time.",
    severity=ERROR,
    source="3.3 L-10 [L s193(1)]",
    confidence="statute",
    passes=[{"main": [MAIN], "relief": [{"relief_end": "2025-12-01"}], "final_duties": [ACCEPTED]}],
    fails=[{"main": [MAIN], "relief": [{"relief_end": "2025-12-02"}], "final_duties": [ACCEPTED]}],
    nulls=[{"main": [MAIN], "relief": [{"relief_end": None}], "final_duties": [ACCEPTED]}],
)

rules.sql(
    "L-10d",
    "main_decision relief.relief_end",
    "The main duty was accepted, but the relief duty is still open.",
    action="Enter when and why the relief duty ended.",
    why="The main duty begins when relief has ended (section 193(1)). Until an end is entered, the household is counted as owed both.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-10 [L s193(1)]",
    confidence="statute",
    passes=[{"main": [MAIN], "relief": [{"relief_end": "2025-12-01"}], "final_duties": [ACCEPTED]}],
    fails=[{"main": [MAIN], "relief": [{"relief_start": "2025-10-06"}], "final_duties": [ACCEPTED]}],
    nulls=[{"main": [MAIN], "relief": [{"relief_start": "2025-10-06"}], "final_duties": [{"main_decision": None}]}],
)

rules.sql(
    "L-21c",
    "main_decision main.eligibility main.assess1",
    "The applicant is not eligible, but the main duty was accepted.",
    action="Correct the eligibility or the decision.",
    why=NOT_ELIGIBLE,
    severity=ERROR,
    source="3.3 L-21, L-10 [L s185-186, s193(1)]",
    confidence="statute",
    passes=[
        {"main": [{"eligibility": "ilr"}], "final_duties": [ACCEPTED]},
        {"main": [{"eligibility": "ineligible"}], "final_duties": [{**ACCEPTED, "main_duty_outcome": "ineligible"}]},
    ],
    fails=[{"main": [{"eligibility": "ineligible"}], "final_duties": [ACCEPTED]}],
    nulls=[{"main": [{"eligibility": None}], "final_duties": [ACCEPTED]}],
)

rules.sql(
    "N-02b",
    "main_decision prevention.prevention_outcome",
    "Prevention ended in a way that closes the case, but a main duty decision follows.",
    action="Check why prevention ended; add the relief duty if the household became homeless.",
    why="By the ministry's notes only homelessness or a refusal leads on from prevention; every other ending closes the case. The reason is wrong, or a relief duty is missing.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-02 [T P1 n.3]",
    confidence="label",
    passes=[{"main": [MAIN], "prevention": [{"prevention_outcome": "homeless"}], "final_duties": [ACCEPTED]}],
    fails=[{"main": [MAIN], "prevention": [{"prevention_outcome": "contact_lost"}], "final_duties": [ACCEPTED]}],
    nulls=[{"main": [MAIN], "prevention": [{"prevention_outcome": None}], "final_duties": [ACCEPTED]}],
)

rules.sql(
    "N-03b",
    "main_decision relief.relief_outcome",
    "There is a main duty decision, but relief ended in a way after which none is due.",
    action="Check why relief ended; a decision follows when 56 days have elapsed, or on a refusal, non-co-operation or intentionality.",
    why="A decision on the main duty follows relief that lasted its 56 days, a refusal or a finding of intentional homelessness. After any other ending the case is closed.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-03 [T R1 n.3]; 3.5 (broken in 143 of 182 authorities)",
    confidence="label",
    passes=[
        {"main": [MAIN], "relief": [{"relief_outcome": "elapsed_56"}], "final_duties": [ACCEPTED]},
        {"main": [MAIN], "relief": [{"relief_outcome": "refused_coop"}], "final_duties": [ACCEPTED]},
        # A case of before 3 April 2018 is one of the older law.
        {
            "main": [{"application_date": "2018-04-02"}],
            "relief": [{"relief_outcome": "secured"}],
            "final_duties": [ACCEPTED],
        },
        {"main": [{"legacy": True}], "relief": [{"relief_outcome": "secured"}], "final_duties": [ACCEPTED]},
    ],
    fails=[
        {"main": [MAIN], "relief": [{"relief_outcome": "secured"}], "final_duties": [ACCEPTED]},
        {
            "main": [{"application_date": "2018-04-03"}],
            "relief": [{"relief_outcome": "secured"}],
            "final_duties": [ACCEPTED],
        },
    ],
    nulls=[{"main": [MAIN], "relief": [{"relief_outcome": None}], "final_duties": [ACCEPTED]}],
)

rules.sql(
    "N-04",
    "main_decision",
    "There is a main duty decision without a relief duty before it.",
    action="Add the relief duty, or mark the case as legacy if it was opened before 3 April 2018.",
    why="Since 3 April 2018 a decision on the main duty follows relief. Without it nothing says how the household came to need the decision.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-04 [T Contents n.3]; 2.10 Legacy case [P]",
    confidence="label",
    passes=[
        {"main": [MAIN], "relief": [{"relief_outcome": "elapsed_56"}], "final_duties": [ACCEPTED]},
        {"main": [{"application_date": "2018-04-02"}], "final_duties": [ACCEPTED]},
        {"main": [{"legacy": True}], "final_duties": [ACCEPTED]},
    ],
    fails=[
        {"main": [MAIN], "final_duties": [ACCEPTED]},
        {"main": [{"application_date": "2018-04-03"}], "final_duties": [ACCEPTED]},
    ],
    nulls=[{"main": [{"legacy": None, "application_date": None}]}],
)

rules.sql(
    "N-09",
    "pneed people.dependent",
    "The household has dependent children, but another priority need is reported.",
    action="Report 'household includes dependent children' as the priority need.",
    why="The ministry asks for dependent children ahead of any other priority need, and publishes apart how many households with children are reported otherwise.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-09 [T MD3 n.4]; 3.5 (about one in nine)",
    confidence="label",
    passes=[{"main": [MAIN], "people": [{"dependent": True}], "final_duties": [ACCEPTED]}],
    fails=[{"main": [MAIN], "people": [{"dependent": True}], "final_duties": [{**ACCEPTED, "pneed": "mental"}]}],
    nulls=[
        {"main": [MAIN], "people": [{"dependent": None}], "final_duties": [{**ACCEPTED, "pneed": "mental"}]},
        {"main": [MAIN], "people": [{"dependent": True}], "final_duties": [{**ACCEPTED, "pneed": None}]},
    ],
)

rules.sql(
    "H-92",
    "pneed people.dependent people.pregnant",
    "The priority need is children or pregnancy, but the household has no such member.",
    action="Add the child, or record the pregnancy, or correct the priority need.",
    why="The household is in priority need for somebody who is not among its people. It is counted by that need, and among households without such a member.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.6.2 [H MD3]",
    confidence="hidden label",
    passes=[
        {"main": [MAIN], "people": [{"dependent": True}], "final_duties": [ACCEPTED]},
        {"main": [MAIN], "people": [{"pregnant": True}], "final_duties": [{**ACCEPTED, "pneed": "pregnant"}]},
    ],
    fails=[
        {"main": [MAIN], "people": [{"relationship": "main_applicant"}], "final_duties": [ACCEPTED]},
        {
            "main": [MAIN],
            "people": [{"relationship": "main_applicant"}],
            "final_duties": [{**ACCEPTED, "pneed": "pregnant"}],
        },
    ],
    nulls=[
        {"main": [MAIN], "people": [{"relationship": "main_applicant"}], "final_duties": [{**ACCEPTED, "pneed": None}]},
        {"main": [MAIN], "final_duties": [ACCEPTED]},
    ],
)


def _applicant(
    age: int | None, pneed: str | None = None, decision: str = "accepted", born: str | None = None
) -> dict[str, Any]:
    return {
        "main": [MAIN],
        "people": [{"relationship": "main_applicant", "age": age, "date_of_birth": born}],
        "final_duties": [{**ACCEPTED, "main_decision": decision, "pneed": pneed}],
    }


def _undecided(pneed: str, born: str) -> dict[str, Any]:
    """The day of the decision is not known, so neither is the age on it."""
    example = _applicant(None, pneed, born=born)
    return {**example, "final_duties": [{"main_decision": "accepted", "pneed": pneed}]}


rules.sql(
    "V-07a",
    "pneed main_decision_date people.date_of_birth people.age",
    "The priority need is old age, but the main applicant was under 60 on the day of the decision.",
    action="Leave the case as it is: MHCLG told authorities to ignore this message.",
    why="The ministry was looking into this check of its own in 2025 and told councils to leave such cases. It is shown so that nobody wonders what DELTA means.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.1 V-07 [S3]",
    confidence="stated",
    status="known-wrong",
    note="MHCLG was investigating this rule in 2025 and told authorities to ignore the message; it never blocks.",
    passes=[_applicant(60, "old_age"), _applicant(30, "mental"), _applicant(None, "old_age", born="1965-12-01")],
    fails=[_applicant(59, "old_age"), _applicant(None, "old_age", born="1965-12-02")],
    nulls=[_applicant(None, "old_age"), _applicant(59, None), _undecided("old_age", "1990-01-01")],
)

rules.sql(
    "V-07b",
    "pneed main_decision_date people.date_of_birth people.age",
    "The priority need is an applicant aged 16 or 17, but the main applicant was of another age on the day of the decision.",
    action="Leave the case as it is: MHCLG told authorities to ignore this message.",
    why="The ministry was looking into this check of its own in 2025 and told councils to leave such cases. It is shown so that nobody wonders what DELTA means.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.1 V-07 [S3]",
    confidence="stated",
    status="known-wrong",
    note="MHCLG was investigating this rule in 2025 and told authorities to ignore the message; it never blocks.",
    passes=[
        _applicant(17, "young_16_17"),
        _applicant(30, "mental"),
        _applicant(None, "young_16_17", born="2007-12-02"),
        _applicant(None, "young_16_17", born="2009-12-01"),
    ],
    fails=[
        _applicant(18, "young_16_17"),
        _applicant(None, "young_16_17", born="2007-12-01"),
        _applicant(None, "young_16_17", born="2009-12-02"),
    ],
    nulls=[_applicant(None, "young_16_17"), _applicant(18, None), _undecided("young_16_17", "1990-01-01")],
)

rules.sql(
    "L-22b",
    "main_decision main_decision_date people.date_of_birth people.age",
    "The main applicant was 16 or 17 on the day of the decision that there is no priority need.",
    action="Check the age and the decision; a 16 or 17-year-old has priority need unless children's services owe a duty.",
    why="An applicant of 16 or 17 is in priority need unless children's services owe a duty (Priority Need Order 2002). If the age is right, the decision may not be.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-22 [L Priority Need Order 2002]",
    confidence="statute",
    passes=[
        _applicant(17),
        _applicant(18, None, "no_priority_need"),
        _applicant(None, None, "no_priority_need", born="2007-12-01"),
        _applicant(None, None, "no_priority_need", born="2009-12-02"),
    ],
    fails=[
        _applicant(17, None, "no_priority_need"),
        _applicant(None, None, "no_priority_need", born="2007-12-02"),
        _applicant(None, None, "no_priority_need", born="2009-12-01"),
    ],
    nulls=[
        _applicant(None, None, "no_priority_need"),
        {**_applicant(None, born="2008-12-01"), "final_duties": [{"main_decision": "no_priority_need"}]},
    ],
)

rules.sql(
    "L-22c",
    "pneed main_decision_date people.date_of_birth people.age",
    "The priority need is old age, but nobody in the household was 60 or over on the day of the decision.",
    action="Check the priority need and the ages of the household.",
    why="Old age as a priority need is hardly to be expected under 60. Either the reason or an age is wrong, and decisions are counted by the reason.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-22 [L Priority Need Order 2002]",
    confidence="statute",
    passes=[_applicant(60, "old_age"), _applicant(30, "mental"), _applicant(None, "old_age", born="1965-12-01")],
    fails=[_applicant(59, "old_age"), _applicant(None, "old_age", born="1965-12-02")],
    nulls=[_applicant(None, "old_age"), _applicant(59, None), _undecided("old_age", "1990-01-01")],
)

rules.sql(
    "L-23g",
    "pneed main_decision_date people.date_of_birth people.age",
    "The priority need is a care leaver aged 18 to 20, but nobody in the household was of that age on the day of the decision.",
    action="Check the priority need and the ages; the person may be missing from the household.",
    why="This priority need is for care leavers of 18 to 20. Either the person is missing from the household, or the reason or an age is wrong.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-23 [labels]; 2.6.2 [I]",
    confidence="label",
    relation="L-23",
    passes=[
        _applicant(20, "care_18_20"),
        _applicant(30, "mental"),
        _applicant(None, "care_18_20", born="2007-12-01"),
        _applicant(None, "care_18_20", born="2004-12-02"),
    ],
    fails=[
        _applicant(30, "care_18_20"),
        _applicant(None, "care_18_20", born="2007-12-02"),
        _applicant(None, "care_18_20", born="2004-12-01"),
    ],
    nulls=[_applicant(None, "care_18_20"), _applicant(30, None), _undecided("care_18_20", "1990-01-01")],
)


def _without_need(applied: str | None, reason: str | None) -> dict[str, Any]:
    return {
        "main": [{"application_date": applied, "reasonloss": reason}],
        "final_duties": [{**ACCEPTED, "main_decision": "no_priority_need", "pneed": None}],
    }


rules.sql(
    "L-24",
    "main_decision main.reasonloss",
    "The home was lost through domestic abuse to its victim, but the decision is that there is no priority need.",
    action="Check the decision: since 5 July 2021 a victim of domestic abuse has priority need without a test of vulnerability.",
    why="Somebody who is homeless because of domestic abuse is in priority need without further test (section 189(1)(e), for applications since 5 July 2021).",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-24 [L s189(1)(e), Domestic Abuse Act 2021 s78]; codes that mean a victim: column of the code list",
    confidence="statute",
    valid_from=date(2021, 7, 5),
    valid_by="application_date",
    passes=[
        {"main": [{**MAIN, "reasonloss": "da_victim"}], "final_duties": [ACCEPTED]},
        _without_need("2021-07-04", "da_victim"),
        # The code before April 2023 covers victim and perpetrator alike.
        _without_need("2021-07-05", "da"),
        _without_need("2025-10-06", "da_perpetrator"),
    ],
    fails=[_without_need("2021-07-05", "da_victim"), _without_need("2025-10-06", "da_victim")],
    nulls=[_without_need("2025-10-06", None), _without_need(None, "da_victim")],
)

rules.sql(
    "N-07p",
    "main_accom main.assess_date",
    "The accommodation at the end of the main duty was not in use on the day of the assessment.",
    action="Choose the answer that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A4]",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-03-31"}], "final_duties": [{"main_accom": "nfa"}]}],
    fails=[{"main": [{"assess_date": "2023-04-01"}], "final_duties": [{"main_accom": "nfa"}]}],
    nulls=[{"main": [{"assess_date": None}], "final_duties": [{"main_accom": "nfa"}]}],
)

orphan_rule(rules, "H-84", ACCEPTED)
