"""Rules on section 2 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import WARNING, RuleBook

rules = RuleBook("people")

orphan_rule(rules, "H-44", {"person_no": 1, "relationship": "main_applicant"})

rules.sql(
    "H-45",
    "main.case_ref main.assess1",
    "A duty is owed but no person of the household is recorded.",
    action="Enter the people of the household, the main applicant first.",
    severity=WARNING,
    source="1.1 [S2]; 2.10 Household composition [P]",
    confidence="stated",
    passes=[{"main": [{"assess1": "relief"}], "people": [{"relationship": "main_applicant"}]}],
    fails=[{"main": [{"assess1": "relief"}]}],
    nulls=[{"main": [{"assess1": None}]}],
)

rules.sql(
    "L-22a",
    "relationship date_of_birth main.assess_date",
    "The main applicant was under 16 on the day of the assessment.",
    action="Check the date of birth and who is the main applicant; a child under 16 is for children's services.",
    severity=WARNING,
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
    action="Choose the value that was in use; the dates are in the code list.",
    severity=WARNING,
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
