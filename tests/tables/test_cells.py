"""One caseload, and for every table the households that stand behind each of its cells.

Each case differs from its neighbours in what the comment beside it says. Sources: hclic-spec 2.10, 4.1 and part 4.
A reference is the number of a case, with ``#`` and the number of a person, a stay or a need where those are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

import sql
from pipelines.emit.tables.build import prepare
from pipelines.transform import SENT, create, use
from tests.transform.test_marts import case, person, placed
from tests.transform.warehouse import LA, QUARTER, built, ref, rows_of

DAY = timedelta(days=1)
FIRST, LAST = QUARTER.first_day, QUARTER.last_day
EARLIER = date(2025, 7, 1)
LONDON, EAST, WALES = "E09000025", "E06000033", "W06000015"
Rows = list[dict[str, Any]]


def days_before(days: int) -> date:
    return LAST - days * DAY


def assessed(number: int, day: date, assess1: str | None, **values: Any) -> dict[str, Any]:
    return case(number, application_date=EARLIER, assess_date=day, assess1=assess1, **values)


def family(number: int, *, children: int = 1, **applicant: Any) -> Rows:
    """A woman with dependent children of 0, 1, 2 … years."""
    parent = person("main_applicant", number, **{"sex": "female", "age": 30, **applicant})
    return [
        parent,
        *(person("dependent_child", number, no=2 + age, dependent=True, age=age) for age in range(children)),
    ]


ASSESSED = [
    assessed(1, FIRST, "prevention", reasonloss="prs_ast", reason_tenancy_end="landlord_sell", currentaccom="family",
             employment_applicant="pt", eligibility="ilr", nationality="FR", referral="dtr", referral_body="jcp"),
    assessed(2, LAST, "relief", reasonloss="family_friends", reason_tenancy_end="landlord_sell", currentaccom="nass",
             employment_applicant="ft", eligibility="llr", nationality="AD", referral="agency", referral_body="jcp"),
    assessed(3, FIRST, "prevention_notice"),  # nothing else is known
    assessed(4, FIRST, "not_threatened_56", referral="dtr", currentaccom="family"),  # owed nothing
    assessed(5, FIRST - DAY, "prevention", referral="dtr"),
    assessed(6, LAST + DAY, "prevention", referral="dtr"),
    assessed(7, FIRST, None, referral="dtr"),  # without what came of it
    assessed(8, LAST, "relief", reasonloss="prs_ast", currentaccom="owner", referral="no"),  # end of tenancy unknown
    assessed(9, LAST, "relief"),  # nothing else is known
]  # fmt: skip
ASSESSED_PEOPLE = [
    *family(1, age=17, ethnicity="asian_indian", sexual_orientation="bisexual", gender_identity="different"),
    person("main_applicant", 2, sex="male", age=40, ethnicity="other", sexual_orientation="other",
           gender_identity="same"),
    person("partner", 2, no=2, age=80, ethnicity="black_other"),
    person("main_applicant", 8, sex="male", age=18),
]  # fmt: skip
NEEDS = [
    *((1, need) for need in ("drug", "mental", "alcohol", "physical")),
    (1, "drug"),  # once more
    (2, "drug"),
    *((3, need) for need in ("drug", "mental")),
    (4, "drug"),
    (5, "drug"),
    (8, "none"),
    # Decided below.
    (61, "repeat_homeless"),
    (62, "rough_sleeping"),
]


def prevented(number: int, end: date | None, outcome: str | None, **values: Any) -> dict[str, Any]:
    return {"case_ref": number, "prevention_start": EARLIER, "prevention_end": end, "prevention_outcome": outcome} | {
        {"activity": "prevention_activity", "accom": "accom_pr", "la": "prevention_accom_la"}[name]: value
        for name, value in values.items()
    }


def relieved(number: int, end: date | None, outcome: str | None, **values: Any) -> dict[str, Any]:
    return {"case_ref": number, "relief_start": EARLIER, "relief_end": end, "relief_outcome": outcome} | {
        {"activity": "relief_activity", "accom": "relief_accom", "la": "relief_accom_la"}[name]: value
        for name, value in values.items()
    }


PREVENTED = [
    prevented(20, FIRST, "secured_existing", activity="dhp", accom="prs_self"),
    prevented(21, LAST, "secured_alternative", activity="helped_with_payment", accom="prs_self", la=LA),
    prevented(22, FIRST, "secured_alternative", activity="helped_with_payment", accom="family", la=EAST),
    prevented(23, FIRST, "secured_alternative", activity="none", accom="prs_lodging", la=LONDON),
    prevented(24, FIRST, "secured_alternative", la=WALES),  # how and where to is not known
    prevented(25, FIRST, "secured_alternative", activity="hrs", accom="owner", la="E92000001"),
    prevented(26, FIRST, "contact_lost", activity="hrs", accom="owner", la=LA),
    prevented(27, FIRST, None),
    prevented(28, FIRST - DAY, "secured_existing"),
    prevented(29, LAST + DAY, "secured_existing"),
    prevented(30, None, None),
    prevented(31, FIRST, "secured_existing", activity="helped_with_payment", accom="family"),
    prevented(32, FIRST, "secured_alternative", activity="dhp", accom="prs_self"),  # in which district is not known
]
RELIEVED = [
    relieved(40, FIRST, "secured", activity="sanctuary", accom="prs_lodging", la=LA),
    relieved(41, LAST, "secured", activity="helped_with_payment", accom="prs_lodging", la=EAST),
    relieved(42, FIRST, "secured", activity="mediation_landlord", accom="srs_rp", la=LONDON),
    relieved(43, FIRST, "secured", la="nk"),
    relieved(44, FIRST, "elapsed_56", activity="sanctuary", accom="prs_lodging", la=LA),
    relieved(45, FIRST, None),
    relieved(46, FIRST - DAY, "secured"),
    relieved(47, LAST + DAY, "secured"),
]
ENDED_PEOPLE = [
    *family(20),
    person("main_applicant", 21, sex="male", age=40),
    person("main_applicant", 26, age=40),
    *family(40),
    person("main_applicant", 41, sex="male", age=40),
    person("main_applicant", 44, age=40),
]


def decided(
    number: int, decision: str, pneed: str | None = None, day: date = FIRST, end: date | None = None, why: Any = None
) -> dict[str, Any]:
    return {
        "case_ref": number,
        "main_decision_date": day,
        "main_decision": decision,
        "pneed": pneed,
        "main_duty_end": end,
        "main_duty_outcome": why,
    }


# The age of the applicant of each case accepted, on both sides of every edge of the form.
AGES = {60: 15, 61: 16, 62: 24, 63: 25, 64: 44, 65: 45, 66: 59, 67: 60, 68: 64, 69: 65, 70: 74, 71: 75}
DECIDED = [
    decided(60, "accepted", "children", end=LAST, why="prs_accepted"),
    decided(61, "accepted", "children", LAST, end=LAST, why="part6_accepted"),  # ended on the day of the acceptance
    decided(62, "accepted", "mental", end=LAST + DAY, why="part6_accepted"),
    decided(63, "accepted", "children", end=LAST),  # why is not known
    decided(64, "accepted", "mental", end=FIRST + DAY, why="part6_accepted"),
    decided(65, "accepted"),
    decided(66, "accepted", "children"),
    decided(67, "accepted", "children"),
    decided(68, "accepted", "children"),
    decided(69, "accepted", "old_age"),
    decided(70, "accepted", "old_age"),
    decided(71, "accepted", "old_age"),
    decided(72, "accepted", "children", FIRST - DAY, end=FIRST, why="contact_lost"),  # ended in it, accepted before
    decided(73, "accepted", "children", FIRST - 9 * DAY, end=FIRST - DAY, why="contact_lost"),
    decided(74, "accepted", "children", LAST + DAY),
    decided(75, "intentional", "mental"),
    decided(76, "not_eligible"),
    decided(77, "withdrew"),
    decided(78, "accepted", "pregnant"),  # no household member is known
    decided(79, "accepted", "old_age", LAST, end=LAST, why="prs_accepted"),
]
DECIDED_MAIN = {
    60: {"reasonloss": "hm_forces", "nationality": "FR"},
    61: {"reasonloss": "tied", "nationality": "AD"},
    75: {"reasonloss": "tied", "nationality": "AD"},
}
# Where they were on the day of the acceptance: the night that follows counts.
DECIDED_PLACED = [
    placed(FIRST - DAY, FIRST, 60, ta_type="psl"),  # left on the day
    placed(FIRST - DAY, LAST, 61, ta_type="psl"),
    placed(FIRST, None, 62, ta_type="hostel"),  # entered on the day
    placed(FIRST + DAY, None, 63, ta_type="hostel"),
    placed(FIRST - 9 * DAY, FIRST + DAY, 65, ta_type="nightly"),
    placed(FIRST - DAY, FIRST + DAY, 65, no=2, ta_type="la_ha"),  # entered last
    placed(FIRST - DAY, FIRST + DAY, 66, ta_type="psl"),
    placed(FIRST - DAY, FIRST + DAY, 66, no=2, ta_type="nightly"),  # the order of TA1's columns
    placed(FIRST - DAY, FIRST + DAY, 75, ta_type="psl"),  # not accepted
]
DECIDED_PEOPLE = [
    one
    for number, age in AGES.items()
    for one in family(
        number,
        age=age,
        children={60: 1, 61: 2, 62: 1, 66: 3, 67: 4}.get(number, 0),
        **{60: {"ethnicity": "asian_indian"}, 61: {"ethnicity": "nk"}}.get(number, {}),
    )
] + family(75, ethnicity="other", age=80)

# Households in temporary accommodation on the last day, or just not.
PLACED = [
    placed(days_before(43), None, 101, ta_la=LA, taduty="s193_2"),
    placed(days_before(42), None, 102, ta_la=LA, taduty="s188_1"),  # six weeks and not a night more
    placed(days_before(43), None, 103, taduty="nk"),  # without children
    placed(days_before(143), days_before(43), 104),  # no longer in bed and breakfast
    placed(days_before(43), None, 104, no=2, ta_type="nightly"),
    placed(LAST, None, 105),  # entered on the last day, aged 16
    placed(days_before(9), LAST, 106),  # left on the last day
    placed(days_before(9), LAST + DAY, 107, ta_type="hostel", taduty="s189b_2"),
    placed(LAST + DAY, None, 108),
    # Own arrangements, in London, after a placement that goes on.
    placed(days_before(300), None, 109, ta_type="psl", ta_la=LA),
    placed(days_before(5), None, 109, no=2, ta_type="own", ta_la=LONDON),
    placed(days_before(5), None, 110, ta_type="own", ta_la=LA),
    # In two places at once: under the one entered last, out of district by either.
    placed(days_before(20), None, 111, ta_type="psl", ta_la=LONDON),
    placed(days_before(10), None, 111, no=2, ta_type="hostel", ta_la=LA),
    # Entered on one day: the order of TA1's columns, then the higher number.
    placed(days_before(10), None, 112, ta_type="hostel", ta_la=LONDON),
    placed(days_before(10), None, 112, no=2, ta_type="nightly", ta_la=EAST),
    placed(days_before(10), None, 113, ta_type="hostel", taduty="s188_1", ta_la=LONDON),
    placed(days_before(10), None, 113, no=2, ta_type="hostel", taduty="s193_2", ta_la=EAST),
    placed(days_before(10), None, 114, ta_type=None, ta_la="nk"),
    # A placement of no known type is counted with the last of the order.
    placed(days_before(10), None, 115, ta_type="unheard_of"),
    placed(days_before(10), None, 115, no=2, ta_type="other"),
    # 30 and 13 nights of bed and breakfast.
    placed(days_before(80), days_before(50), 116),
    placed(days_before(13), None, 116, no=2),
    # One stay of 400 days, the last ten elsewhere; an appeal is pending.
    placed(days_before(400), days_before(10), 117, ta_type="psl"),
    placed(days_before(10), None, 117, no=2, ta_type="la_ha"),
    placed(days_before(180), FIRST - DAY, 118),  # left before the quarter
    placed(days_before(480), FIRST, 119),  # left on its first day, after a year
    placed(days_before(80), None, 120, ta_la=WALES),
    placed(days_before(10), None, 121, ta_type="own"),
    placed(days_before(10), None, 121, no=2, ta_type=None),
    placed(days_before(20), None, 122, ta_type="psl", ta_la=LONDON),
    placed(days_before(10), None, 122, no=2, ta_type="psl", ta_la=EAST),
]
PLACED_PEOPLE = [
    *family(101, ethnicity="asian_indian"),
    *family(102),
    person("main_applicant", 103, sex="male", age=80, ethnicity="other"),
    *family(104),
    person("main_applicant", 105, sex="male", age=16),
    *family(106),
    *family(107, children=3),
    *family(109),
    person("main_applicant", 110, age=17),
    *family(111),
    *family(116),
    person("main_applicant", 122, age=17),
    person("main_applicant", 120, age=90),
    person("other_child", 120, no=2, age=17, dependent=False),
    person("other_child", 120, no=3, age=18, dependent=False),
]
OPEN = {"review_requested_date": days_before(3), "decision_reviewed": "suitability"}
DECIDED_ON = {"review_requested_date": FIRST, "review_outcome_date": FIRST, "review_outcome": "upheld"}
REVIEWS = [
    *({"case_ref": n, "review_no": 1, **OPEN} for n in (101, 102, 107)),
    {"case_ref": 101, "review_no": 2, **OPEN},
    {"case_ref": 116, "review_no": 1, **DECIDED_ON},
    # In the return by a review, though what the tables count fell outside the quarter.
    *({"case_ref": n, "review_no": 1, **DECIDED_ON} for n in (5, 28, 30, 46, 73, 118)),
]

SECTIONS: dict[str, Rows] = {
    "main": [
        *ASSESSED,
        *(
            assessed(number, EARLIER, "relief", **DECIDED_MAIN.get(number, {}))
            for number in (*range(20, 33), *range(40, 48), *range(60, 80), *range(101, 123))
        ),
    ],
    "people": [*ASSESSED_PEOPLE, *ENDED_PEOPLE, *DECIDED_PEOPLE, *PLACED_PEOPLE],
    "support_needs": [{"case_ref": number, "support_need": need} for number, need in NEEDS],
    "prevention": PREVENTED,
    "relief": [*RELIEVED, relieved(61, EARLIER, "elapsed_56"), relieved(107, FIRST - DAY, "contact_lost")],
    "final_duties": DECIDED,
    "temporary_accommodation": [*DECIDED_PLACED, *PLACED],
    "reviews": REVIEWS,
}

CELLS = """
a1    prevention: 1 | prevention_notice: 3 | relief: 2 8 9 | not_threatened_56: 4
a2    prs_ast.landlord_sell: 1 | family_friends: 2 | nk: 3 9 | prs_ast.other_nk: 8
a2p   prs_ast.landlord_sell: 1 | nk: 3
a2r   family_friends: 2 | prs_ast.other_nk: 8 | nk: 9
a3    n.3: 1 | n.1: 2 | n.2: 3 | none: 8 | unknown: 9 | need.drug: 1#drug 2#drug 3#drug | need.mental: 1#mental 3#mental
a3    need.alcohol: 1#alcohol | need.physical: 1#physical
a4    family: 1 | nass: 2 | nk: 3 9 | owner: 8
a4p   family: 1 | nk: 3
a4r   nass: 2 | owner: 8 | nk: 9
a5p   single_parent_female: 1 | nk: 3
a5r   couple_no_children: 2 | single_adult_male: 8 | nk: 9
a6    16_17: 1 | 35_44: 2 | nk: 3 9 | 18_24: 8
a7    dtr.jcp: 1 | agency: 2 | dtr.dtr_body_nk: 4
a8    asian_indian: 1 | other: 2 | nk: 3 8 9
a9    other_eea: 1 | non_eea: 2 | nk: 3 8 9
a10   pt: 1 | ft: 2 | nk: 3 8 9
a11   ilr: 1 | llr: 2 | nk: 3 8 9
a12   bisexual: 1 | other: 2 | nk: 3 8 9
a13   different: 1 | same: 2 | other_nk: 3 8 9

