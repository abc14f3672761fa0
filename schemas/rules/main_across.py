"""Rules on section 1 that read other sections too. The checks are ``sql/checks/<id>.sql``."""

from __future__ import annotations

from schemas.rules._rule import ERROR, FIX, TIDY, WARNING, RuleBook

rules = RuleBook("main")

rules.sql(
    "V-08",
    "employment_partner people.relationship",
    "The partner's employment is recorded, but the household has no partner.",
    action="Add the partner to the people of the household, or remove the partner's employment.",
    why="What is recorded of a partner belongs to somebody in the household. DELTA refuses it where the household has no partner.",
    severity=ERROR,
    source="3.1 V-08 [S3b]",
    confidence="stated",
    passes=[
        {
            "main": [{"employment_partner": "ft"}],
            "people": [{"relationship": "main_applicant"}, {"relationship": "partner"}],
        }
    ],
    fails=[{"main": [{"employment_partner": "ft"}], "people": [{"relationship": "main_applicant"}]}],
    nulls=[{"main": [{"employment_partner": None}], "people": [{"relationship": "main_applicant"}]}],
)

rules.sql(
    "H-21",
    "la_code",
    "The case belongs to another authority than the one the return is made for.",
    action="Check the authority code: it must be the authority of the return or one that it replaced.",
    why="A return holds the cases of one council. A case of another one would be counted for the wrong place.",
    severity=ERROR,
    source="2.1 la_code [S5]",
    confidence="proposed",
    passes=[{"main": [{"la_code": "E06000034"}]}],
    fails=[{"main": [{"la_code": "E09000025"}]}],
    nulls=[{"main": [{"la_code": None}]}],
)

rules.sql(
    "H-22",
    "case_ref la_code",
    "The case reference begins with the code of an unrelated authority.",
    action="Check where the reference comes from; it must stay the one the case was first sent under.",
    why="A case keeps its reference for life, and the reference begins with the council that first sent it. An unrelated code suggests that it was copied from elsewhere.",
    severity=WARNING,
    finding_kind=FIX,
    source="1.2 [S5]",
    confidence="proposed",
    passes=[{"main": [{"la_code": "E06000034"}]}],
    fails=[{"main": [{"case_ref": "E09000025_000000000001", "la_code": "E06000034"}]}],
    nulls=[{"main": [{"la_code": None}]}],
)

rules.sql(
    "H-23",
    "closed_date",
    "The closing date of the local system is not the day on which the duties of the case ended.",
    action="Close the case on the day of its last ending, or enter the ending that is missing.",
    why="The return ends a case with its last duty, not with the day on which your system closed it. Where the two differ, an ending is often missing.",
    severity=WARNING,
    finding_kind=TIDY,
    source="2.10 Closed [P]; 1.6 [T]",
    confidence="proposed",
    passes=[
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-01"}],
            "prevention": [
                {
                    "prevention_start": "2025-10-06",
                    "prevention_end": "2025-12-01",
                    "prevention_outcome": "contact_lost",
                }
            ],
        }
    ],
    fails=[
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-02"}],
            "prevention": [
                {
                    "prevention_start": "2025-10-06",
                    "prevention_end": "2025-12-01",
                    "prevention_outcome": "contact_lost",
                }
            ],
        },
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-09"}],
            "prevention": [
                {
                    "prevention_start": "2025-10-06",
                    "prevention_end": "2025-12-01",
                    "prevention_outcome": "contact_lost",
                }
            ],
        },
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-09"}],
            "prevention": [{"prevention_start": "2025-10-06"}],
        },
    ],
    nulls=[
        {
            "main": [{"assess1": "prevention", "closed_date": None}],
            "prevention": [{"prevention_start": "2025-10-06"}],
        }
    ],
)

rules.sql(
    "H-24",
    "advice_only assess1",
    "The case is marked as advice only, but a duty is owed or a placement was made.",
    action="Remove the mark, or correct the assessment.",
    why="A case that is marked as advice only has no duty and no placement. As it stands, the mark says one thing and the case another.",
    severity=WARNING,
    finding_kind=TIDY,
    source="2.10 Advice only [P]",
    confidence="proposed",
    passes=[{"main": [{"advice_only": True, "assess1": "not_threatened_56"}]}],
    fails=[
        {"main": [{"advice_only": True, "assess1": "relief"}]},
        {"main": [{"advice_only": True}], "prevention": [{"prevention_start": "2025-10-06"}]},
    ],
    nulls=[{"main": [{"advice_only": None, "assess1": "relief"}]}],
)
