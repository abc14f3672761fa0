"""Rows of temporary accommodation: one stay from its entry to its end, re-coded or moved from quarter to quarter."""

from __future__ import annotations

from datetime import date, timedelta

from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import BEFORE, Case, Placement, Stay

S189B_FROM = date(2020, 5, 18)
_TADUTY = {"s193": "s193_2", "interim": "s188_1", "s189b": "s189b_2", "unknown": "nk"}
_FEW_NIGHTS = 18
_SIX_WEEKS = 42


def place_case(case: Case, calendar: Calendar) -> None:
    """Fill in the placements of the case's stays, one for each type, duty and district in turn."""
    if not case.stays:
        return
    first = case.stays[0]
    entry = calendar.quarters[first.quarter].last_day - timedelta(days=first.days)
    rows: list[Placement] = []
    since = entry
    few, until = _nights_to_spare(case)
    for place, stay in enumerate(case.stays):
        last = calendar.quarters[stay.quarter].last_day
        duty = _duty(case, stay, entry, last)
        previous = rows[-1] if rows else None
        state = (stay.kind, duty, stay.authority or "")
        if previous is not None and previous.kind == stay.kind == "own":
            continue
        if previous is not None and (previous.kind, previous.duty, previous.authority) == state:
            if _breaks_six_weeks(stay, rows, last):
                _away_from_bb(rows, stay, duty, calendar, last, few)
            continue
        if previous is not None and previous.kind == "bb" and _breaks_six_weeks(stay, rows, last):
            _away_from_bb(rows, stay, duty, calendar, last, few)
            continue
        start = since if place == 0 else _moved(stay, previous, calendar, few, until)
        if previous is not None:
            previous.exit, previous.exit_reason = start, "moved_ta"
        rows.append(Placement(start, None, stay.kind, duty, stay.authority or ""))
        if place == 0:
            _first_bb(case, rows, stay, duty, calendar, last, few)
    _leave(case, rows, calendar)
    case.placements = rows


def _duty(case: Case, stay: Stay, entry: date, last: date) -> str:
    if stay.duty == "ended":
        # The main duty itself has ended; else a review whose accommodation outlived it (s188(3)).
        if case.main_end is not None and case.main_end.day is not None and case.main_end.day <= last:
            return "s193_2"
        _decided_review(case, last)
        return "s188_3"
    duty = _TADUTY[stay.duty or "unknown"]
    return "s188_1" if duty == "s189b_2" and last < S189B_FROM else duty


def _decided_review(case: Case, last: date) -> None:
    if any("review_outcome" in review for review in case.reviews):
        return
    asked = max(last - timedelta(days=60), case.applied_on or date.min)
    case.reviews.append(
        {
            "review_requested_date": asked,
            "decision_reviewed": "duty_owed",
            "review_outcome_date": last - timedelta(days=3) if asked < last - timedelta(days=3) else last,
            "review_outcome": "upheld",
        }
    )


def _nights_to_spare(case: Case) -> tuple[int, int]:
    """Nights in bed and breakfast at the end of each quarter, few enough that a family is not over six weeks in any in
    which it is not counted so; and the last such quarter, before the window where there is none."""
    there = [stay for stay in case.stays if stay.kind == "bb" and stay.children]
    until = max((stay.quarter for stay in there if not stay.over_six_weeks), default=BEFORE)
    number = sum(stay.quarter <= until for stay in there)
    # Two nights more go with leaving in the quarter that follows.
    few = max(_SIX_WEEKS // number - 2, 1) if number else _FEW_NIGHTS
    return min(few, _FEW_NIGHTS), until


def _moved(stay: Stay, previous: Placement | None, calendar: Calendar, few: int, until: int) -> date:
    """Day of a move or re-coding in the quarter of the later stay."""
    quarter = calendar.quarters[stay.quarter]
    low, high = quarter.first_day, quarter.last_day
    if stay.kind == "bb" and stay.children and previous is not None:
        if stay.over_six_weeks:
            high = high - timedelta(days=_SIX_WEEKS + 1)
        elif previous.kind != "bb":
            low = high - timedelta(days=few)
    elif previous is not None and previous.kind == "bb" and stay.quarter < until:
        high = low + timedelta(days=1)
    return calendar.between(low, high)


def _breaks_six_weeks(stay: Stay, rows: list[Placement], last: date) -> bool:
    """Whether a family that is not counted so would be over six weeks, were it to stay where it is."""
    nights = sum((min(row.exit or last, last) - row.entry).days for row in rows if row.kind == "bb")
    return stay.kind == "bb" and stay.children > 0 and not stay.over_six_weeks and nights > _SIX_WEEKS


def _away_from_bb(rows: list[Placement], stay: Stay, duty: str, calendar: Calendar, last: date, few: int) -> None:
    """Out of bed and breakfast at the quarter's start and back near its end: the nights stay under the limit."""
    out = calendar.quarters[stay.quarter].first_day + timedelta(days=1)
    back = last - timedelta(days=calendar.rng.randint(min(3, few), few))
    rows[-1].exit, rows[-1].exit_reason = out, "moved_ta"
    rows.append(Placement(out, back, "nightly", duty, stay.authority or "", "moved_ta"))
    rows.append(Placement(back, None, "bb", duty, stay.authority or ""))


def _first_bb(
    case: Case, rows: list[Placement], stay: Stay, duty: str, calendar: Calendar, last: date, few: int
) -> None:
    """Six weeks are counted over the household's bed and breakfast placements, the stay over all of them."""
    if stay.kind != "bb" or not stay.children:
        return
    here = stay.authority or ""
    entry = rows[0].entry
    nights = (last - entry).days
    if nights > (_SIX_WEEKS if stay.later is None else few) and not stay.over_six_weeks:
        back = last - timedelta(days=calendar.rng.randint(min(3, few), few))
        rows[:] = [
            Placement(entry, back, "nightly", duty, here, "moved_ta"),
            Placement(back, None, "bb", duty, here),
        ]
    elif nights <= _SIX_WEEKS and stay.over_six_weeks:
        out = entry - timedelta(days=calendar.rng.randint(1, 3))
        came = out - timedelta(days=_SIX_WEEKS + 1)
        rows.insert(0, Placement(came, out, "bb", duty, here, "left"))
        if case.applied_on is not None and case.applied_on > came:
            case.legacy = True


def _leave(case: Case, rows: list[Placement], calendar: Calendar) -> None:
    last = case.stays[-1]
    if last.quarter + 1 >= len(calendar.quarters):
        return
    following = calendar.quarters[last.quarter + 1]
    ended = next(
        (
            e.day
            for e in (case.relief_end, case.main_end)
            if e is not None and e.day is not None and following.first_day <= e.day <= following.last_day
        ),
        None,
    )
    rows[-1].exit = ended or calendar.between(following.first_day, following.last_day)
    rows[-1].exit_reason = "ended_accommodation" if ended else "left"
