"""Of rows that are the same, the first or the last."""

from __future__ import annotations

import pytest

from schemas.sources import ProfileError
from tests.extract.steps.shaped import made, places

STAYS = """
file = "stays"
keep = "last"
order_by = "Updated"
per = ["Stay"]
[table.temporary_accommodation]
case_ref = "Case"
entry_date = "In"
exit_date = "Out"
"""
HEAD = "Case,Stay,In,Out,Updated\n"


def test_the_last_row_is_kept_by_the_day_and_not_by_the_letters() -> None:
    stays = f"{HEAD}1,s1,01/01/2025,,09/12/2024\n1,s1,01/01/2025,03/01/2025,01/01/2025\n1,s2,05/01/2025,,01/01/2024"
    found = made(STAYS, stays=stays)
    assert found.column("Stay", "Out") == [("s1", "03/01/2025"), ("s2", None)]
    assert found.column("_at") == [places((1, 3)), places((1, 4))]
    assert (found.kinds, found.steps) == ([], ["keep last by 'Updated'"])
    first = made(STAYS.replace("last", "first"), stays=stays)
    assert first.column("_at") == [places((1, 2)), places((1, 4))]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("31/01/2025", "01/02/2025"),
        ("9", "10"),
        ("1,100", "£2000.50"),
        ("05/11/2025 9:59", "05/11/2025 10:01"),
        ("05/11/2025 11:59 AM", "05/11/2025 12:01 pm"),
        ("2025-09-30", "1-Oct-2025"),
        ("1 September 2025", "02/09/2025"),
        ("45000", "45000.5"),
        ("45658", "02/01/2025"),
        ("31/12/2024T23:59:59", "2025-01-01 00:00:00.5"),
        ("1 Apr 2025 09:30 BST", "1 Apr 2025 09:00 GMT"),
    ],
)
def test_times_dates_and_numbers_are_put_in_order_as_such(earlier: str, later: str) -> None:
    for rows in ([earlier, later], [later, earlier]):
        text = "\n".join(f'1,s1,,{"out" if one == later else ""},"{one}"' for one in rows)
        found = made(STAYS, dates='["uk", "iso", "month", "serial"]', stays=HEAD + text)
        assert (found.column("Out"), found.kinds) == (["out"], [])


@pytest.mark.parametrize("text", ["01/02/25", "31/02/2025", "soon", "01/02/2025 25:00", "1.5.25"])
def test_a_text_by_which_nothing_can_be_told_is_an_error_where_it_decides(text: str) -> None:
    found = made(STAYS, stays=f"{HEAD}1,s1,,,01/02/2025\n1,s1,,x,{text}\n1,s2,,,{text}")
    assert found.message("X-93") == (
        "the table, column 'Updated': the cells by which the last row is to be told are neither all dates nor all"
        " numbers; not read: 1 row."
    )
    assert (found.kinds, found.said[0].at) == (["X-93"], (1, 3))


def test_a_blank_by_which_the_row_is_to_be_told_is_an_error() -> None:
    found = made(STAYS, stays=f"{HEAD}1,s1,,,\n1,s1,,x,01/02/2025\n1,s2,,,")
    assert (found.kinds, found.column("Stay", "Out")) == (["X-92"], [("s1", "x"), ("s2", None)])


def test_a_tie_is_an_error_unless_the_rows_are_the_same_throughout() -> None:
    tie = made(STAYS, stays=f"{HEAD}1,s1,,,01/02/2025\n1,s1,,x,1/2/2025\n1,s1,,,02/01/2025")
    assert tie.message("X-91") == (
        "the table, column 'None': which of the rows that are the same by 'Stay' is the last cannot be told; with the"
        " same 'Updated' as the one that was kept there are others that differ from it: 1 row."
    )
    assert tie.kinds == ["X-91"]
    assert made(STAYS, stays=f"{HEAD}1,s1,,,01/02/2025\n1,s1,,,01/02/2025").kinds == []
    assert made(STAYS, stays=f"{HEAD}1,s1,,a,01/01/2025\n1,s1,,b,01/01/2025\n1,s1,,,01/02/2025").kinds == []
    two = STAYS.replace('"Updated"', '["Updated", "In"]')
    found = made(two, stays=f"{HEAD}1,s1,02/01/2025,b,01/02/2025\n1,s1,01/01/2025,a,01/02/2025")
    assert (found.kinds, found.column("Out")) == ([], ["b"])


def test_without_an_order_rows_that_differ_are_an_error() -> None:
    no_order = STAYS.replace('order_by = "Updated"', "")
    found = made(no_order, stays=f"{HEAD}1,s1,,a,\n1,s1,,b,\n1,s2,,,\n1,s2,,,")
    assert found.message("X-90") == (
        "the table, column 'None': rows that are the same by 'Stay' differ otherwise, and nothing says which is the"
        " last; the last in the file was kept, and 1 row left."
    )
    assert (found.kinds, found.column("Out")) == (["X-90"], ["b", None])
    assert made(no_order, stays=f"{HEAD}1,s2,,,\n1,s2,,,").kinds == []


def test_rows_with_a_blank_key_are_not_the_same() -> None:
    found = made(STAYS, stays=f"{HEAD}1,,,a,01/02/2025\n1,,,b,01/02/2025")
    assert (found.column("Out"), found.kinds) == (["a", "b"], [])

    found = made(STAYS, stays=f"{HEAD}1,N/A,,a,01/02/2025\n1,N/A,,b,02/02/2025")
    assert (found.column("Out"), found.kinds) == (["a", "b"], [])


@pytest.mark.parametrize(
    "text", ["1/4/25", "Tue 1st April 2025, 09:30", "1 Apr 2025 8:30 GMT", "2025-04-01T10:30+01:00"]
)
def test_other_spellings_of_a_day_are_put_in_order_where_the_profile_accepts_them(text: str) -> None:
    rows = f'1,s1,,new,"{text}"\n1,s1,,old,31/03/2025 23:59'
    found = made(STAYS, dates='["uk", "month"]\ntwo_digit_years = 2050', stays=HEAD + rows)
    assert (found.column("Out"), found.kinds) == (["new"], [])


def test_among_events_only_rows_that_the_same_section_takes_replace_each_other() -> None:
    log = """
file = "log"
keep = "last"
order_by = "Date"
[table.prevention]
when = { "Event" = ["Prevention accepted"] }
case_ref = "Case"
prevention_start = "Date"
[table.relief]
when = { "Event" = ["Relief accepted"] }
case_ref = "Case"
relief_start = "Date"
"""
    rows = "1,Prevention accepted,01/01/2025\n1,prevention accepted,03/01/2025\n1,Relief accepted,02/01/2025"
    found = made(log, log=f"Case,Event,Date\n{rows}\n1,Letter,05/01/2025\n1,Letter,04/01/2025")
    assert found.column("Date") == ["03/01/2025", "02/01/2025", "05/01/2025", "04/01/2025"]
    assert found.kinds == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (STAYS.replace('per = ["Stay"]', ""), "keep needs per, the headings by which rows are the same"),
        (STAYS.replace('"last"', '"newest"'), 'keep is "first" or "last", by order_by.'),
        (STAYS.replace('keep = "last"', ""), "order_by belongs to keep"),
        (STAYS.replace("per", "by_what"), '"by_what" is not known'),
    ],
)
def test_a_keep_that_cannot_be_meant_is_refused(wrong: str, sentence: str) -> None:
    with pytest.raises(ProfileError, match=sentence):
        made(wrong, stays=HEAD)
