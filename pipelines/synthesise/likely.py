"""Which values tend to go together, where the tables say nothing: weights, never limits.

The weights are ours, chosen so that a reader of the rows meets no odd household; no table depends on them.
"""

from __future__ import annotations

from pipelines.synthesise.codes import FAMILIES

REASON_GROUP = {
    "prs_ast": "private",
    "prs_non_ast": "private",
    "srs": "social",
    "supported": "supported",
    "family_friends": "family",
    "relationship": "partner",
    "da_victim": "abuse",
    "da": "abuse",
    "da_perpetrator": "alone",
    "violence_other": "violence",
    "inst_custody": "custody",
    "inst_hosp_psych": "hospital",
    "inst_hosp_general": "hospital",
    "inst_lac": "care",
    "inst": "custody",
    "asylum": "asylum",
}


def reason_group(reason: str) -> str:
    """A coarse class of reasons for loss."""
    return REASON_GROUP.get(reason, "other")


_HOUSEHOLD: dict[str, dict[str, float]] = {
    "private": {"single_parent_female": 4, "couple_children": 4, "single_adult_male": 0.6, "couple_no_children": 1.5},
    "abuse": {"single_parent_female": 6, "single_adult_female": 4, "single_adult_male": 0.2, "couple_children": 0.2},
    "custody": {"single_adult_male": 8, "single_adult_female": 0.8},
    "hospital": {"single_adult_male": 4, "single_adult_female": 3},
    "care": {"single_adult_male": 3, "single_adult_female": 3},
    "asylum": {"single_adult_male": 6, "couple_children": 1},
    "alone": {"single_adult_male": 8},
    "supported": {"single_adult_male": 4, "single_adult_female": 2},
    "family": {"single_adult_male": 2, "single_adult_female": 2, "single_parent_female": 2},
    "partner": {"single_adult_male": 3, "single_parent_female": 2},
}


def household_for_reason(group: str, household: str) -> float:
    """How likely a household type is for a reason for loss."""
    given = _HOUSEHOLD.get(group)
    if given is None:
        return 1.0
    default = 0.5 if household in FAMILIES or "children" in household else 0.7
    return given.get(household, default)


_CURRENT = {
    "private": {"prs_self": 40, "prs_hmo": 8, "prs_lodging": 4},
    "social": {"srs_council": 30, "srs_rp": 30},
    "supported": {"srs_supported": 60},
    "family": {"family": 40, "friends": 20},
    "abuse": {"refuge": 20, "family": 4, "friends": 4, "prs_self": 4, "ta": 5},
    "custody": {"inst_custody": 60},
    "hospital": {"inst_hospital_general": 30, "inst_hospital_psych": 30},
    "asylum": {"nass": 80},
    "alone": {"rough_sleeping": 4, "friends": 4},
}
_OWN = frozenset({"inst_custody", "inst_hospital_general", "inst_hospital_psych", "nass", "srs_supported", "refuge"})


def current_for_reason(group: str, accommodation: str) -> float:
    """How likely accommodation at application is for a reason for loss."""
    return _CURRENT.get(group, {}).get(accommodation, 0.05 if accommodation in _OWN else 1.0)


_AGE = {
    "couple_children": {"25-34": 3, "35-44": 3, "16-17": 0.01, "65-74": 0.1, "75+": 0.02},
    "single_parent_female": {"18-24": 2, "25-34": 4, "35-44": 3, "16-17": 0.1, "65-74": 0.05, "75+": 0.01},
    "single_parent_male": {"25-34": 2, "35-44": 3, "45-54": 2, "16-17": 0.02, "65-74": 0.1, "75+": 0.02},
    "couple_no_children": {"55-64": 2, "65-74": 2, "75+": 2, "16-17": 0.05},
    "three_adults_children": {"35-44": 3, "45-54": 3, "16-17": 0.01, "18-24": 0.2, "75+": 0.1},
    "three_adults_no_children": {"45-54": 3, "55-64": 3, "16-17": 0.02, "18-24": 0.2},
}