p1    secured_existing: 20 31 | secured_alternative: 21 22 23 24 25 32 | contact_lost: 26 | nk: 27
p2    prs_self: 20 21 32 | family: 22 31 | prs_lodging: 23 | nk: 24 | owner: 25
p3    dhp: 20 32 | helped_with_payment: 21 22 31 | none: 23 | nk: 24 | hrs: 25
p4    same_authority: 21 | same_region: 22 | elsewhere: 23 24 | nk: 25 32
p5    single_parent_female: 20 | single_adult_male: 21 | nk: 22 23 24 25 31 32
r1    secured: 40 41 42 43 | elapsed_56: 44 | nk: 45
r2    prs_lodging: 40 41 | srs_rp: 42 | nk: 43
r3    sanctuary: 40 | helped_with_payment: 41 | mediation_landlord: 42 | nk: 43
r4    same_authority: 40 | same_region: 41 | elsewhere: 42 | nk: 43
r5    single_parent_female: 40 | single_adult_male: 41 | nk: 42 43

md1   accepted: 60 61 62 63 64 65 66 67 68 69 70 71 78 79 | intentional: 75
md2   prs_accepted: 60 79 | part6_accepted: 61 64 | nk: 63 | contact_lost: 72
md3   children: 60 61 63 66 67 68 | children_but.mental: 62 | mental: 64 | nk: 65 | old_age: 69 70 71 79 | pregnant: 78

