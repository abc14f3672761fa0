"""Rules on section 2 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import ERROR, FIX, WARNING, RuleBook
from schemas.rules._why import OLD_CODE

rules = RuleBook("people")

orphan_rule(rules, "H-44", {"person_no": 1, "relationship": "main_applicant"})

rules.sql(
    "L-25e",
    "main.case_ref main.assess1 prevention.case_ref relief.case_ref final_duties.main_decision",
    "A duty is owed but no person of the household is recorded.",
    action="Enter the people of the household, the main applicant first.",
    why="The people of a household are sent with the first report of its case. Without them its type, its ages and its children cannot be counted.",
    severity=ERROR,
    source="3.3 L-25 [R]; 1.1: section 2 with the first report [S2]",
    confidence="stated",
    passes=[
        {"main": [{"assess1": "relief"}], "people": [{"relationship": "main_applicant"}]},
        {"main": [{"assess1": "not_threatened_56"}]},
        {"main": [{}], "final_duties": [{"main_decision": "not_homeless"}]},
    ],
    fails=[
        {"main": [{"assess1": "relief"}]},
        {"main": [{}], "prevention": [{"prevention_start": "2025-10-06"}]},
        {"main": [{}], "relief": [{"relief_start": "2025-10-06"}]},
        {"main": [{"legacy": True}], "final_duties": [{"main_decision": "accepted"}]},
    ],
    nulls=[{"main": [{"assess1": None}]}],
)

rules.sql(
    "L-22a",
    "relationship date_of_birth main.assess_date",
    "The main applicant was under 16 on the day of the assessment.",
    action="Check the date of birth and who is the main applicant; a child under 16 is for children's services.",
    why="A child under 16 is a matter for children's services. Mostly the date of birth or the main applicant is wrong, and the household is counted by that age.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-22 [L Priority Need Order 2002]",
    confidence="statute",
    passes=[
        {
            "main": [{"application_date": "2025-10-06", "assess_date": "2025-10-06"}],
            "people": [{"relationship": "main_applicant", "date_of_birth": "2009-10-06"}],
        }
    ],
    fails=[
        {
            "main": [{"application_date": "2025-10-06", "assess_date": "2025-10-06"}],
            "people": [{"relationship": "main_applicant", "date_of_birth": "2009-10-07"}],
        }
    ],
    nulls=[
        {
            "main": [{"application_date": "2025-10-06", "assess_date": None}],
            "people": [{"relationship": "main_applicant", "date_of_birth": None}],
        }
    ],
)

rules.sql(
    "N-07g",
    "sexual_orientation main.assess_date",
    "The sexual orientation value was not in use on the day of the assessment.",
    action="Choose the answer that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07; 2.2 [T A12 from 202309]",
    confidence="label",
    passes=[
        {
            "main": [{"assess_date": "2023-04-01"}],
            "people": [{"relationship": "main_applicant", "sexual_orientation": "bisexual"}],
        }
    ],
    fails=[
        {
            "main": [{"assess_date": "2023-03-31"}],
            "people": [{"relationship": "main_applicant", "sexual_orientation": "bisexual"}],
        }
    ],
    nulls=[
        {
            "main": [{"assess_date": None}],
            "people": [{"relationship": "main_applicant", "sexual_orientation": "bisexual"}],
        }
    ],
)
