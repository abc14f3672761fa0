"""Households assessed in a quarter: tables A1 to A13."""

from __future__ import annotations

import random

from pipelines.synthesise import codes, likely
from pipelines.synthesise.case import Case
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import deal
from pipelines.synthesise.margins import base, deal_margin, margin
from pipelines.synthesise.needs import deal_needs
from pipelines.synthesise.tree import Node, build, report, resolve

_NOT_OWED = {
    "Not ": "not_threatened_56",
    "Withdrew": "withdrew_before_assessment",
    "Not eligible": "not_eligible",
}
_HOUSEHOLD = {
    "single_adult_male": 40.0,
    "single_adult_female": 22.0,
    "single_parent_female": 20.0,
    "couple_children": 8.0,
    "couple_no_children": 4.0,
    "single_parent_male": 3.0,
    "three_adults_no_children": 1.0,
}
_ORIENTATION = {"heterosexual": 85.0, "homosexual": 3.0, "prefer_not": 7.0, "nk": 5.0}
_EMPLOYMENT = {"ft": 14.0, "pt": 12.0, "unemp_reg": 33.0, "sick": 18.0, "home": 8.0, "nk": 6.0, "retired": 3.0}
_ETHNICITY = {"white_british": 70.0, "black_african": 6.0, "white_other": 6.0, "nk": 8.0, "asian_pakistani": 4.0}
_AGES = {"18-24": 20.0, "25-34": 30.0, "35-44": 25.0, "45-54": 14.0, "55-64": 8.0, "65-74": 3.0}
_NATIONALITY = {"uk": 82.0, "a8_a2_croatia": 4.0, "other_eea": 2.0, "non_eea": 10.0, "nk": 2.0}
_COUNTRIES = {
    "uk": ("GB",),
    "ireland": ("IE",),
    "a8_a2_croatia": ("PL", "RO", "LT", "BG", "LV", "HU", "SK"),
    "other_eea": ("PT", "IT", "ES", "FR", "DE", "NL"),
    "non_eea": ("NG", "BD", "PK", "IN", "SO", "ER", "SD", "SY", "AF", "IR", "GH", "UA", "JM", "AL"),
    "nk": ("nk",),
}
_GROUPS = {
    "UK": "uk",
    "Ireland": "ireland",
    "A8, A2 & Croatia": "a8_a2_croatia",
    "Other EEA": "other_eea",
    "Non-EEA": "non_eea",
    "Not known": "nk",
}


def assessed(sheet: Sheet, quarter: int, rng: random.Random) -> list[Case]:
    """One case for each household assessed in the quarter, with all that the A tables ask of it."""
    cases = _outcomes(sheet, quarter, rng)
    owed = [case for case in cases if case.duty]
    prevention = [case for case in owed if case.duty == "prevention"]
    relief = [case for case in owed if case.duty == "relief"]
    _reasons(sheet, prevention, relief, rng)
    for table, group in (("A5P", prevention), ("A5R", relief)):
        _households(sheet, table, group, rng)
    _accommodation(sheet, prevention, relief, rng)
    _applicants(sheet, owed, rng)
    deal_needs(sheet, owed, rng)
    _without_duty(sheet, [case for case in cases if not case.duty], rng)
    _referrals(sheet, cases, rng)
    return cases


def _outcomes(sheet: Sheet, quarter: int, rng: random.Random) -> list[Case]:
    root = build(sheet, "A1")
    if root is None:
        return []
    owed = next(node for node in root.children if node.children)
    parts = {node.label.rsplit(" > ", 1)[-1].split(" ")[0]: node for node in owed.children}
    threatened, notice, homeless = parts["Threatened"], parts["due"], parts["Homeless"]
    threatened.children = [notice, Node("another reason", None, weight=threatened.weight - notice.weight)]
    owed.children = [threatened, homeless]
    resolve(root, base(sheet, "A1"), rng)
    report(sheet, "A1", root, "A1")
    cases = [Case(quarter, "prevention_notice") for _ in range(notice.value)]
    cases += [Case(quarter, "prevention") for _ in range(threatened.value - notice.value)]
    cases += [Case(quarter, "relief") for _ in range(homeless.value)]
    for node in root.children:
        if node is not owed:
            code = next(c for start, c in reversed(_NOT_OWED.items()) if node.label.startswith(start))
            cases += [Case(quarter, code) for _ in range(node.value)]
    for case in cases:
        case.prevention = case.duty == "prevention"
        case.relief = case.duty == "relief"
    return cases


