"""Rules on section 5 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from typing import Any

from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import CASEWORK, ERROR, FIX, WARNING, RuleBook
from schemas.rules._why import BEFORE_APPLIED, BEFORE_ASSESSED, NOT_ELIGIBLE, OLD_CODE

rules = RuleBook("relief")

RELIEF = {"relief_start": "2025-11-06"}

rules.sql(
    "V-09b",
    "relief_start main.application_date",
    "The relief duty starts before the application.",
    action="Correct the start of the duty or the application date.",
    why=BEFORE_APPLIED,
    severity=ERROR,
    source="3.1 V-09 [S3b]",
    confidence="stated",
    passes=[{"main": [{"application_date": "2025-11-06"}], "relief": [RELIEF]}],
    fails=[{"main": [{"application_date": "2025-11-07"}], "relief": [RELIEF]}],
    nulls=[{"main": [{"application_date": None}], "relief": [RELIEF]}],
)

rules.sql(
    "L-01h",
    "relief_start main.assess_date",
    "The relief duty starts before the assessment.",
    action="Correct the start of the duty or the assessment date.",
    why=BEFORE_ASSESSED,
    severity=ERROR,
    source="3.3 L-01 [L s184, s189B]",
    confidence="statute",
    passes=[{"main": [{"assess_date": "2025-11-06"}], "relief": [RELIEF]}],
    fails=[{"main": [{"assess_date": "2025-11-07"}], "relief": [RELIEF]}],
    nulls=[{"main": [{"assess_date": None}], "relief": [RELIEF]}],
)

rules.sql(
    "N-01a",
    "prevention.prevention_outcome",
    "Prevention ended homeless, but there is no relief duty.",
    action="Add the relief duty, which starts on the day prevention ended.",
    why="A household whose prevention ended homeless is owed relief from then on. Without it the figures lose the household between two duties.",
    severity=ERROR,
    source="3.2 N-01 [T P1 n.3]",
    confidence="label",
    passes=[{"main": [{}], "prevention": [{"prevention_outcome": "homeless"}], "relief": [RELIEF]}],
    fails=[{"main": [{}], "prevention": [{"prevention_outcome": "homeless"}]}],
    nulls=[{"main": [{}], "prevention": [{"prevention_outcome": None}]}],
)

rules.sql(
    "N-01b",
    "relief_start prevention.prevention_end",
    "Prevention ended homeless, but relief does not start on that day.",
    action="Check both dates; the relief duty starts when prevention ends homeless.",
    why="A household whose prevention ended homeless is owed relief from that day on. Another day leaves a gap, or both duties on one day.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-01 [T P1 n.3]",
    confidence="label",
    passes=[
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": "2025-11-06"}],
            "relief": [RELIEF],
        }
    ],
    fails=[
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": "2025-11-05"}],
            "relief": [RELIEF],
        }
    ],
    nulls=[
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": None}],
            "relief": [RELIEF],
        }
    ],
)

rules.sql(
    "N-01c",
    "relief_start prevention.prevention_end",
    "Prevention ended homeless in the quarter, but relief is dated after it: the return would hold no relief duty.",
    action="Check both dates; the relief duty starts when prevention ends homeless.",
    why="A duty that begins after the quarter is not sent with it. The return would show a household that became homeless and is owed nothing.",
    severity=ERROR,
    source="3.2 N-01 [T P1 n.3]",
    confidence="label",
    passes=[
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": "2025-12-31"}],
            "relief": [{"relief_start": "2025-12-31"}],
        },
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": "2026-01-01"}],
            "relief": [{"relief_start": "2026-01-01"}],
        },
    ],
    fails=[
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": "2025-12-31"}],
            "relief": [{"relief_start": "2026-01-01"}],
        }
    ],
    nulls=[
        {
            "main": [{}],
            "prevention": [{"prevention_outcome": "homeless", "prevention_end": None}],
            "relief": [{"relief_start": "2026-01-01"}],
        }
    ],
)

rules.sql(
    "N-02a",
    "prevention.prevention_outcome relief_start",
    "Prevention ended in a way that closes the case, but a relief duty follows.",
    action="Check why prevention ended; only homeless or a refusal leads on to relief.",
    why="By the ministry's notes only homelessness or a refusal leads on from prevention; every other ending closes the case. The reason or the relief duty is wrong.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-02 [T P1 n.3]",
    confidence="label",
    passes=[{"main": [{}], "prevention": [{"prevention_outcome": "refused_coop"}], "relief": [RELIEF]}],
    fails=[{"main": [{}], "prevention": [{"prevention_outcome": "secured_existing"}], "relief": [RELIEF]}],
    nulls=[{"main": [{}], "prevention": [{"prevention_outcome": None}], "relief": [RELIEF]}],
)

rules.sql(
    "N-03a",
    "relief_outcome final_duties.main_decision",
    "Relief ended because 56 days elapsed, but there is no main duty decision.",
    action="Make and record the decision on the duty owed next.",
    why="When the 56 days of relief have passed, the council decides whether the main duty is owed. The household is waiting for that decision.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.2 N-03 [T R1 n.3]; 3.5",
    confidence="label",
    passes=[
        {
            "main": [{}],
            "relief": [{"relief_outcome": "elapsed_56"}],
            "final_duties": [{"main_decision": "no_priority_need"}],
        },
        {"main": [{}], "relief": [{"relief_outcome": "secured"}]},
    ],
    fails=[{"main": [{}], "relief": [{"relief_outcome": "elapsed_56"}]}],
    nulls=[{"main": [{}], "relief": [{"relief_outcome": None}]}],
)

rules.sql(
    "H-80",
    "main.assess1",
    "The assessment found a relief duty, but no relief duty is recorded.",
    action="Add the relief duty, or correct the assessment outcome.",
    why="The assessment alone has no start and no end of a duty. Without its own entry the duty is missing from every figure on relief.",
    severity=ERROR,
    source="1.1: section 5 when owed [S2]; 2.1.1 [H A1]",
    confidence="stated",
    passes=[{"main": [{"assess1": "relief"}], "relief": [RELIEF]}],
    fails=[{"main": [{"assess1": "relief"}]}],
    nulls=[{"main": [{"assess1": None}]}],
)

rules.sql(
    "H-81",
    "main.assess1 relief_start",
    "There is a relief duty, but neither the assessment nor the end of prevention led to one.",
    action="Correct the assessment outcome, add the prevention duty, or remove the relief duty.",
    why="Relief is owed either from the assessment on or after prevention. Here neither says why it is owed.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1.1 [T A1 n.4]; 3.2 N-01, N-02",
    confidence="label",
    passes=[
        {"main": [{"assess1": "relief"}], "relief": [RELIEF]},
        {
            "main": [{"assess1": "prevention"}],
            "prevention": [{"prevention_end": "2025-11-06"}],
            "relief": [RELIEF],
        },
    ],
    fails=[
        {"main": [{"assess1": "not_threatened_56"}], "relief": [RELIEF]},
        {"main": [{"assess1": "prevention"}], "relief": [RELIEF]},
    ],
    nulls=[{"main": [{"assess1": None}], "relief": [RELIEF]}],
)


def _referred(need: str | None = None, at_relief: bool = True, **main: Any) -> dict[str, Any]:
    """A household referred to another authority at the relief stage, or by the decision after it."""
    stage = {"relief": [{"relief_outcome": "local_connection"}]}
    decided = {"final_duties": [{"main_decision": "local_connection"}]}
    needs = {"support_needs": [{"support_need": need}]} if need else {}
    return {"main": [main], **needs, **(stage if at_relief else decided)}


rules.sql(
    "L-15b",
    "relief_outcome final_duties.main_decision main.local_connection",
    "The household was referred to another authority although it has a local connection here.",
    action="Check the local connection; a household connected here cannot be referred.",
    why="Only a household without a local connection here can be referred elsewhere (section 198(2)). The referral or the connection is wrong.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-15 [L s198(2)]",
    confidence="statute",
    passes=[
        _referred(local_connection="other_la_england"),
        {"main": [{"local_connection": "residence"}], "relief": [{"relief_outcome": "secured"}]},
    ],
    fails=[_referred(local_connection="residence"), _referred(local_connection="residence", at_relief=False)],
    nulls=[_referred(local_connection=None)],
)

rules.sql(
    "L-15c",
    "relief_outcome final_duties.main_decision main.reasonloss support_needs.support_need",
    "A household with a victim of domestic abuse was referred to another authority.",
    action="Check that nobody would be at risk of domestic abuse or violence in the other district.",
    why="A household must not be referred to a place where one of its members would be at risk of domestic abuse or other violence (section 198(2)).",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-15 [L s198(2)]; codes that mean a victim: column of the code list",
    confidence="statute",
    passes=[
        _referred(reasonloss="family_friends"),
        # The code before April 2023 covers victim and perpetrator alike.
        _referred(reasonloss="da"),
        _referred(reasonloss="da_perpetrator"),
        {"main": [{"reasonloss": "da_victim"}], "relief": [{"relief_outcome": "secured"}]},
    ],
    fails=[
        _referred(reasonloss="da_victim"),
        _referred(reasonloss="da_victim", at_relief=False),
        _referred("domestic_abuse", reasonloss="relationship"),
    ],
    nulls=[_referred(reasonloss=None)],
)

rules.sql(
    "L-15e",
    "relief_outcome final_duties.main_decision main.local_connection",
    "The household was referred to another authority, but has a local connection to none.",
    action="Enter the local connection with the other authority; without one there can be no referral.",
    why="A referral needs a local connection with the other council (section 198(2)). As it stands, the household is connected with none.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-15 [L s198(2)]",
    confidence="statute",
    passes=[
        _referred(local_connection="other_la_scotland"),
        _referred(local_connection="nk"),
        {"main": [{"local_connection": "none"}], "relief": [{"relief_outcome": "secured"}]},
    ],
    fails=[_referred(local_connection="none"), _referred(local_connection="none", at_relief=False)],
    nulls=[_referred(local_connection=None)],
)

rules.sql(
    "L-21b",
    "main.eligibility main.assess1 relief_outcome",
    "The applicant is not eligible, but a relief duty is recorded.",
    action="Correct the eligibility, remove the duty, or end it as 'No longer eligible'.",
    why=NOT_ELIGIBLE,
    severity=ERROR,
    source="3.3 L-21 [L s185-186]",
    confidence="statute",
    passes=[
        {"main": [{"eligibility": "refugee"}], "relief": [RELIEF]},
        {"main": [{"eligibility": "ineligible"}], "relief": [{"relief_outcome": "ineligible"}]},
    ],
    fails=[
        {"main": [{"eligibility": "ineligible"}], "relief": [RELIEF]},
        {"main": [{"assess1": "not_eligible"}], "relief": [RELIEF]},
    ],
    nulls=[{"main": [{"eligibility": None, "assess1": None}], "relief": [RELIEF]}],
)

rules.sql(
    "N-07k",
    "relief_outcome main.assess_date",
    "The reason why relief ended was not in use on the day of the assessment.",
    action="Choose the reason that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A3 n.3-5]; 2.5.1",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-04-01"}], "relief": [{"relief_outcome": "deceased"}]}],
    fails=[{"main": [{"assess_date": "2023-04-01"}], "relief": [{"relief_outcome": "withdrew_deceased"}]}],
    nulls=[{"main": [{"assess_date": None}], "relief": [{"relief_outcome": "withdrew_deceased"}]}],
)

rules.sql(
    "N-07o",
    "relief_accom main.assess_date",
    "The accommodation at the end of relief was not in use on the day of the assessment.",
    action="Choose the answer that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A4]",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-03-31"}], "relief": [{"relief_accom": "nfa"}]}],
    fails=[{"main": [{"assess_date": "2023-04-01"}], "relief": [{"relief_accom": "nfa"}]}],
    nulls=[{"main": [{"assess_date": None}], "relief": [{"relief_accom": "nfa"}]}],
)

orphan_rule(rules, "H-74", RELIEF)
