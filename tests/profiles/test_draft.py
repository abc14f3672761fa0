"""``hclic profile draft``: what is mapped, what is left open, and that nothing personal is told."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.extract.layouts import write_layout
from pipelines.profiles.draft import draft
from pipelines.profiles.files import write_new
from pipelines.profiles.trial import try_out
from schemas.sources import parse
from tests.profiles.mapped import commented, data, mapped, of_shipped, score

AS_AT = date(2025, 9, 30)
Sections = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def wide(cases: Sections, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The cases as wide reports, and the draft from them."""
    folder = tmp_path_factory.mktemp("wide")
    write_layout(cases, "jigsaw-style", folder)
    return folder, draft(folder, "wide").text


@pytest.mark.parametrize("style", ["native", "civica-style"])
def test_a_draft_maps_nearly_all_of_a_shipped_style_and_nothing_wrongly(
    style: str, cases: Sections, tmp_path: Path
) -> None:
    write_layout(cases, style, tmp_path)
    found = score(mapped(parse(draft(tmp_path, style).text, style)), of_shipped(style))
    assert found.wrong == ()
    assert found.recall >= 0.98, found.missing


def test_columns_that_repeat_for_each_person_are_mapped_by_their_number(wide: tuple[Path, str]) -> None:
    drafted = parse(wide[1], "wide")
    found = score(mapped(drafted), of_shipped("jigsaw-style"))
    assert found.wrong == ()
    assert found.recall >= 0.98, found.missing
    people = next(feed for table in drafted.tables for feed in table.feeds if feed.section == "people")
    assert people.repeat >= 2
    assert people.columns["last_address"].columns == ("Person {n} address", "Person {n} postcode")


def test_a_draft_reads_its_export_as_the_profile_written_by_hand_does(wide: tuple[Path, str], tmp_path: Path) -> None:
    path = tmp_path / "drafted.toml"
    path.write_text(wide[1], encoding="utf-8")
    drafted = try_out(wide[0], str(path), authority="E06000034", as_at=AS_AT)
    by_hand = try_out(wide[0], "jigsaw-style", authority="E06000034", as_at=AS_AT)
    assert drafted.is_ready
    for name, rows in by_hand.extracted.sections.items():
        assert drafted.extracted.sections[name].equals(rows), name


def test_a_draft_tells_nothing_of_a_person(wide: tuple[Path, str], cases: Sections) -> None:
    text = wide[1]
    people = cases["people"]
    values = {
        str(value)
        for name in ("forename", "surname", "nino", "last_address", "date_of_birth")
        for value in people[name].drop_nulls().unique()
    }
    values |= {value.strftime("%d/%m/%Y") for value in people["date_of_birth"].drop_nulls()}
    values |= set(cases["main"]["case_ref"]) | set(cases["main"]["local_ref"].drop_nulls())
    assert len(values) > 300
    assert [value for value in values if re.search(rf"\b{re.escape(value)}\b", text)] == []


def test_the_same_export_gives_the_same_bytes(wide: tuple[Path, str]) -> None:
    assert draft(wide[0], "wide").text == wide[1]


def _write(path: Path, rows: list[list[str]], before: list[list[str]] | None = None, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([*(before or []), *rows])


def _cases(number: int, **columns: str) -> list[list[str]]:
    """Headings, and so many rows; ``#`` in a cell is the number of the case, ``@`` a day of the month."""
    rows = [["Case ref", *columns]]
    for one in range(1, number + 1):
        cells = [cell.replace("#", str(one)).replace("@", f"{1 + one % 28:02}") for cell in columns.values()]
        rows.append([f"HA{one:05}", *cells])
    return rows


def test_headings_below_a_title_are_found_and_a_footer_is_named(tmp_path: Path) -> None:
    rows = _cases(12, **{"Date of application": "@/07/2025", "Officer": "AB"})
    _write(
        tmp_path / "cases.csv", [*rows, ["Total", "12", ""]], [["Homelessness cases"], [], ["Printed on 01/10/2025"]]
    )
    drafted = parse(draft(tmp_path, "x").text, "x")
    assert drafted.tables[0].header_row == 4
    assert drafted.tables[0].footer == ("Total",)


def test_days_that_can_only_be_american_are_read_so(tmp_path: Path) -> None:
    _write(tmp_path / "cases.csv", _cases(20, **{"Date of application": "07/@/2025"}))
    assert "us" in data(draft(tmp_path, "x").text)["options"]["dates"]  # type: ignore[index]


def test_a_column_of_another_kind_is_not_taken_for_its_name(tmp_path: Path) -> None:
    _write(
        tmp_path / "cases.csv", _cases(12, **{"Date of application": "@/07/2025", "Date of assessment": "by letter"})
    )
    assert ("main", "assess_date") not in mapped(parse(draft(tmp_path, "x").text, "x"))


def test_two_columns_that_fit_alike_are_left_to_decide(tmp_path: Path) -> None:
    text = draft_of(tmp_path, **{"Date of application": "@/07/2025", "Case worker": "AB#", "Case officer": "CD#"})
    assert ("main", "officer") not in mapped(parse(text, "x"))
    assert "officer" in commented(text)


def draft_of(folder: Path, **columns: str) -> str:
    """The draft from one file of cases."""
    _write(folder / "cases.csv", _cases(40, **columns))
    return draft(folder, "x").text


def test_a_spelling_is_told_with_its_count_only_where_several_cases_have_it(tmp_path: Path) -> None:
    rows = _cases(40, **{"Date of application": "@/07/2025", "Reason for homelessness": "Family asked to leave"})
    rows[1][2] = rows[2][2] = "Mrs Inkpen threw her out"
    _write(tmp_path / "cases.csv", rows)
    text = draft(tmp_path, "x").text
    assert '# "Family asked to leave" = "family_friends"' in text
    assert "38 cells" in text
    assert "Inkpen" not in text
    assert "1 spellings of 2 cells" in text


def test_texts_of_a_personal_column_are_never_told_whatever_field_it_resembles(tmp_path: Path) -> None:
    text = draft_of(tmp_path, **{"Date of application": "@/07/2025", "Applicant surname": "Inkpen"})
    assert "Inkpen" not in text


def test_a_file_without_headings_is_not_guessed_at(tmp_path: Path) -> None:
    rows = _cases(12, **{"Date of application": "@/07/2025", "Applicant surname": "Inkpen"})[1:]
    _write(tmp_path / "cases.csv", rows)
    with pytest.raises(InputError) as refused:
        draft(tmp_path, "x")
    assert "no row of it holds headings" in str(refused.value)
    assert "Inkpen" not in str(refused.value)


def test_a_file_with_headings_only_is_mapped_by_them(tmp_path: Path) -> None:
    _write(tmp_path / "cases.csv", _cases(20, **{"Date of application": "@/07/2025"}))
    _write(tmp_path / "reviews.csv", [["Case ref", "Review requested", "Review outcome"]])
    found = mapped(parse(draft(tmp_path, "x").text, "x"))
    assert found["reviews", "review_requested_date"] == {("reviews", "Review requested")}


def test_fields_that_nothing_feeds_are_named_the_required_ones_first(tmp_path: Path) -> None:
    text = draft_of(tmp_path, **{"Date of application": "@/07/2025"})
    gaps = text[text.index("# Fields that nothing feeds") :]
    assert gaps.index("#   prevention_start") < gaps.index("#   prevention_end")
    assert "#   application_date" not in gaps


def test_a_profile_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("# corrected by hand\n", encoding="utf-8")
    with pytest.raises(UsageError):
        write_new(path, "new")
    assert path.read_text(encoding="utf-8") == "# corrected by hand\n"