ta1   type.bb: 101 102 103 105 116 120 | type.nightly: 104 112 | type.hostel: 62 63 107 113
ta1   type.other: 114 115 121 | type.psl: 122 | type.la_ha: 117 | own: 109 110 | own_family: 109
ta1   family.bb: 101 102 116 | family.nightly: 104 | family.hostel: 62 107 111
ta1   type.hostel: 111 | bb_16_17: 105 | bb_over_6_weeks: 101 116 | bb_over_6_weeks_review: 101
ta1   child: 62#2 101#2 102#2 104#2 107#2 107#3 107#4 111#2 116#2 | out_of_district: 109 111 112 113 114 120 122
ta2   nk: 112 113 114 115 117 121 | single_parent_female: 62 101 102 104 107 111 116
ta2   single_adult_male: 103 105 | single_adult_other: 122 | three_adults_no_children: 120 | single_adult_female: 63
ta3   s193: 101 113 | interim: 102 | not_classifiable: 62 63 103 104 105 111 112 114 115 116 117 120 121 122
ta3   ended: 107
ta4   bb.under_6_months: 101 102 103 105 116 120 | nightly.under_6_months: 104 112 | other.under_6_months: 114 115 121
ta4   hostel.under_6_months: 62 63 107 111 113 | la_ha.1_to_2_years: 117 | psl.under_6_months: 122
ta4c  bb.under_6_months: 101 102 116 | nightly.under_6_months: 104 | hostel.under_6_months: 62 107 111
ta4s  bb.under_6_months: 103 105 120 | hostel.under_6_months: 63 | psl.under_6_months: 122
ta5   16_17: 105 122 | 18_24: 62 | 25_34: 63 101 102 104 107 111 116 | 75_plus: 103 120 | nk: 112 113 114 115 117 121
ta6   asian_indian: 101 | other: 103 | nk: 62 63 102 104 105 107 111 112 113 114 115 116 117 120 121 122
ta8   age.0: 62#2 101#2 102#2 104#2 107#2 111#2 116#2 | age.1: 107#3 | age.2: 107#4 | age.16: 105#1
ta8   age.17: 120#2 122#1
ta9   sent.E12000007: 109 111 | sent.E12000006: 112 113 122 | sent.none: 114 120 | own_region: 112 113 122
ta9   in_ta: 62 63 101 102 103 104 105 107 111 112 113 114 115 116 117 120 121 122
ta9_hhtype  nk: 112 113 114 | single_adult_other: 122 | single_parent_female: 109 111 | three_adults_no_children: 120
ta9_tatype  own: 109 | psl: 122 | hostel: 111 113 | nightly: 112 | other: 114 | bb: 120

