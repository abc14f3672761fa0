"""Which codes a printed column stands for, and which codes tend to go together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from functools import cache

from pipelines.published.headings import SEPARATOR

NEW_CODES = date(2023, 4, 1)
"""Codes of the April 2023 revision are for cases assessed from this day (hclic-spec N-07)."""

_TENANCY = {
    "Tenant difficulty budgeting or making other payment(s)": ("arrears_budgeting",),
    "Increase in rent": ("arrears_rent_increase",),
    "Reduction in employment income": ("arrears_income",),
    "Changes in benefit entitlement": ("arrears_benefit",),
    "Change in personal circumstances": ("arrears_circumstances",),
    "Breach of tenancy, not related to rent arrears": ("breach",),
    "sell the property": ("landlord_sell",),
    "re-let the property": ("landlord_relet",),
    'Retired "Landlord wishing to" option': ("landlord_sell_relet",),
    "Landlord wishing to sell or re-let the property": ("landlord_sell_relet",),
    "Tenant complained to the council / agent / landlord about disrepair": ("disrepair_complaint",),
    "Illegal eviction": ("illegal_eviction",),
    "Tenant abandoned property": ("abandoned",),
    "Other reasons / not known": ("other_nk",),
}
_ARREARS = ("arrears_budgeting", "arrears_rent_increase", "arrears_income", "arrears_benefit", "arrears_circumstances")
_SOCIAL = {"Rent arrears": _ARREARS, "Breach": ("breach",), "Other": ("other_nk", "abandoned")}
_SUPPORTED = {
    "Rent arrears": ("arrears",),
    "Breach": ("breach_licence",),
    "Other": ("other_nk", "not_eligible_supported"),
}
_REASON = {
    "End of non-AST": ("prs_non_ast",),
    "Family or friends": ("family_friends",),
    "Non-violent": ("relationship",),
    "Victim": ("da_victim",),
    "Alleged": ("da_perpetrator",),
    'Retired "Domestic': ("da",),
    "Domestic abuse": ("da",),
    "Other violence": ("violence_other",),
    "Custody": ("inst_custody",),
    "Hospital (psychiatric)": ("inst_hosp_psych",),
    "Hospital (general)": ("inst_hosp_general",),
    "Looked After": ("inst_lac",),
    'Retired "Left': ("inst",),
    "Left institution": ("inst",),
    "Required to leave": ("asylum",),
    "Home no longer": ("unsuitable_health",),
    "Loss of placement": ("resettlement",),
}
_OTHER_REASONS = ("other", "nk", "disrepair", "mortgage", "fire_flood", "hm_forces", "other", "other")


def reason(path: str, day: date, rng: random.Random) -> tuple[str, str | None]:
    """``reasonloss`` and ``reason_tenancy_end`` of a household in that column of A2, A2P or A2R."""
    code, details = _reason(path)
    if code is not None:
        return code, rng.choice(details) if details else None
    late = ("tied", "voluntary") if day >= NEW_CODES else ()
    return rng.choice(_OTHER_REASONS + late), None


@cache
def _reason(path: str) -> tuple[str | None, Sequence[str]]:
    """The reason, None for all others; and why the tenancy ended, to choose from."""
    labels = path.split(SEPARATOR)
    if labels[0].startswith("End of assured"):
        return "prs_ast", _TENANCY[labels[-1]]
    for group, code, choices in (
        ("End of social", "srs", _SOCIAL),
        ("Eviction from supported", "supported", _SUPPORTED),
    ):
        if labels[0].startswith(group):
            return code, next(v for k, v in choices.items() if labels[-1].startswith(k))
    return next((codes[0] for start, codes in _REASON.items() if labels[-1].startswith(start)), None), ()


_ACCOMMODATION = {
    "Self-contained": ("prs_self",),
    "House in multiple": ("prs_hmo",),
    "HMO": ("prs_hmo",),
    "Lodging": ("prs_lodging",),
    "Council tena": ("srs_council",),
    "Registered": ("srs_rp",),
    "Supported housing": ("srs_supported",),
    "Owner": ("owner",),
    "Living with family": ("family",),
    "Staying with family": ("family",),
    "Living with friends": ("friends",),
    "Staying with friends": ("friends",),
    "Temporary accommodation": ("ta",),
    "Slept rough": ("nfa_rough_last_year",),
    "Previously slept": ("nfa_rough_previously",),
    "Never slept": ("nfa_never_rough",),
    "Retired": ("nfa",),
    "No fixed abode": ("nfa",),
    "Rough sleeping": ("rough_sleeping",),
    "Refuge": ("refuge",),
    "National Asylum": ("nass",),
    "Custody": ("inst_custody",),
    "General hospital": ("inst_hospital_general",),
    "Psychiatric": ("inst_hospital_psych",),
    "Other / not known": ("other", "nk", "caravan", "student", "tied", "armed_forces", "other"),
    "Other": ("other",),
    "Not known": ("nk",),
}


def accommodation(path: str, rng: random.Random) -> str:
    """Accommodation code of a household in that column of A4, P2 or R2."""
    return rng.choice(_accommodations(path))


@cache
def _accommodations(path: str) -> Sequence[str]:
    return _by_start(_ACCOMMODATION, path)


def _by_start(choices: dict[str, tuple[str, ...]], path: str) -> Sequence[str]:
    label = path.split(SEPARATOR)[-1]
    if label in choices:
        return choices[label]
    return next(codes for start, codes in choices.items() if label.startswith(start))


HOUSEHOLDS = (
    "single_parent_male",
    "single_parent_female",
    "single_parent_other",
    "single_adult_male",
    "single_adult_female",
    "single_adult_other",
    "couple_children",
    "couple_no_children",
    "three_adults_children",
    "three_adults_no_children",
    "nk",
)
FAMILIES = frozenset(
    h for h in HOUSEHOLDS if h.startswith("single_parent") or h.endswith("s_children") or h == "couple_children"
)


@cache
def household(path: str) -> str:
    """Household type of a column of A5P, A5R, P5, R5, TA2 or TA9_HHTYPE."""
    labels = path.split(SEPARATOR)
    last = labels[-1].lower()
    text = path.lower()
    if "not known" in last and "other" not in last:
        return "nk"
    if "three or more" in text or text.startswith("three"):
        return "three_adults_no_children" if "without" in text else "three_adults_children"
    if text.startswith(("couple", "two adults")):
        return "couple_children" if "with dependent" in text else "couple_no_children"
    sex = "female" if "female" in last else "male" if "male" in last else "other"
    family = "single parent" in text or "with dependent" in text
    return f"single_parent_{sex}" if family else f"single_adult_{sex}"


AGES = {
    "16-17": (16, 17),
    "18-24": (18, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65-74": (65, 74),
    "75+": (75, 92),
}
"""Age bands of A6 and TA5; a column that is not here is "Not known"."""

_ETHNICITY = {
    "White: English": "white_british",
    "White: Irish": "white_irish",
    "White: Gypsy": "white_gypsy_traveller",
    "Any other White": "white_other",
    "Black / African / Caribbean / Black British: African": "black_african",
    "Black / African / Caribbean / Black British: Caribbean": "black_caribbean",
    "Any other Black": "black_other",
    "Asian / Asian British: Pakistani": "asian_pakistani",
    "Asian / Asian British: Indian": "asian_indian",
    "Asian / Asian British: Bangladeshi": "asian_bangladeshi",
    "Asian / Asian British: Chinese": "asian_chinese",
    "Any other Asian": "asian_other",
    "Mixed / Multiple ethnic groups: White and Black Caribbean": "mixed_white_black_caribbean",
    "Mixed / Multiple ethnic groups: White and Black African": "mixed_white_black_african",
    "Mixed / Multiple ethnic groups: White and Asian": "mixed_white_asian",
    "Any other Mixed": "mixed_other",
    "Other ethnic group: Arab": "other_arab",
    "Any other ethnic group": "other",
    "Not known": "nk",
}
_EMPLOYMENT = {
    "Full-time": "ft",
    "Part-time": "pt",
    "Student": "student",
    "Registered unemployed": "unemp_reg",
    "Not registered": "unemp_seek",
    "Not seeking": "home",
    "Not working": "sick",
    "Retired": "retired",
    "due to ill health": "emp_off_sick",
    "on maternity": "emp_off_parental",
    "Working irregular": "irregular",
    "Other": "other",
    "Not known": "nk",
}
_ORIENTATION = {
    "Heterosexual": "heterosexual",
    "Homosexual": "homosexual",
    "Bisexual": "bisexual",
    "Other": "other",
    "Prefer": "prefer_not",
    "Not known": "nk",
}
_ELIGIBILITY = {
    "British": "uk_roi_hr",
    "Worker": "eea_worker",
    "Permanent": "eea_pr",
    "Eligible family": "eea_family",
    "Self-employed": "eea_self_emp",
    "Other protection": "other_protection",
    "Other": "eea_other",
    "Indefinite": "ilr",
    "Limited": "llr",
    "Granted": "refugee",
    "Exceptional": "elr",
    "Not known": "nk",
}
_REFERRAL_BODY = {
    "Adult Secure": "prison_adult",
    "Youth Secure": "youth_secure",
    "National Probation": "probation",
    "Probation": "probation",
    "Community Rehab": "crc",
    "Hospital": "hospital",
    "Mental Health": "mental_health",
    "Jobcentre": "jcp",
    "Adult Social": "asc",
    "Children's Social": "csc",
    "Children's Early": "early_help",
    "Nil Recourse": "nrpf",
    "Secretary of State": "armed_forces",
    "Other / not known": "dtr_body_nk",
    "Not known": "dtr_body_nk",
}
_PREVENTION_OUTCOME = {
    "Stayed": "secured_existing",
    "Moved": "secured_alternative",
    "Homeless": "homeless",
    "Refused suitable": "refused_accom",
    "Refused to": "refused_coop",
    "Contact lost": "contact_lost",
    "Withdrew application / ": "withdrew_deceased",
    "Withdrew": "withdrew",
    "Applicant deceased": "deceased",
    "Retired": "withdrew_deceased",
    "56 days": "expired_56",
    "No longer": "ineligible",
    "Not known": "nk",
}
_RELIEF_OUTCOME = {
    "Secured": "secured",
    "56 days": "elapsed_56",
    "Local connection": "local_connection",
    "Intentionally": "intentional",
    "Refused final": "refused_final",
    "Notice": "refused_coop",
    "Contact lost": "contact_lost",
    "Withdrew application / ": "withdrew_deceased",
    "Withdrew": "withdrew",
    "Applicant deceased": "deceased",
    "Retired": "withdrew_deceased",
    "No longer": "ineligible",
    "Not known": "nk",
}
_ACTIVITY = {
    "Accommodation secured by": ("secured_by_la",),
    "Helped to secure accommodation found by applicant, with fin": ("helped_with_payment",),
    "Helped to secure accommodation found by applicant, without": ("helped_no_payment",),
    "Supported housing": ("supported_housing",),
    "Negotiation / mediation work": ("mediation_family",),
    "Negotiation / mediation / adv": ("mediation_eviction",),
    "Discretionary": ("dhp",),
    "Other financial": ("payment_arrears", "payment_other"),
    "Other activity": ("other", "mediation_family", "mediation_landlord", "sanctuary"),
    "Other": ("other", "debt_advice", "benefit_problems", "sanctuary", "hrs"),
    "No activity": ("none",),
}
_DECISION = {
    "Homeless + priority need + unint": "accepted",
    "Homeless + priority need + int": "intentional",
    "Homeless + no": "no_priority_need",
    "Not homeless": "not_homeless",
}
_MAIN_OUTCOME = {
    "Housing Act 1996 Pt6 social housing offer > Accepted": ("part6_accepted",),
    "Housing Act 1996 Pt6 social housing offer > Refused": ("part6_refused",),
    "Private rented sector offer > Accepted": ("prs_accepted", "prs_accepted", "rp_accepted"),
    "Private rented sector offer > Refused": ("prs_refused",),
    "Refused suitable TA": ("ta_refused", "withdrew", "contact_lost"),
    "Ceased": ("ineligible",),
    "Became": ("intentional",),
    "Voluntarily": ("voluntary",),
    "Not known": ("nk",),
}


def labelled(choices: dict[str, str], path: str) -> str:
    """The code whose label begins the last label of a column."""
    label = path.split(SEPARATOR)[-1]
    return next(code for start, code in choices.items() if label.startswith(start))


@cache
def ethnicity(path: str) -> str:
    """Ethnic group of a column of A8 or TA6."""
    return labelled(_ETHNICITY, path)


@cache
def employment(path: str) -> str:
    """Employment status of a column of A10."""
    return labelled(_EMPLOYMENT, path)


@cache
def orientation(path: str) -> str:
    """Sexual orientation of a column of A12."""
    return labelled(_ORIENTATION, path)


@cache
def eligibility(path: str) -> str:
    """Eligibility of a column of A11."""
    return labelled(_ELIGIBILITY, path)


@cache
def referral_body(path: str) -> str:
    """Referring body of a column of A7."""
    return labelled(_REFERRAL_BODY, path)


@cache
def prevention_outcome(path: str) -> str:
    """Reason of a column of P1."""
    return labelled(_PREVENTION_OUTCOME, path)


@cache
def relief_outcome(path: str) -> str:
    """Reason of a column of R1."""
    return labelled(_RELIEF_OUTCOME, path)


def activity(path: str, rng: random.Random) -> str:
    """Main activity of a column of P3 or R3."""
    return rng.choice(_activities(path))


@cache
def _activities(path: str) -> Sequence[str]:
    return _by_start(_ACTIVITY, path)


@cache
def decision(path: str) -> str:
    """Decision of a column of MD1."""
    return labelled(_DECISION, path)


def main_outcome(path: str, rng: random.Random) -> str:
    """Reason of a column of MD2."""
    return rng.choice(next(codes for start, codes in _MAIN_OUTCOME.items() if path.startswith(start)))
