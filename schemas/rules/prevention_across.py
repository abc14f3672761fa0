"""Rules on section 4 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import ERROR, FIX, WARNING, RuleBook
from schemas.rules._why import BEFORE_APPLIED, BEFORE_ASSESSED, NOT_ELIGIBLE, OLD_CODE

rules = RuleBook("prevention")

rules.sql(
    "V-09a",
    "prevention_start main.application_date",
    "The prevention duty starts before the application.",
    action="Correct the start of the duty or the application date.",
    why=BEFORE_APPLIED,
    severity=ERROR,
    source="3.1 V-09 [S3b]",
    confidence="stated",
    passes=[{"main": [{"application_date": "2025-10-06"}], "prevention": [{"prevention_start": "2025-10-06"}]}],
    fails=[{"main": [{"application_date": "2025-10-06"}], "prevention": [{"prevention_start": "2025-10-05"}]}],
    nulls=[{"main": [{"application_date": None}], "prevention": [{"prevention_start": "2025-10-05"}]}],
)

rules.sql(
    "L-01e",
    "prevention_start main.assess_date",
    "The prevention duty starts before the assessment.",
    action="Correct the start of the duty; it is the day of the decision that the duty is owed.",
    why=BEFORE_ASSESSED,
    severity=ERROR,
    source="3.3 L-01 [L s184, s195]",
    confidence="statute",
    passes=[{"main": [{"assess_date": "2025-10-06"}], "prevention": [{"prevention_start": "2025-10-06"}]}],
    fails=[{"main": [{"assess_date": "2025-10-06"}], "prevention": [{"prevention_start": "2025-10-05"}]}],
    nulls=[{"main": [{"assess_date": None}], "prevention": [{"prevention_start": "2025-10-05"}]}],
)

rules.sql(
    "V-02",
    "prevention_outcome accom_pr main.currentaccom",
    "Prevention ended homeless, but the accommodation then is a settled home other than the one at application.",
    action="Enter the accommodation at application or a non-settled one, such as living with friends or family; a care leaver still in a looked-after placement is reported as supported housing.",
    why="A household that is homeless has lost its settled home, so it can be where it was or somewhere unsettled, but not in another settled home. DELTA refuses the case.",
    severity=ERROR,
    source="3.1 V-02 [S3]; settled as in 2.10 [P]",
    confidence="stated",
    passes=[
        {
            "main": [{"currentaccom": "prs_self"}],
            "prevention": [{"prevention_outcome": "homeless", "accom_pr": "prs_self"}],
        },
        {
            "main": [{"currentaccom": "prs_self"}],
            "prevention": [{"prevention_outcome": "homeless", "accom_pr": "friends"}],
        },
        {
            "main": [{"currentaccom": "inst_lac"}],
            "prevention": [{"prevention_outcome": "homeless", "accom_pr": "srs_supported"}],
        },
    ],
    fails=[
        {
            "main": [{"currentaccom": "family"}],
            "prevention": [{"prevention_outcome": "homeless", "accom_pr": "prs_self"}],
        }
    ],
    nulls=[
        {"main": [{"currentaccom": "family"}], "prevention": [{"prevention_outcome": "homeless", "accom_pr": None}]},
        {"main": [{"currentaccom": None}], "prevention": [{"prevention_outcome": "homeless", "accom_pr": "prs_self"}]},
    ],
)

rules.sql(
    "L-02b",
    "main.assess1",
    "There is a prevention duty, but the assessment did not find the household threatened with homelessness.",
    action="Correct the assessment outcome, or remove the prevention duty.",
    why="Prevention is owed to a household that is threatened with homelessness within 56 days or has been given a qualifying notice (sections 175 and 195). The assessment found neither.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-02 [L s175(4)-(5), s195]",
    confidence="statute",
    passes=[{"main": [{"assess1": "prevention"}], "prevention": [{"prevention_start": "2025-10-06"}]}],
    fails=[{"main": [{"assess1": "relief"}], "prevention": [{"prevention_start": "2025-10-06"}]}],
    nulls=[{"main": [{"assess1": None}], "prevention": [{"prevention_start": "2025-10-06"}]}],
)

rules.sql(
    "H-67",
    "main.assess1",
    "The assessment found a prevention duty, but no prevention duty is recorded.",
    action="Add the prevention duty, or correct the assessment outcome.",
    why="The assessment alone has no start and no end of a duty. Without its own entry the duty is missing from every figure on prevention.",
    severity=ERROR,
    source="1.1: section 4 when owed [S2]; 2.1.1 [H A1]",
    confidence="stated",
    passes=[{"main": [{"assess1": "prevention"}], "prevention": [{"prevention_start": "2025-10-06"}]}],
    fails=[{"main": [{"assess1": "prevention_notice"}]}],
    nulls=[{"main": [{"assess1": None}]}],
)

rules.sql(
    "H-68",
    "prevention_start main.assess_date",
    "The prevention duty starts on another day than the assessment.",
    action="Check the start of the duty; it is normally the day of the decision.",
    why="The duty begins with the decision that it is owed. If the two days differ, one of them may be mistyped, and day 56 is counted from the start.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.4 prevention_start [S4b]",
    confidence="proposed",
    passes=[
        {
            "main": [{"assess1": "prevention", "assess_date": "2025-10-06"}],
            "prevention": [{"prevention_start": "2025-10-06"}],
        }
    ],
    fails=[
        {
            "main": [{"assess1": "prevention", "assess_date": "2025-10-06"}],
            "prevention": [{"prevention_start": "2025-10-07"}],
        }
    ],
    nulls=[{"main": [{"assess_date": None}], "prevention": [{"prevention_start": "2025-10-09"}]}],
)

rules.sql(
    "L-09",
    "prevention_start prevention_end relief.relief_start relief.relief_end",
    "The prevention and the relief duty are open on the same day.",
    action="End the prevention duty on or before the day the relief duty starts.",
    why="Prevention ends when the household becomes homeless, and relief begins (section 195(8)(c)). On one day one duty is owed, not both.",
    severity=ERROR,
    source="3.3 L-09 [L s195(8)(c)]",
    confidence="statute",
    passes=[
        {
            "main": [{}],
            "prevention": [{"prevention_start": "2025-11-06"}],
            "relief": [{"relief_start": "2025-10-06", "relief_end": "2025-11-06"}],
        },
        {
            "main": [{}],
            "prevention": [{"prevention_start": "2025-10-06", "prevention_end": "2025-11-06"}],
            "relief": [{"relief_start": "2025-11-06"}],
        },
    ],
    fails=[
        {
            "main": [{}],
            "prevention": [{"prevention_start": "2025-11-06"}],
            "relief": [{"relief_start": "2025-10-06", "relief_end": "2025-11-07"}],
        },
        {
            "main": [{}],
            "prevention": [{"prevention_start": "2025-10-06", "prevention_end": "2025-11-06"}],
            "relief": [{"relief_start": "2025-11-05"}],
        },
        {"main": [{}], "prevention": [{"prevention_start": "2025-10-06"}], "relief": [{"relief_start": "2025-11-05"}]},
    ],
    nulls=[{"main": [{}], "prevention": [{"prevention_start": "2025-10-06"}], "relief": [{"relief_start": None}]}],
)

rules.sql(
    "L-21a",
    "main.eligibility main.assess1 prevention_outcome",
    "The applicant is not eligible, but a prevention duty is recorded.",
    action="Correct the eligibility, remove the duty, or end it as 'No longer eligible'.",
    why=NOT_ELIGIBLE,
    severity=ERROR,
    source="3.3 L-21 [L s185-186]",
    confidence="statute",
    passes=[
        {"main": [{"eligibility": "ilr"}], "prevention": [{"prevention_start": "2025-10-06"}]},
        {
            "main": [{"eligibility": "ineligible"}],
            "prevention": [{"prevention_start": "2025-10-06", "prevention_outcome": "ineligible"}],
        },
    ],
    fails=[
        {"main": [{"eligibility": "ineligible"}], "prevention": [{"prevention_start": "2025-10-06"}]},
        {"main": [{"assess1": "not_eligible"}], "prevention": [{"prevention_start": "2025-10-06"}]},
    ],
    nulls=[{"main": [{"eligibility": None, "assess1": None}], "prevention": [{"prevention_start": "2025-10-06"}]}],
)

rules.sql(
    "N-07i",
    "prevention_outcome main.assess_date",
    "The reason why prevention ended was not in use on the day of the assessment.",
    action="Choose the reason that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A3 n.3-5]; 2.4.1",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-04-01"}], "prevention": [{"prevention_outcome": "withdrew"}]}],
    fails=[{"main": [{"assess_date": "2023-04-01"}], "prevention": [{"prevention_outcome": "withdrew_deceased"}]}],
    nulls=[{"main": [{"assess_date": None}], "prevention": [{"prevention_outcome": "withdrew_deceased"}]}],
)

rules.sql(
    "N-07j",
    "accom_pr main.assess_date",
    "The accommodation at the end of prevention was not in use on the day of the assessment.",
    action="Choose the answer that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A4]",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-03-31"}], "prevention": [{"accom_pr": "nfa"}]}],
    fails=[{"main": [{"assess_date": "2023-04-01"}], "prevention": [{"accom_pr": "nfa"}]}],
    nulls=[{"main": [{"assess_date": None}], "prevention": [{"accom_pr": "nfa"}]}],
)

orphan_rule(rules, "H-64", {"prevention_start": "2025-10-06"})
