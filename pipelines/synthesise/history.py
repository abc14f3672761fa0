"""Dates: every event of a case in the quarter that counts it, in the order of the Act, never after the last day."""

from __future__ import annotations

from datetime import date, timedelta

from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import BEFORE, Case, Ending, Stay
from pipelines.synthesise.placements import place_case
from schemas.law import FIRST_DAY_OF_HRA

_ONE = timedelta(days=1)


_GAPS = {"expired_56": 56, "elapsed_56": 55}
"""Least number of days from the start of a duty to its end, by outcome; 1 for the others."""


def _gap(ending: Ending) -> int:
    return _GAPS.get(ending.outcome, 1)


def date_case(case: Case, calendar: Calendar) -> None:
    """Fill in every date of the case and its placements."""
    entry = _first_entry(case, calendar)
    if case.assessed is None:
        _old(case, calendar, entry)
    else:
        _current(case, calendar, entry)
    place_case(case, calendar)
    _reviews(case, calendar)


def _first_entry(case: Case, calendar: Calendar) -> date | None:
    if not case.stays:
        return None
    stay = case.stays[0]
    return calendar.quarters[stay.quarter].last_day - timedelta(days=stay.days)


def _current(case: Case, calendar: Calendar, entry: date | None) -> None:
    steps = [(case.assessed or 0, 0)]
    for ending in (case.prevention_end, case.relief_end):
        if ending is not None:
            steps.append((ending.quarter, _gap(ending)))
    if case.decision is not None:
        steps.append((case.decision.quarter, 0))
    if case.main_end is not None:
        steps.append((case.main_end.quarter, 1))
    first = calendar.quarters[case.assessed or 0].first_day
    low = max(first, FIRST_DAY_OF_HRA)
    days = calendar.chain(steps, low)
    if entry is not None and case.prevention_end is not None and days[1] > entry:
        # V-04: in temporary accommodation only once prevention has ended.
        days[1] = max(entry, low)
        days[0] = min(days[0], max(low, days[1] - _ONE))
    case.assessed_on = days.pop(0)
    case.applied_on = calendar.before(case.assessed_on, 5)
    if entry is not None and entry < case.applied_on:
        case.applied_on = entry
    if case.assess1 is not None and case.prevention:
        case.prevention_start = case.assessed_on
        if case.prevention_end is not None:
            case.prevention_end.day = days.pop(0)
    if case.relief:
        end = case.prevention_end
        case.relief_start = case.assessed_on if end is None else end.day
        if case.relief_end is not None:
            case.relief_end.day = days.pop(0)
    if case.decision is not None:
        case.decision.day = days.pop(0)
    if case.main_end is not None:
        case.main_end.day = days.pop(0)


def _old(case: Case, calendar: Calendar, entry: date | None) -> None:
    """A case assessed before the window: what the window counts first, then backwards."""
    last_before = calendar.start - _ONE
    inside = [
        (event.quarter, _gap(event) if isinstance(event, Ending) else 0)
        for event in (case.prevention_end, case.relief_end, case.decision, case.main_end)
        if event is not None and event.quarter != BEFORE
    ]
    days = calendar.chain(inside)
    for event in (case.prevention_end, case.relief_end, case.decision, case.main_end):
        if event is not None and event.quarter != BEFORE:
            event.day = days.pop(0)
    start = _duty_start(case, calendar, last_before, entry)
    if start is None:
        _legacy(case, calendar, entry)
        return
    case.assessed_on = start
    case.applied_on = calendar.before(start, 5)
    if entry is not None and entry < case.applied_on:
        case.applied_on = entry
    if case.prevention:
        case.prevention_start = start
    if case.relief:
        case.relief_start = start if not case.prevention or case.prevention_end is None else case.prevention_end.day
    if case.applied_on < FIRST_DAY_OF_HRA:
        if entry is not None and entry < FIRST_DAY_OF_HRA:
            _legacy(case, calendar, entry)
        else:
            case.applied_on = min(start, FIRST_DAY_OF_HRA)


def _duty_start(case: Case, calendar: Calendar, last_before: date, entry: date | None) -> date | None:
    """Assessment day of a case from before the window, None where the Act was not yet in force."""
    if case.assess1 is None:
        return None
    first_end = case.prevention_end if case.prevention else case.relief_end
    if first_end is not None and first_end.quarter != BEFORE and first_end.day is not None:
        limit = min(last_before, first_end.day - timedelta(days=_gap(first_end)))
        start = calendar.before(limit, 35)
        start = max(start, min(FIRST_DAY_OF_HRA, limit))
        return start if start >= FIRST_DAY_OF_HRA else None
    if case.decision is None:
        start = calendar.before(min(last_before, entry or last_before), 20)
        start = max(start, min(FIRST_DAY_OF_HRA, last_before))
        return start if start >= FIRST_DAY_OF_HRA and (entry is None or entry >= FIRST_DAY_OF_HRA) else None
    return _decided_start(case, calendar, last_before, entry)


