"""What a source profile may say of the cells of a column, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.extract import Extracted
from pipelines.extract.dates import parse_date
from pipelines.extract.parsing import parse_age
from pipelines.findings import WARNING
from schemas.codelists import codelist
from schemas.codelists.spellings import codes_meant
from schemas.sources import DEFAULT_DATES, ProfileError, parse
from tests.extract.mapped import CASES, run, write

Read = Callable[..., Extracted]


def column(tmp_path: Path, read: Read, field: str, source: str, *cells: str) -> list[object]:
    """What the cells of the column X give the field of people; the export must be without a finding."""
    found = cells_of(tmp_path, read, field, source, *cells)
    assert found.findings.is_empty(), found.findings.get_column("message").to_list()
    return found.sections["people"].get_column(field).to_list()


def cells_of(tmp_path: Path, read: Read, field: str, source: str, *cells: str) -> Extracted:
    """An export of a case with each of the cells under the heading X, which feeds a field of people."""
    rows = "\n".join(f'{number},2025-01-01,"{cell}"' for number, cell in enumerate(cells, start=1))
    return run(tmp_path, read, f"{CASES}{field} = {source}\n", cases=f"Case,Applied,X\n{rows}")


# ---- labels on both sides -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meant", ["prevention_notice", "PREVENTION_NOTICE", "label", "alias"])
def test_a_spelling_may_stand_for_a_code_its_label_or_an_alias_of_it(tmp_path: Path, read: Read, meant: str) -> None:
    known = codelist("relationship")
    code = next(iter(known.aliases.values()))
    words = {"label": known.codes[code].label.upper(), "alias": next(iter(known.aliases))}
    text = words.get(meant, code.upper() if meant.isupper() else code)
    profile = CASES.replace('{ constant = "main_applicant" }', f'{{ column = "X", codes = {{ "Us" = "{text}" }} }}')
    found = run(tmp_path, read, profile, cases="Case,Applied,X\n1,2025-01-01,us")
    assert found.sections["people"].get_column("relationship").to_list() == [code]


def test_the_codes_of_a_list_may_be_labels_too(tmp_path: Path, read: Read) -> None:
    profile = CASES + 'sex = "X"\n[codes.sex]\n"Lady" = "Female"\n'
    found = run(tmp_path, read, profile, cases="Case,Applied,X\n1,2025-01-01,LADY")
    assert found.sections["people"].get_column("sex").to_list() == ["female"]


@pytest.mark.parametrize(
    "meant", ["Prevention duty owed", "Threatened with homelessness - prevention duty owed", "prevention"]
)
def test_the_outcome_of_an_assessment_may_be_named_in_the_words_of_the_tables(
    tmp_path: Path, read: Read, meant: str
) -> None:
    said = f'application_date = "Applied"\nassess1 = {{ column = "X", codes = {{ "Owed prevention" = "{meant}" }} }}'
    profile = CASES.replace('application_date = "Applied"', said)
    found = run(tmp_path, read, profile, cases="Case,Applied,X\n1,2025-01-01,Owed prevention")
    assert found.sections["main"].get_column("assess1").to_list() == ["prevention"]


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        ('{ "Lady" = "Femail" }', '"Femail" is not known; did you mean "female"?'),
        ('{ "Lady" = "female", "LADY " = "male" }', "given twice, once for female and once for male"),
        ('{ "Lady" = "zzzz" }', '"zzzz" is not known'),
    ],
)
def test_a_spelling_of_nothing_or_of_two_codes_is_refused(codes: str, says: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        parse(f'{CASES}sex = {{ column = "X", codes = {codes} }}\n', "mine")


def test_a_label_of_two_codes_means_the_one_in_use_or_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    districts = codelist("authority")
    assert codes_meant("Stevenage", districts) == ("E07000243",)
    assert codes_meant("e07000101", districts) == ("E07000101",)
    sexes = codelist("sex")
    both = {code: replace(one, label="Same") for code, one in sexes.codes.items() if code in ("female", "male")}
    shared = replace(sexes, codes=both, aliases={})
    assert codes_meant("same", shared) == ("female", "male")
    monkeypatch.setattr("schemas.sources.values.codelist", lambda name: shared)
    with pytest.raises(ProfileError, match='"Same" may be female or male of the list sex; write the code'):
        parse(f'{CASES}sex = {{ column = "X", codes = {{ "Lady" = "Same" }} }}\n', "mine")


# ---- yes and no -----------------------------------------------------------------------------------------------------


def test_a_tick_is_a_yes_and_an_empty_cell_is_unknown(tmp_path: Path, read: Read) -> None:
    cells = ("✓", "✔", "✔\ufe0f", "☑", "Y", "1", "N", "0", "")
    known = [True] * 6 + [False] * 2 + [None]
    assert column(tmp_path, read, "pregnant", '"X"', *cells) == known


def test_a_cross_is_neither_yes_nor_no_until_the_profile_says_so(tmp_path: Path, read: Read) -> None:
    found = cells_of(tmp_path / "a", read, "pregnant", '"X"', "✗", "x", "☐")
    assert found.findings.get_column("rule_id").to_list() == ["X-34"] * 3
    source = '{ column = "X", codes = { "✗" = "no", "x" = true, "☐" = "no", "Expecting" = "yes" } }'
    assert column(tmp_path / "b", read, "pregnant", source, "✗", "X", "☐", "expecting", "") == [
        False,
        True,
        False,
        True,
        None,
    ]


def test_an_empty_cell_is_a_no_only_where_the_profile_says_so(tmp_path: Path, read: Read) -> None:
    source = '{ column = "X", codes = { "" = "no" } }'
    assert column(tmp_path, read, "pregnant", source, "✓", "", "-", "n/a") == [True, False, None, None]


def test_what_an_empty_cell_means_goes_beyond_flags(tmp_path: Path, read: Read) -> None:
    source = '{ column = "X", codes = { "" = "Female" } }'
    assert column(tmp_path, read, "sex", source, "", "M") == ["female", "male"]


def test_a_column_that_is_missing_is_no_empty_cell(tmp_path: Path, read: Read) -> None:
    source = '{ column = "Y", codes = { "" = "no" } }'
    found = cells_of(tmp_path, read, "pregnant", source, "a")
    assert found.sections["people"].get_column("pregnant").to_list() == [None]
    assert "X-09" in found.findings.get_column("rule_id").to_list()


def test_a_flag_of_the_profile_goes_before_the_usual_ones(tmp_path: Path, read: Read) -> None:
    source = '{ column = "X", codes = { "1" = "no", "2" = "yes", "-" = "no" } }'
    assert column(tmp_path, read, "pregnant", source, "1", "2", "-") == [False, True, False]


@pytest.mark.parametrize(
    ("field", "source", "says"),
    [
        ("pregnant", '{ column = "X", codes = { "x" = "perhaps" } }', 'stands for "yes" or "no"'),
        ("pregnant", '{ column = "X", codes = { "x" = "yes", "X" = "no" } }', "given twice"),
        ("forename", '{ column = "X", codes = { "x" = "yes" } }', "takes no codes"),
        ("forename", '{ column = "X", replace = { "" = "yes" } }', "replace: write"),
        ("forename", '{ column = "X", replace = { "a" = 1 } }', "replace: write"),
        ("forename", '{ column = "X", part = 2 }', "part needs split"),
        ("forename", '{ column = "X", split = " ", part = [0, 2] }', "part is the number"),
        ("forename", '{ column = "X", split = " ", part = [3, 2] }', "first piece before its last"),
        ("forename", '{ column = "X", split = " ", part = "Rest" }', "part is the number"),
    ],
)
def test_a_key_that_does_not_fit_is_refused_with_what_to_write(field: str, source: str, says: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        parse(f"{CASES}{field} = {source}\n", "mine")


# ---- replaced and cut -----------------------------------------------------------------------------------------------


def test_text_is_replaced_before_all_else(tmp_path: Path, read: Read) -> None:
    source = '{ column = "X", replace = { "Mr " = "", " / " = " " }, split = " ", part = "rest" }'
    assert column(tmp_path, read, "surname", source, "Mr John / Smith", "Ann Roe") == ["Smith", "Roe"]


def test_a_cell_of_which_nothing_is_left_is_empty(tmp_path: Path, read: Read) -> None:
    assert column(tmp_path, read, "sex", '{ column = "X", replace = { "(?)" = "" } }', "(?)", "M (?)") == [None, "male"]


def test_what_is_replaced_nowhere_is_a_warning(tmp_path: Path, read: Read) -> None:
    source = '{ column = "X", replace = { "Mr " = "", "Ms " = "" } }'
    finding = cells_of(tmp_path, read, "surname", source, "Mr Smith").findings.row(0, named=True)
    assert (finding["rule_id"], finding["severity"]) == ("X-74", WARNING)
    assert finding["message"] == "cases.csv, column 'X': no cell holds 'Ms ', which the source profile replaces."


@pytest.mark.parametrize(
    ("part", "pieces"),
    [
        ('"rest"', ["Ann  Smith", None, "Roe"]),
        ("[2, -1]", ["Ann  Smith", None, "Roe"]),
        ("[1, -2]", ["Mary  Ann", None, "Jo"]),
        ("[2, 2]", ["Ann", None, "Roe"]),
        ("[2, 9]", ["Ann  Smith", None, "Roe"]),
        ("[-2, -1]", ["Ann  Smith", None, "Jo  Roe"]),
        ("[-2, 9]", ["Ann  Smith", None, "Jo  Roe"]),
        ("-1", ["Smith", "Cher", "Roe"]),
    ],
)
def test_several_pieces_of_a_cell_stay_together(
    tmp_path: Path, read: Read, part: str, pieces: list[str | None]
) -> None:
    source = f'{{ column = "X", split = " ", part = {part} }}'
    found = cells_of(tmp_path, read, "surname", source, "Mary  Ann Smith", "Cher", "Jo Roe")
    plain = [None if one is None else one.replace("  ", " ") for one in pieces]
    assert found.sections["people"].get_column("surname").to_list() == plain
    lacking = ["X-47"] if None in pieces else []
    assert found.findings.get_column("rule_id").to_list() == lacking


# ---- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1 December 2025",
        "1st December 2025",
        "1st of Dec, 2025",
        "1-DEC-2025",
        "01DEC2025",
        "December 1, 2025",
        "Dec. 1st 2025",
        "2025 Dec 1",
        "Mon 01/12/2025",
        "Monday, 1 December 2025",
        "mon. 2025-12-01",
        "1 / 12 / 2025",
        "01–12–2025",
        "1\u00a0Dec\u00a02025",
        "Dec 1 2025 12:00AM",
        "01/12/2025, 00:00",
        "2025-12-01T00:00:00.000Z",
        "2025-12-01T00:00:00.0000000+00:00",
        "2025-12-01 00:00:00,000",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert parse_date(text, DEFAULT_DATES) == (date(2025, 12, 1), None, False)


@pytest.mark.parametrize(
    ("text", "day", "is_timed"),
    [
        # Summer time began at 1:00 UTC on 30 March 2025 and ended at 1:00 UTC on 26 October 2025.
        ("2025-03-29T23:30:00Z", date(2025, 3, 29), True),
        ("2025-03-30T23:00:00Z", date(2025, 3, 31), False),
        ("2025-06-30T23:00:00Z", date(2025, 7, 1), False),
        ("2025-06-30T22:59:59Z", date(2025, 6, 30), True),
        ("2025-06-30T23:30:00+01:00", date(2025, 6, 30), True),
        ("2025-07-01T00:00:00+0100", date(2025, 7, 1), False),
        ("2025-06-30 23:30 BST", date(2025, 6, 30), True),
        ("2025-10-25T23:00:00Z", date(2025, 10, 26), False),
        ("2025-10-26T23:00:00Z", date(2025, 10, 26), True),
        ("2025-06-30T20:00:00-04:00", date(2025, 7, 1), True),
        ("0001-01-01T00:00:00+01:00", date(1, 1, 1), False),
        ("31/12/2025 2:30 p.m.", date(2025, 12, 31), True),
        ("31/12/2025 12:00:00 AM", date(2025, 12, 31), False),
        ("31.12.2025 14.30", date(2025, 12, 31), True),
        ("20251231T000000", None, False),
    ],
)
def test_a_time_with_a_zone_is_that_of_london(text: str, day: date | None, is_timed: bool) -> None:
    assert parse_date(text, DEFAULT_DATES)[::2] == (day, is_timed)


def test_a_compact_time_needs_the_compact_form() -> None:
    assert parse_date("20250630T230000Z", ("compact",)) == (date(2025, 7, 1), None, False)


def test_a_weekday_that_does_not_go_with_the_date_is_an_error_of_the_cell(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, CASES, cases="Case,Applied\n1,Mon 12/01/2025\n2,Mon 01/12/2025")
    finding = found.findings.row(0, named=True)
    assert (finding["rule_id"], found.findings.height) == ("X-75", 1)
    assert finding["message"].startswith("cases.csv, row 2, column 'Applied': the day of the week does not go with")
    assert found.sections["main"].get_column("application_date").to_list() == [None, date(2025, 12, 1)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01/02/35", date(2035, 2, 1)),
        ("01/02/36", date(1936, 2, 1)),
        ("01/02/00", date(2000, 2, 1)),
        ("01/02/99", date(1999, 2, 1)),
        ("12 Dec 25", date(2025, 12, 12)),
        ("12-Dec-'25", date(2025, 12, 12)),
    ],
)
def test_two_digits_of_a_year_mean_one_of_a_hundred(text: str, day: date) -> None:
    assert parse_date(text, DEFAULT_DATES) == (None, "X-31", False)
    assert parse_date(text, DEFAULT_DATES, 2035) == (day, None, False)


def test_two_digits_are_never_the_year_of_a_birth(tmp_path: Path, read: Read) -> None:
    profile = "[options]\ntwo_digit_years = 2035\n" + CASES + 'date_of_birth = "Born"\n'
    found = run(tmp_path, read, profile, cases="Case,Applied,Born\n1,01/12/25,01/12/25")
    assert found.sections["main"].get_column("application_date").to_list() == [date(2025, 12, 1)]
    finding = found.findings.row(0, named=True)
    assert (finding["rule_id"], finding["fields"], found.findings.height) == ("X-31", "date_of_birth", 1)


@pytest.mark.parametrize("years", ["35", "'2035'", "1998", "2100", "true"])
def test_a_pivot_is_a_year_of_four_digits(years: str) -> None:
    with pytest.raises(ProfileError, match="two_digit_years is the last year"):
        parse(f"[options]\ntwo_digit_years = {years}\n{CASES}", "mine")


def test_a_day_of_year_month_and_day_is_read_whatever_dates_say(tmp_path: Path, read: Read) -> None:
    profile = '[options]\ndates = ["uk"]\n' + CASES
    found = run(tmp_path, read, profile, cases="Case,Applied\n1,2025-12-01\n2,2025-12-01 00:00:00\n3,2025/12/01")
    assert found.sections["main"].get_column("application_date").to_list() == [date(2025, 12, 1)] * 2 + [None]
    assert found.findings.get_column("rule_id").to_list() == ["X-30"]


# ---- ages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("34", 34),
        ("34 yrs", 34),
        ("34 years old", 34),
        ("34y 5m", 34),
        ("18 months", 1),
        ("11 mths", 0),
        ("6 weeks", 0),
        ("<1", 0),
        ("under 1 year", 0),
        ("25-34", None),
        ("35 or so", None),
    ],
)
def test_an_age_is_read_in_whole_years(text: str, years: int | None) -> None:
    assert parse_age(text) == years


@pytest.mark.parametrize(
    ("source", "days"),
    [
        ('"X"', [None, None, None]),
        ('{ column = "X", on = "export" }', [date(2025, 12, 31), None, date(2025, 12, 31)]),
        ('{ column = "X", on = "application_date" }', [date(2025, 1, 1), None, date(2025, 3, 1)]),
        ('"X"\nage_date = "Taken"', [date(2024, 5, 5), None, None]),
        ('{ column = "X", on = "application_date" }\nage_date = "Taken"', [date(2024, 5, 5), None, date(2025, 3, 1)]),
    ],
)
def test_the_day_of_an_age_is_that_of_the_export_of_the_case_or_of_a_column(
    tmp_path: Path, read: Read, source: str, days: list[date | None]
) -> None:
    cases = "Case,Applied,X,Taken\n1,2025-01-01,34,05/05/2024\n2,2025-02-01,,\n3,2025-03-01,40,"
    found = run(tmp_path, read, f"{CASES}age = {source}\n", cases=cases)
    people = found.sections["people"]
    assert people.get_column("age").to_list() == [34, None, 40]
    assert people.get_column("age_date").to_list() == days
    assert people.get_column("date_of_birth").null_count() == 3
    count = sum(day is not None for day in days)
    carried = found.findings.filter(pl.col("rule_id") == "X-77").get_column("message").to_list()
    assert [one.split(" have")[0] for one in carried] == ([f"cases.csv: {count} people"] if count else [])


def test_people_in_a_file_of_their_own_have_the_day_of_their_case(tmp_path: Path, read: Read) -> None:
    profile = """
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
[[table]]
file = "people"
[table.people]
case_ref = "Case"
person_no = "No"
relationship = { constant = "main_applicant" }
date_of_birth = "Born"
age = { column = "Age", on = "application_date" }
"""
    people = "Case,No,Born,Age\n1,1,,15\n1,2,1990-01-01,35\n2,1,,50\n9,1,,60"
    found = run(tmp_path, read, profile, cases="Case,Applied\n1,2025-01-01\n2,2025-09-01", people=people)
    days = found.sections["people"].get_column("age_date").to_list()
    assert days == [date(2025, 1, 1), date(2025, 1, 1), date(2025, 9, 1), None]


def test_a_missing_flag_is_derived_from_the_age_carried_to_the_day_of_the_export(tmp_path: Path, read: Read) -> None:
    profile = CASES.replace('dependent = { constant = "no" }\n', "").replace("main_applicant", "other_child")
    cases = "Case,Applied,X\n1,2025-06-01,15\n2,2025-08-01,15"
    profile += 'age = { column = "X", on = "application_date" }\n'
    found = run(tmp_path, read, profile, cases=cases)
    # By 31 December, seven months on, the first is more likely 16; the second, five months on, 15.
    assert found.sections["people"].get_column("dependent").to_list() == [None, True]


@pytest.mark.parametrize(
    ("field", "on", "says"),
    [
        ("age", "aplication_date", 'did you mean "application_date"'),
        ("age", "Date taken", 'write age_date = "Heading"'),
        ("sex", "export", "not an age"),
    ],
)
def test_a_day_of_an_age_that_is_none_is_refused(field: str, on: str, says: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        parse(f'{CASES}{field} = {{ column = "X", on = "{on}" }}\n', "mine")


# ---- what newcomers' exports hold -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["N/K", "Not known", "UNKNOWN", "-", "n/a", "tbc", "None", "0000-00-00", "__/__/____"])
@pytest.mark.parametrize("field", ["date_of_birth", "age", "pregnant"])
def test_what_is_not_known_is_an_empty_day_number_or_answer(tmp_path: Path, read: Read, field: str, text: str) -> None:
    assert column(tmp_path, read, field, '"X"', text) == [None]


def test_what_is_not_known_stays_a_code_where_the_list_has_one(tmp_path: Path, read: Read) -> None:
    cells = ("N/K", "Not known", "unknown", "Don't know")
    assert column(tmp_path, read, "sex", '"X"', *cells) == ["nk"] * len(cells)


def test_what_is_not_known_is_not_taken_for_empty_where_the_list_has_no_code_for_it(tmp_path: Path, read: Read) -> None:
    profile = CASES.replace('application_date = "Applied"', 'application_date = "Applied"\nassess1 = "X"')
    found = run(tmp_path, read, profile, cases="Case,Applied,X\n1,2025-01-01,Unknown")
    assert found.findings.get_column("rule_id").to_list() == ["X-35"]


def test_an_answer_with_a_remark_is_left_to_the_profile(tmp_path: Path, read: Read) -> None:
    assert (
        cells_of(tmp_path / "a", read, "pregnant", '"X"', "Yes (confirmed)")
        .findings.row(0, named=True)["action"]
        .startswith("Write yes or no. Or name the spelling under codes")
    )
    source = '{ column = "X", codes = { "Yes (confirmed)" = "yes" } }'
    assert column(tmp_path / "b", read, "pregnant", source, "YES (confirmed)") == [True]


def test_a_reference_that_a_spreadsheet_made_a_number_is_the_same_case(tmp_path: Path, read: Read) -> None:
    profile = CASES + '[[table]]\nfile = "relief"\n[table.relief]\ncase_ref = "Ref"\nrelief_start = "Start"\n'
    found = run(
        tmp_path,
        read,
        profile,
        cases="Case,Applied\n747,2025-01-01\n748,2025-01-01",
        relief="Ref,Start\n747.0,2025-02-01\n748.00,soon",
    )
    assert found.sections["relief"].get_column("case_ref").to_list() == ["747", "748"]
    warning, failed = (found.findings.filter(pl.col("rule_id") == one).row(0, named=True) for one in ("X-78", "X-30"))
    assert warning["message"].startswith(
        "relief.csv, row 2, column 'Ref': 2 rows have a case reference that ends in .0"
    )
    assert (warning["severity"], failed["case_ref"]) == (WARNING, "748")


def test_a_pattern_may_ask_for_the_decimals(tmp_path: Path, read: Read) -> None:
    profile = "[options]\ncase_ref_pattern = '^\\d+END$'\n" + CASES
    asked = run(tmp_path / "a", read, profile.replace("END", r"\.\d"), cases="Case,Applied\n747.0,2025-01-01")
    assert asked.sections["main"].get_column("case_ref").to_list() == ["747.0"]
    refused = run(tmp_path / "b", read, profile.replace("END", ""), cases="Case,Applied\n747.0,2025-01-01")
    assert refused.sections["main"].get_column("case_ref").to_list() == ["747"]


def test_numbers_after_a_full_stop_that_mean_something_are_kept(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, CASES, cases="Case,Applied\n747.0,2025-01-01\n747.1,2025-01-01")
    assert found.sections["main"].get_column("case_ref").to_list() == ["747.0", "747.1"]
    assert found.findings.is_empty()


def test_zeros_that_one_file_lost_are_an_error_that_names_the_file(tmp_path: Path, read: Read) -> None:
    profile = CASES + '[[table]]\nfile = "relief"\n[table.relief]\ncase_ref = "Ref"\nrelief_start = "Start"\n'
    relief = "Ref,Start\n747,2025-02-01\n00748,2025-02-01\n12,2025-02-01\n749,2025-02-01"
    cases = "Case,Applied\n00747,2025-01-01\n00748,2025-01-01\n749,2025-01-01\nHX0012,2025-01-01"
    (finding,) = run(tmp_path, read, profile, cases=cases, relief=relief).findings.to_dicts()
    assert (finding["rule_id"], finding["severity"], finding["section"]) == ("X-79", "error", "relief")
    assert finding["message"].startswith("relief.csv, row 2: 1 rows have a case reference that differs")


def test_a_reference_that_a_spreadsheet_has_shortened_is_refused_as_such(tmp_path: Path, read: Read) -> None:
    finding = run(
        tmp_path, read, CASES, cases="Case,Applied\n1.23457E+11,2025-01-01\n2,2025-01-01"
    ).findings.to_dicts()[0]
    assert finding["rule_id"] == "X-23"
    assert "a spreadsheet has shortened the number" in finding["message"]


def test_what_an_empty_cell_means_is_not_said_of_a_whole_list() -> None:
    with pytest.raises(ProfileError, match="not of a whole list"):
        parse(f'{CASES}sex = "X"\n[codes.sex]\n"" = "male"\n', "mine")


def test_a_moment_of_a_parquet_file_keeps_its_zone(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES)
    moments = [datetime(2025, 6, 30, hour, tzinfo=UTC) for hour in (23, 12)]
    pl.DataFrame({"Case": ["1", "2"], "Applied": moments}).write_parquet(export / "cases.parquet")
    found = read(export, str(tmp_path / "mine.toml"))
    assert found.sections["main"].get_column("application_date").to_list() == [date(2025, 7, 1), date(2025, 6, 30)]
    assert "X-36" in found.findings.get_column("rule_id").to_list()