p1e_e1   accepted.asian: 60 | accepted.nk: 61 62 63 64 65 66 67 68 69 70 71 78 79 | intentional.other: 75
p1e_e1   not_eligible.nk: 76 | age.nk: 60 78 79 | age.16_24: 61 62 | age.25_44: 63 64 | age.45_59: 65 66
p1e_e1   age.60_64: 67 68 | age.65_74: 69 70 | age.75_plus: 71
p1e_e2   children.1: 60 | children.2: 61 | children.nk: 63 68 | children.3: 66 67 | mental: 62 64 | nk: 65
p1e_e2   old_age: 69 70 71 79 | pregnant: 78
p1e_e3   hm_forces: 60 | tied: 61 | nk: 62 63 64 65 66 67 68 69 70 71 78 79
p1e_e4   single_parent_female: 60 61 62 66 67 | single_adult_female: 63 64 65 68 69 70 71 | nk: 78 79
p1e_e5   none: 60 63 64 67 68 69 70 71 78 79 | part6: 61 | hostel: 62 | la_ha: 65 | nightly: 66
p1e_e7   reason.prs_accepted: 60 79 | reason.part6_accepted: 61 64 | reason.nk: 63 | reason.contact_lost: 72
p1e_e7   left.under_6_months: 60#1 61#1 65#1 66#1 75#1 106#1 116#1 | left.1_to_2_years: 119#1
p1e_e8   repeat: 61 | first: 60 62 63 64 65 66 67 68 69 70 71 78 79
p1e_e9   other_eea: 60 | non_eea: 61 | nk: 62 63 64 65 66 67 68 69 70 71 78 79
p1e_e10  a.dhp: 20 | a.helped_with_payment: 31 | b.prevented.prs_incentive: 21 | b.prevented.family: 22
p1e_e10  b.prevented.prs: 23 32 | b.prevented.nk: 24 | b.prevented.owner: 25 | b.relieved.prs: 40
p1e_e10  b.relieved.prs_incentive: 41 | b.relieved.srs_rp: 42 | b.relieved.nk: 43
"""
"""By table: each cell with the households behind it."""
# The days of each household of TA7: of the whole stay, and of the placement alone under own arrangements.
DAYS = {101: 43, 102: 42, 103: 43, 104: 143, 105: 0, 107: 9, 109: 5, 110: 5, 111: 20, 112: 10, 113: 10, 114: 10}
DAYS |= {115: 10, 116: 13, 117: 400, 120: 80, 121: 10, 122: 20, 62: 91, 63: 90}
FORM_OF_TA = ("household", "duty")


def expected() -> dict[str, dict[str, list[str]]]:
    """References by cell, by table."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in filter(None, CELLS.splitlines()):
        table, _, rest = line.partition(" ")
        for part in rest.split("|"):
            cell, _, references = part.strip().partition(": ")
            found.setdefault(table, {}).setdefault(cell, []).extend(references.split())
    return {table: {cell: sorted(behind) for cell, behind in cells.items()} for table, cells in found.items()}