def _decided_start(case: Case, calendar: Calendar, last_before: date, entry: date | None) -> date | None:
    decision, relief_end = case.decision, case.relief_end
    assert decision is not None
    needed = (
        57 + (decision.quarter == BEFORE) * 2 + (case.main_end is not None and case.main_end.quarter == BEFORE) * 30
    )
    limit = last_before - timedelta(days=needed)
    if entry is not None:
        limit = min(limit, entry)
    start = calendar.before(limit, 40 if entry is None else 10)
    if case.main_end is not None and entry is None:
        start = calendar.before(limit, 400)
    if start < FIRST_DAY_OF_HRA <= limit:
        start = calendar.between(FIRST_DAY_OF_HRA, limit)
    if start < FIRST_DAY_OF_HRA:
        return None
    if relief_end is not None and relief_end.quarter == BEFORE:
        latest = last_before if decision.quarter != BEFORE else last_before - _ONE
        if case.main_end is not None and case.main_end.quarter == BEFORE:
            latest -= timedelta(days=25)
        relief_end.day = min(calendar.after(start, 25, 55), latest)
        if decision.quarter == BEFORE:
            decision.day = min(calendar.after(relief_end.day, 15), latest)
        if case.main_end is not None and case.main_end.quarter == BEFORE and decision.day is not None:
            case.main_end.day = min(calendar.after(decision.day, 200, 20), last_before)
    return start


def _legacy(case: Case, calendar: Calendar, entry: date | None) -> None:
    """A case from before the Act, or loaded without its history: no assessment, no duty but what is counted."""
    case.legacy = True
    counted = [
        event.day
        for event in (case.prevention_end, case.relief_end, case.decision, case.main_end)
        if event is not None and event.quarter != BEFORE and event.day is not None
    ]
    anchor = min([*counted, calendar.start - _ONE, *([entry] if entry is not None else [])])
    case.applied_on = calendar.before(anchor, 30, 1)
    if anchor <= FIRST_DAY_OF_HRA + timedelta(days=90) and case.assess1 is not None:
        case.applied_on = min(case.applied_on, FIRST_DAY_OF_HRA - _ONE)
    case.assessed_on = None
    case.assess1 = None
    if case.prevention and case.prevention_end is not None and case.prevention_end.day is not None:
        case.prevention_start = case.prevention_end.day - timedelta(days=_gap(case.prevention_end))
        case.applied_on = min(case.applied_on, case.prevention_start)
    else:
        case.prevention = False
        case.prevention_end = None
    ended = case.relief_end is not None and case.relief_end.quarter != BEFORE
    if case.relief_end is not None and ended and case.relief_end.day is not None:
        case.relief_start = case.relief_end.day - timedelta(days=_gap(case.relief_end))
        if entry is not None:
            # The household was in emergency accommodation under this duty at the end of a quarter before.
            case.relief_start = min(case.relief_start, max(entry, FIRST_DAY_OF_HRA))
        if case.prevention_end is not None and case.prevention_end.day is not None:
            case.relief_start = case.prevention_end.day
        case.applied_on = min(case.applied_on, case.relief_start)
    elif case.prevention_end is not None and case.prevention_end.outcome == "homeless":
        case.relief_start = case.prevention_end.day
    else:
        case.relief = False
        case.relief_end = None
    before = calendar.start - _ONE
    if case.decision is not None and case.decision.quarter == BEFORE:
        ended_before = case.main_end is not None and case.main_end.quarter == BEFORE
        latest = before - timedelta(days=20 if ended_before else 1)
        case.applied_on = min(case.applied_on, latest - timedelta(days=30))
        case.decision.day = min(calendar.after(case.applied_on, 30, 20), latest)
        if ended_before and case.main_end is not None:
            case.main_end.day = min(calendar.after(case.decision.day, 300, 10), before)


def _reviews(case: Case, calendar: Calendar) -> None:
    for stay, before in zip(case.stays, [None, *case.stays], strict=False):
        if stay.pending_review and not (before is not None and before.pending_review):
            case.reviews.append(_of_suitability(case, stay, calendar))
    if case.stays or case.decision is None or case.decision.day is None or calendar.rng.random() > 0.04:
        return
    asked = case.decision.day + timedelta(days=calendar.rng.randint(2, 19))
    if asked >= calendar.end:
        return
    decided = asked + timedelta(days=calendar.rng.randint(20, 55))
    review = {"review_requested_date": asked, "decision_reviewed": "duty_owed"}
    review["decision_notified_date"] = case.decision.day
    if decided <= calendar.end:
        review["review_outcome_date"] = decided
        review["review_outcome"] = calendar.rng.choice(("upheld", "upheld", "overturned", "withdrawn"))
    case.reviews.append(review)


def _of_suitability(case: Case, stay: Stay, calendar: Calendar) -> dict[str, object]:
    """A review that is pending from this quarter's end on, decided after the last one at which it is."""
    last = calendar.last_days[stay.quarter]
    asked = max(last - timedelta(days=calendar.rng.randint(5, 50)), case.applied_on or last)
    review: dict[str, object] = {"review_requested_date": asked, "decision_reviewed": "suitability"}
    while stay.later is not None and stay.later.pending_review:
        stay = stay.later
    if stay.later is not None:
        decided = calendar.last_days[stay.quarter] + timedelta(days=calendar.rng.randint(5, 60))
        review["review_outcome_date"] = decided
        review["review_outcome"] = "upheld"
    return review