def age_for_household(household: str, band: str) -> float:
    """How likely an age band of the main applicant is for a household type."""
    return _AGE.get(household, {}).get(band, 1.0)


_WORK = {
    "16-17": {"student": 6, "retired": 0.0001},
    "18-24": {"student": 3, "retired": 0.0001},
    "25-34": {"retired": 0.001, "emp_off_parental": 3},
    "35-44": {"retired": 0.001},
    "45-54": {"retired": 0.01, "sick": 2},
    "55-64": {"retired": 0.5, "sick": 3, "student": 0.1},
    "65-74": {"retired": 40, "student": 0.01},
    "75+": {"retired": 100, "student": 0.001, "ft": 0.1},
}


def work_for(key: tuple[str, str], status: str) -> float:
    """How likely an employment status is for an age band and household type."""
    band, household = key
    weight = _WORK.get(band, {}).get(status, 1.0)
    if status == "home" and household.startswith("single_parent"):
        weight *= 4
    return weight


_BODY = {
    "custody": {"prison_adult": 30, "probation": 20, "youth_secure": 3},
    "hospital": {"hospital": 30, "mental_health": 20},
    "care": {"csc": 20},
    "asylum": {"nrpf": 10},
}


def body_for_reason(group: str, body: str) -> float:
    """How likely a referring body is for a reason for loss."""
    if body == "no":
        return 0.2 if group in _BODY else 1.0
    return _BODY.get(group, {}).get(body, 0.3 if body in {"prison_adult", "youth_secure"} else 1.0)


_STAYED = frozenset(
    {"mediation_family", "mediation_eviction", "dhp", "payment_arrears", "payment_other", "sanctuary", "hrs"}
    | {"debt_advice", "benefit_problems"}
)


def activity_for_outcome(outcome: str, activity: str) -> float:
    """How likely a main activity is for a household that stayed or moved."""
    if activity in {"none", "other"}:
        return 1.0
    return 6.0 if (activity in _STAYED) == (outcome == "secured_existing") else 1.0


def accommodation_for(key: tuple[str, str], accommodation: str) -> float:
    """How likely accommodation at the end of a duty is for an outcome and activity."""
    outcome, activity = key
    if activity == "supported_housing":
        return 20.0 if accommodation == "srs_supported" else 1.0
    if activity == "mediation_family":
        return 20.0 if accommodation in {"family", "friends"} else 1.0
    if outcome == "secured_existing" and accommodation == "srs_supported":
        return 0.3
    return 1.0


def nationality_for(ethnicity: str, group: str) -> float:
    """How likely a nationality group is for an ethnic group."""
    if group == "uk":
        return 0.5 if ethnicity == "white_other" else 3.0
    if group == "ireland":
        return 30.0 if ethnicity == "white_irish" else 0.2
    if group in {"a8_a2_croatia", "other_eea"}:
        return 20.0 if ethnicity == "white_other" else 0.5
    return 0.2 if ethnicity.startswith("white_brit") else 1.0


def eligibility_for(nationality: str, eligibility: str) -> float:
    """How likely an eligibility is for a nationality group."""
    if nationality in {"uk", "ireland"}:
        return 50.0 if eligibility == "uk_roi_hr" else 0.01
    if nationality in {"a8_a2_croatia", "other_eea"}:
        return 20.0 if eligibility.startswith("eea") else 1.0
    return 1.0 if eligibility == "uk_roi_hr" else 0.01 if eligibility.startswith("eea") else 10.0


def duty_for(key: tuple[bool, str], group: str) -> float:
    """How likely a duty group of TA3 is for a household with or without children in a type."""
    family, kind = key
    if group == "s189b":
        return 0.02 if family else 2.0
    if group == "interim":
        return 3.0 if kind in {"bb", "hostel"} else 1.0
    return 2.0 if family and kind not in {"bb", "hostel"} else 1.0