def _reasons(sheet: Sheet, prevention: list[Case], relief: list[Case], rng: random.Random) -> None:
    whole = margin(sheet, "A2", len(prevention) + len(relief), "A1", rng)
    first = margin(sheet, "A2P", len(prevention), "A1: prevention duty owed", rng)
    second = margin(sheet, "A2R", len(relief), "A1: relief duty owed", rng)
    if whole is not None and first is not None and second is None:
        second = _difference(sheet, whole, first, len(relief))
    groups = [(prevention, first), (relief, second)] if first is not None else [(prevention + relief, whole)]
    for cases, counts in groups:
        if counts is None:
            continue
        paths = deal(
            rng,
            [case.assess1 or "" for case in cases],
            counts,
            lambda assess1, path: 30.0 if assess1 == "prevention_notice" and path.startswith("End of assured") else 1.0,
        )
        for case, path in zip(cases, paths, strict=True):
            case.reason, case.tenancy_end = codes.reason(path, sheet.quarter.first_day, rng)


def _difference(sheet: Sheet, whole: dict[str, int], part: dict[str, int], want: int) -> dict[str, int]:
    """A2 less A2P, April to June 2020, the one quarter that prints these two."""
    rest = {path: max(n - part.get(path, 0), 0) for path, n in whole.items()}
    over = sum(rest.values()) - want
    for path in sorted(rest, key=lambda p: -rest[p]):
        if over == 0:
            break
        taken = min(rest[path], over) if over > 0 else over
        rest[path] -= taken
        over -= taken
    for path, printed in whole.items():
        reached = rest[path] + part.get(path, 0)
        shown = sheet.count("A2", path)
        if shown is not None and shown == printed and shown != reached:
            sheet.clash("A2", path, shown, reached, "less than A2P prints for the prevention duty", [f"A2P: {path}"])
    return rest


def _households(sheet: Sheet, table: str, cases: list[Case], rng: random.Random) -> None:
    counts = margin(sheet, table, len(cases), "A1", rng)
    groups = [likely.reason_group(case.reason or "nk") for case in cases]
    paths = deal_margin(rng, groups, counts, codes.household, likely.household_for_reason, _HOUSEHOLD)
    for case, path in zip(cases, paths, strict=True):
        case.household = path if counts is None else codes.household(path)


def _accommodation(sheet: Sheet, prevention: list[Case], relief: list[Case], rng: random.Random) -> None:
    whole = margin(sheet, "A4", len(prevention) + len(relief), "A1", rng)
    groups = [(prevention + relief, whole)]
    if whole is None:
        groups = [
            (prevention, margin(sheet, "A4P", len(prevention), "A1: prevention duty owed", rng)),
            (relief, margin(sheet, "A4R", len(relief), "A1: relief duty owed", rng)),
        ]
    for cases, counts in groups:
        classes = [likely.reason_group(case.reason or "nk") for case in cases]
        paths = deal(
            rng,
            classes,
            counts or {"Other / not known": len(cases)},
            lambda group, path: likely.current_for_reason(group, codes.accommodation(path, rng)),
        )
        for case, path in zip(cases, paths, strict=True):
            case.current = codes.accommodation(path, rng)


def _applicants(sheet: Sheet, cases: list[Case], rng: random.Random) -> None:
    n = len(cases)
    ages = margin(sheet, "A6", n, "A1", rng)
    households = [c.household or "nk" for c in cases]
    dealt = deal_margin(rng, households, ages, lambda p: p, likely.age_for_household, _AGES)
    for case, band in zip(cases, dealt, strict=True):
        case.age = band if band in codes.AGES else "nk"
    counts = margin(sheet, "A8", n, "A1", rng)
    dealt = deal_margin(rng, [0] * n, counts, codes.ethnicity, otherwise=_ETHNICITY)
    for case, path in zip(cases, dealt, strict=True):
        case.ethnicity = path if counts is None else codes.ethnicity(path)
    counts = margin(sheet, "A10", n, "A1", rng)
    dealt = deal_margin(
        rng,
        [(c.age or "nk", c.household or "nk") for c in cases],
        counts,
        codes.employment,
        likely.work_for,
        _EMPLOYMENT,
    )
    for case, path in zip(cases, dealt, strict=True):
        case.employment = path if counts is None else codes.employment(path)
    counts = margin(sheet, "A12", n, "A1", rng)
    dealt = deal_margin(rng, [0] * n, counts, codes.orientation, otherwise=_ORIENTATION)
    for case, path in zip(cases, dealt, strict=True):
        case.orientation = path if counts is None else codes.orientation(path)
    _origins(sheet, cases, rng)
    for case in cases:
        draw = rng.random()
        case.gender_identity = "same" if draw < 0.93 else "prefer_not" if draw < 0.97 else "other_nk"
        if draw > 0.995:
            case.gender_identity = "different"


