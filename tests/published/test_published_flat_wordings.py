"""A flat heading row in invented wordings: no column is read as another, and most are read."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipelines.errors import InputError
from pipelines.published.command import mapping_lines, told, write_lines
from pipelines.published.grids import column_letters, column_number
from pipelines.published.mapping import COLUMNS, read_mapping
from tests.published.flat_layout import Style, read_flat, read_right_and_wrong
from tests.published.wordings import STYLES, in_words_with_dashes
from tests.published.wordings_held_back import HELD_BACK

# Columns that are read of those in the workbook, as measured; a matcher that reads fewer has lost something.
LEAST = {
    "group named once": 792,
    "no groups": 590,
    "no groups, blocks turned round": 590,
    "edited, columns dropped and added": 780,
    "short groups, columns dropped and added": 775,
    "snake case": 785,
    "plain English": 780,
    "abbreviated": 770,
    "as reported, shuffled, dropped and added": 780,
    "plain English, shuffled, dropped and added": 765,
}
OTHERS_LEAST = 790
OTHER_REASONS = "End of social rented tenancy, due to: > Other reasons / not known"


@cache
def style(name: str) -> Style:
    return next(one for one in STYLES if one.name == name)


@pytest.mark.parametrize("one", [*STYLES, *HELD_BACK], ids=lambda one: one.name)
def test_no_column_is_read_as_another_and_most_are_read(one: Style) -> None:
    book, true = read_flat(one)
    right, wrong = read_right_and_wrong(book, true)
    assert not wrong
    assert len(right) >= LEAST.get(one.name, OTHERS_LEAST)


SWAPPED = {
    "End of social rented tenancy, due to: > Rent arrears": "End of social rented tenancy, due to - rent arrears",
    "Eviction from supported housing, due to: > Rent arrears": "Eviction from supported housing, due to - rent arrears",
}


def test_columns_told_by_words_with_which_a_sum_does_not_hold_are_not_read() -> None:
    (one, other), (first, second) = SWAPPED, SWAPPED.values()
    labels = {one: second + " owed", other: first + " owed"}
    swapped = Style("swapped", lambda c: labels.get(c.column_path, in_words_with_dashes(c)))
    book, true = read_flat(swapped)
    assert not read_right_and_wrong(book, true)[1]
    said = {p.label.partition(" (")[0] for p in book.problems if p.kind.startswith("column with which a sum")}
    assert set(SWAPPED) <= said
    taken = [m.candidates[0].column_path for m in book.matched if m.table == "A2P" and m.heading in labels.values()]
    assert sorted(taken) == sorted(SWAPPED)


def test_headings_that_say_the_same_are_told_by_the_total_that_they_make() -> None:
    book, true = read_flat(style("no groups, blocks turned round"))
    by_sums = [one for one in book.matched if one.confidence == "by sums"]
    white = next(one for one in by_sums if (one.table, one.column_path) == ("A8", "White > Total"))
    assert white.heading == "Total" and {one.table for one in by_sums} == {"A2P", "A2R", "A8", "TA6"}
    assert true["A8", column_number(white.column)] == ("A8", "White > Total", "count")


def test_the_label_of_another_tables_column_is_no_column() -> None:
    strangers = {"Full-time work": "Slept rough in the last year", "Retired": "Staying with friends"}
    styled = Style("strangers", lambda c: strangers.get(c.column_path, in_words_with_dashes(c)))
    book, _ = read_flat(styled)
    unread = {one.heading for one in book.matched if one.table == "A10" and not one.column_path}
    assert unread == set(strangers.values())


def mapping(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "headings.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def test_a_mapping_file_tells_columns_apart_that_have_one_heading(tmp_path: Path) -> None:
    book, true = read_flat(style("group named once"))
    place = next(column for (_, column), key in true.items() if key == ("A2P", OTHER_REASONS, "count"))
    at = column_letters(place)
    asked = {one.column: one.heading for one in book.matched if not one.column_path and one.table == "A2P"}
    assert asked[at] == "Other reasons or not known" and list(asked.values()).count(asked[at]) > 1
    given = mapping(tmp_path, f"A2P,{at},Other reasons or not known,{OTHER_REASONS.replace(',', '')},count")
    with pytest.raises(InputError, match=r"headings.csv, row 2: A2P has no column of that path"):
        read_flat(style("group named once"), given)
    given = mapping(tmp_path, f'A2P,{at},Other reasons or not known,"{OTHER_REASONS}",count')
    book, true = read_flat(style("group named once"), given)
    right, wrong = read_right_and_wrong(book, true)
    assert not wrong
    assert ("A2P", OTHER_REASONS, "count") in right
    assert [one.confidence for one in book.matched if one.column_path == OTHER_REASONS and one.table == "A2P"] == [
        "given"
    ]


def test_a_mapping_file_wins_over_a_label_that_is_known(tmp_path: Path) -> None:
    given = mapping(tmp_path, "A12,,Bisexual,Other,count", "A12,,Other,Bisexual,count")
    book, _ = read_flat(style("run together"), given)
    taken = {one.heading: one.column_path for one in book.matched if one.table == "A12"}
    assert (taken["Bisexual"], taken["Other"]) == ("Other", "Bisexual")


def test_a_line_of_a_mapping_file_that_meets_no_heading_is_said(tmp_path: Path) -> None:
    given = mapping(tmp_path, "A12,,Pansexual,Other,count", "A12,,Unfilled,,")
    book, _ = read_flat(style("run together"), given)
    said = [(p.table, p.label) for p in book.problems if p.kind == "line of the mapping file that meets no heading"]
    assert said == [("A12", "row 2: Pansexual")]


def test_two_lines_for_one_column_are_refused(tmp_path: Path) -> None:
    given = mapping(tmp_path, "A12,,Bisexual,Other,count", "A12,,Other,Other,count")
    with pytest.raises(InputError, match="rows 2 and 3 name the same column"):
        read_flat(style("run together"), given)


def test_the_columns_as_told_can_be_given_back(tmp_path: Path) -> None:
    book, _ = read_flat(style("edited"))
    write_lines(mapping_lines(book.matched), tmp_path / "columns.csv")
    again, true = read_flat(style("edited"), tmp_path / "columns.csv")
    right, wrong = read_right_and_wrong(again, true)
    assert not wrong and len(right) == len(book.matched) - sum(not one.column_path for one in book.matched)
    assert {one.confidence for one in again.matched if one.column_path} == {"given"}


def test_how_many_columns_were_told_is_said_in_a_sentence() -> None:
    book, _ = read_flat(style("edited, columns dropped and added"))
    known = {name: sum(one.confidence == name for one in book.matched) for name in ("exact", "listed", "by words")}
    assert told(book.matched, len(book.unread)).startswith(
        f"{sum(known.values())} columns were read ({known['exact']} exact, {known['listed']} listed, "
        f"{known['by words']} by words); "
    )
    assert told(book.matched, len(book.unread)).endswith("13 columns of the last known layout were not read.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "needs the column table"),
        (b"table,heading,column_path\nA1,x,y\n", "needs the column measure"),
        (b"table,heading,column_path,measure\nA12,Other,Other,number\n", "row 2: the measure is one of count"),
        (bytes(range(256)), "cannot be read as a CSV file"),
    ],
)
def test_what_is_no_mapping_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "headings.csv").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_mapping(tmp_path / "headings.csv")