EXPECTED = expected()


@pytest.fixture(scope="module")
def caseload() -> Iterator[duckdb.DuckDBPyConnection]:
    with built(as_at=LAST + 20 * DAY, **SECTIONS) as con:
        use(con, SENT)
        prepare(con)
        create(con, "tables", "ta1")
        yield con


def cells(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, list[str]]:
    """Short references by cell."""
    found: dict[str, list[str]] = {}
    for cell, reference in con.execute(f"select cell, reference from ({sql.text(f'tables/{table}.sql')})").fetchall():
        number, mark, part = reference.removeprefix(ref(0)[:10]).partition("#")
        found.setdefault(cell, []).append(f"{int(number)}{mark}{part}")
    return {cell: sorted(behind) for cell, behind in found.items()}


@pytest.mark.parametrize("table", sorted(EXPECTED))
def test_the_households_behind_each_cell(caseload: duckdb.DuckDBPyConnection, table: str) -> None:
    assert cells(caseload, table) == EXPECTED[table]


def test_every_table_has_its_cells_here() -> None:
    tables = {name for name in sql.names("tables") if not name.startswith("base_")}
    assert tables - set(EXPECTED) == {"ta7", "p1e_e6"}


def test_the_form_shows_households_in_accommodation_as_the_published_tables_do(
    caseload: duckdb.DuckDBPyConnection,
) -> None:
    household = {f"household.{cell}": behind for cell, behind in EXPECTED["ta2"].items()}
    duty = {f"duty.{cell}": behind for cell, behind in EXPECTED["ta3"].items()}
    assert cells(caseload, "p1e_e6") == EXPECTED["ta1"] | household | duty


def test_a_duty_that_ended_is_one_of_prevention_or_relief(caseload: duckdb.DuckDBPyConnection) -> None:
    """Those of the main duty are counted apart."""
    assert rows_of(caseload, "select distinct duty from base_ended order by 1") == [("prevention",), ("relief",)]


def test_days_are_those_of_the_stay_and_under_own_arrangements_of_the_placement(
    caseload: duckdb.DuckDBPyConnection,
) -> None:
    found = caseload.execute(f"select reference, days from ({sql.text('tables/ta7.sql')})").fetchall()
    assert dict(found) == {ref(number): days for number, days in DAYS.items()}