def _origins(sheet: Sheet, cases: list[Case], rng: random.Random) -> None:
    n = len(cases)
    counts = margin(sheet, "A9", n, "A1", rng)
    groups = deal_margin(
        rng,
        [c.ethnicity or "nk" for c in cases],
        counts,
        lambda p: _GROUPS.get(p, "nk"),
        likely.nationality_for,
        _NATIONALITY,
    )
    if counts is not None:
        groups = [_GROUPS.get(group, "nk") for group in groups]
    counts = margin(sheet, "A11", n, "A1", rng)
    status = deal_margin(
        rng,
        groups,
        counts,
        codes.eligibility,
        likely.eligibility_for,
        {"uk_roi_hr": 88.0, "ilr": 4.0, "llr": 3.0, "refugee": 3.0, "eea_worker": 2.0},
    )
    for case, group, path in zip(cases, groups, status, strict=True):
        case.nationality = rng.choice(_COUNTRIES[group])
        case.eligibility = path if counts is None else codes.eligibility(path)


def _without_duty(sheet: Sheet, cases: list[Case], rng: random.Random) -> None:
    for case in cases:
        case.household = rng.choices(list(_HOUSEHOLD), list(_HOUSEHOLD.values()))[0]
        case.age = rng.choices(list(_AGES), list(_AGES.values()))[0]
        case.ethnicity = rng.choices(list(_ETHNICITY), list(_ETHNICITY.values()))[0]
        case.eligibility = "ineligible" if case.assess1 == "not_eligible" else "uk_roi_hr"
        case.nationality = "GB" if case.eligibility == "uk_roi_hr" else rng.choice(_COUNTRIES["non_eea"])
        case.needs = ["none"]


def _referrals(sheet: Sheet, cases: list[Case], rng: random.Random) -> None:
    for case in cases:
        case.referral = "no"
    columns = sheet.paths("A7")
    if not columns:
        return
    total = sheet.count("A7", columns[0])
    root = _referral_tree(sheet, columns)
    parts = root.parts_sum()
    usual = parts if parts is not None else round(0.15 * len(cases))
    want = usual if total is None else total
    resolve(root, min(want, len(cases)), rng)
    report(sheet, "A7", root, "A1: Total initial assessments")
    counts = {node.label: node.value for node in root.leaves()}
    counts["no"] = len(cases) - sum(counts.values())
    groups = [likely.reason_group(case.reason or "nk") for case in cases]
    dealt = deal(
        rng,
        groups,
        counts,
        lambda group, path: likely.body_for_reason(group, _referral(path)[1] or _referral(path)[0]),
    )
    for case, path in zip(cases, dealt, strict=True):
        case.referral, case.body = _referral(path)


def _referral(path: str) -> tuple[str, str | None]:
    if path == "no":
        return "no", None
    label = path.rsplit(" > ", 1)[-1]
    if "by an agency" in label:
        return "agency", None
    if "another local authority" in label:
        return "other_la", None
    return "dtr", codes.referral_body(path)


def _referral_tree(sheet: Sheet, columns: list[str]) -> Node:
    """A7 as a tree: the referring bodies stand beside their total in the first layouts."""
    root = Node(columns[0], columns[0])
    duty = Node("Duty to Refer")
    root.children.append(duty)
    for path in columns[1:]:
        label = path.rsplit(" > ", 1)[-1]
        if label.startswith("Total") or label == "Households referred by a public body under the Duty to Refer":
            duty.path = path
        elif "by an agency" in label or "another local authority" in label:
            root.children.append(Node(path, path))
        else:
            duty.children.append(Node(path, path))
    for node in root.walk():
        if node.path is not None:
            node.published = sheet.count("A7", node.path)
            node.weight = sheet.shape("A7", node.path)
    return root
