"""The provisional return: what it holds, what it never holds, and that it is the same every time."""

from __future__ import annotations

import stat
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import sql
from pipelines.emit.returns import ReturnFiles, check_return, load_profile, write_return
from schemas.returns import PERSONAL_FILE_COLUMNS, case_file_columns, profile_folder
from schemas.returns.generate import generate_xsd
from schemas.sections import SECTIONS, catalogue
from tests.returns.cases import AUTHORITY, Rows, case_rows, connect, ref, sentinel, together

VERSION = "0.1.0"
# The complement of XML 1.0's production Char, lone surrogates apart.
UNWRITABLE = "".join(chr(n) for n in [*range(0x20), 0xFFFE, 0xFFFF] if chr(n) not in "\t\n\r")
NAMES_IN_THE_PERSONAL_FILE = {"forename", "surname", "nino", "last_address"}


PROVISIONAL = load_profile("provisional")


def _write(con: duckdb.DuckDBPyConnection, out: Path, *, personal: bool = True) -> ReturnFiles:
    return write_return(con, PROVISIONAL, out, personal=personal, software_version=VERSION)


def _problems(files: ReturnFiles, con: duckdb.DuckDBPyConnection) -> list[str]:
    return [str(problem) for problem in check_return(files, con, PROVISIONAL).problems]


@pytest.fixture
def three_cases() -> Rows:
    return together(case_rows(1), case_rows(2, people=3, placements=2), case_rows(3, people=1, needs=3))


def test_a_written_return_fits_its_xsd_and_its_recount(three_cases: Rows, tmp_path: Path) -> None:
    con = connect(three_cases)
    files = _write(con, tmp_path)
    assert files.case.name == f"hclic_case_{AUTHORITY}_2025-Q4.xml"
    assert files.personal is not None and files.personal.name == f"hclic_personal_{AUTHORITY}_2025-Q4.xml"
    checked = check_return(files, con, PROVISIONAL)
    assert checked.problems == ()
    # Three cases of 2, 3 and 1 people, 1, 2 and 1 placements, as the fixture makes them.
    assert checked.counts["case"]["cases"] == {"warehouse": 3, "file": 3}
    assert checked.counts["case"]["rows of people"] == {"warehouse": 2 + 3 + 1, "file": 2 + 3 + 1}
    assert checked.counts["case"]["rows of temporary_accommodation"] == {"warehouse": 1 + 2 + 1, "file": 1 + 2 + 1}
    # Odd cases have their relief duty ended, even ones have not.
    assert checked.counts["case"]["relief by relief_outcome: secured"] == {"warehouse": 2, "file": 2}
    assert checked.counts["case"]["relief by relief_outcome: (none)"] == {"warehouse": 1, "file": 1}
    assert checked.counts["personal"]["rows of people"] == {"warehouse": 6, "file": 6}


def test_every_statutory_field_that_is_filled_is_in_the_case_file(three_cases: Rows, tmp_path: Path) -> None:
    tags = {element.tag for element in etree.parse(str(_write(connect(three_cases), tmp_path).case)).iter()}
    filled = {
        column.element
        for section in SECTIONS
        for column in case_file_columns(section.name)
        if any(row.get(column.name) is not None for row in three_cases[section.name])
    }
    assert filled - tags == set()


def test_no_personal_and_no_local_value_enters_the_case_file(three_cases: Rows, tmp_path: Path) -> None:
    text = _write(connect(three_cases), tmp_path).case.read_text(encoding="utf-8")
    searched = [column for column in catalogue() if (column.local or column.personal) and column.kind != "flag"]
    assert len(searched) > 30
    leaked = [f"{c.section}.{c.name}" for c in searched if str(sentinel(c)) in text or c.element in _tags(text)]
    assert leaked == []
    assert "1990-06-15" not in text, "the main applicant's date of birth is in the case file"


def _tags(text: str) -> set[str]:
    return {str(element.tag) for element in etree.fromstring(text.encode()).iter() if isinstance(element.tag, str)}


def test_the_personal_file_holds_the_fields_of_the_privacy_notices_and_no_other(
    three_cases: Rows, tmp_path: Path
) -> None:
    personal = _write(connect(three_cases), tmp_path).personal
    assert personal is not None
    text = personal.read_text(encoding="utf-8")
    found = [c.name for c in catalogue() if (c.local or c.personal) and c.kind == "text" and str(sentinel(c)) in text]
    assert set(found) == NAMES_IN_THE_PERSONAL_FILE
    person = etree.parse(str(personal)).find("PERSONS/PERSON")
    assert person is not None
    assert [child.tag.lower() for child in person] == list(PERSONAL_FILE_COLUMNS)
    assert stat.S_IMODE(personal.stat().st_mode) == 0o600


def test_without_personal_no_personal_file_is_written(three_cases: Rows, tmp_path: Path) -> None:
    con = connect(three_cases)
    files = _write(con, tmp_path, personal=False)
    assert files.personal is None
    assert [path.name for path in tmp_path.iterdir()] == [files.case.name]
    assert _problems(files, con) == []


def test_a_person_who_refused_is_left_out_of_the_personal_file_and_counted(tmp_path: Path) -> None:
    rows = case_rows(1, people=3)
    rows["people"][1]["personal_data_consent"] = False
    rows["people"][1]["surname"] = "REFUSED"
    con = connect(rows)
    files = _write(con, tmp_path)
    assert files.personal is not None and "REFUSED" not in files.personal.read_text()
    assert files.count_refused == 1
    assert _problems(files, con) == []


def test_the_working_relations_with_names_are_gone_after_writing(three_cases: Rows, tmp_path: Path) -> None:
    con = connect(three_cases)
    _write(con, tmp_path)
    left = [name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()]
    assert [name for name in left if name.startswith("return_")] == []


def test_age_is_whole_years_on_the_last_day_of_the_quarter(tmp_path: Path) -> None:
    rows = case_rows(1, people=4)
    born = [date(2007, 12, 31), date(2008, 1, 1), date(2025, 12, 31), None]
    for person, day in zip(rows["people"], born, strict=True):
        person["date_of_birth"] = day
    rows["people"][3] |= {"age": 41, "age_date": None}
    people = etree.parse(str(_write(connect(rows), tmp_path).case)).findall("CASES/CASE/PERSON/AGE")
    # Eighteen on the day itself; eighteen only tomorrow; born that day; date of birth unknown, age given.
    assert [age.text for age in people] == ["18", "17", "0", "41"]


def test_every_file_says_at_its_head_that_it_is_provisional(three_cases: Rows, tmp_path: Path) -> None:
    files = _write(connect(three_cases), tmp_path)
    assert files.is_provisional
    assert set(files.by_kind) == {"case", "personal"}
    for (path,) in files.by_kind.values():
        comment = etree.parse(str(path)).getroot().getprevious()
        assert comment is not None
        assert "Provisional" in str(comment.text) and "NOT been checked against MHCLG" in str(comment.text)


def test_the_committed_xsd_is_the_one_the_models_generate() -> None:
    folder = profile_folder("provisional")
    generated = generate_xsd()
    assert sorted(generated) == ["case.xsd", "personal.xsd"]
    for name, content in generated.items():
        assert (folder / name).read_bytes() == content, f"{name} is stale: python -m schemas.returns.generate"


@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
def test_the_relation_of_a_section_has_exactly_the_columns_of_the_case_file(section: str) -> None:
    con = connect(case_rows(1))
    frame = con.execute(sql.text(f"return/return_{section}.sql")).pl()
    assert frame.columns == [column.name for column in case_file_columns(section)]


def test_the_relation_of_the_personal_file_has_exactly_its_columns() -> None:
    frame = connect(case_rows(1)).execute(sql.text("return/return_personal.sql")).pl()
    assert tuple(frame.columns) == PERSONAL_FILE_COLUMNS


def test_characters_that_mean_something_in_xml_survive(tmp_path: Path) -> None:
    awkward = '<O\'Brien> & "Söhne" ]]> \N{PILE OF POO} --'
    rows = case_rows(1, people=1)
    rows["people"][0]["surname"] = awkward
    con = connect(rows)
    files = _write(con, tmp_path)
    assert files.personal is not None
    surname = etree.parse(str(files.personal)).find("PERSONS/PERSON/SURNAME")
    assert surname is not None and surname.text == awkward
    assert _problems(files, con) == []


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"], ids=ascii)
def test_a_character_that_xml_cannot_carry_is_reported_and_blocks(character: str, tmp_path: Path) -> None:
    rows = together(case_rows(1, people=1), case_rows(2, people=1))
    rows["people"][1]["last_address"] = f"1 Secret{character}Street"
    con = connect(rows)
    problems = check_return(_write(con, tmp_path), con, PROVISIONAL).problems
    value = [problem for problem in problems if problem.kind == "value"]
    assert [(p.case_ref, p.element) for p in value] == [(ref(2), "LAST_ADDRESS")]
    assert "Secret" not in "".join(map(str, problems))


def test_a_selected_case_that_staging_lacks_blocks(tmp_path: Path) -> None:
    con = connect(case_rows(1), selected=[ref(1), ref(9)])
    problems = _problems(_write(con, tmp_path), con)
    assert any("1 selected cases are not in the file" in text and ref(9) in text for text in problems), problems


def test_a_case_that_is_not_selected_is_not_written(tmp_path: Path) -> None:
    con = connect(together(case_rows(1), case_rows(2)), selected=[ref(2)])
    files = _write(con, tmp_path)
    text = "".join(path.read_text() for (path,) in files.by_kind.values())
    assert ref(2) in text and ref(1) not in text
    assert _problems(files, con) == []


def test_a_return_without_cases_is_written_and_checks_out(tmp_path: Path) -> None:
    con = connect(case_rows(1), selected=[])
    files = _write(con, tmp_path)
    assert files.count_cases == 0
    assert _problems(files, con) == []


CARRIED = st.characters(exclude_categories=["Cs"], exclude_characters=UNWRITABLE)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.none() | st.text(CARRIED, max_size=12), min_size=2, max_size=2))
def test_any_text_that_xml_can_carry_comes_back_as_it_was(names: list[str | None], tmp_path: Path) -> None:
    rows = case_rows(1, people=2)
    for person, name in zip(rows["people"], names, strict=True):
        person["surname"] = name
    con = connect(rows)
    files = _write(con, tmp_path)
    people = etree.parse(str(files.personal)).findall("PERSONS/PERSON")
    assert [person.findtext("SURNAME") for person in people] == [name or None for name in names]
    assert _problems(files, con) == []


@settings(max_examples=12, deadline=None)
@given(
    numbers=st.lists(st.integers(1, 10**12 - 1), min_size=1, max_size=6, unique=True),
    people=st.integers(1, 4),
    needs=st.integers(0, 3),
    placements=st.integers(0, 3),
    data=st.data(),
)
def test_every_selected_case_is_written_once_and_input_order_changes_no_byte(
    numbers: list[int], people: int, needs: int, placements: int, data: st.DataObject
) -> None:
    parts = [case_rows(number, people=people, needs=needs, placements=placements) for number in numbers]
    selected = data.draw(st.lists(st.sampled_from([ref(n) for n in numbers]), unique=True))
    rows = together(*parts)
    shuffled = {name: data.draw(st.permutations(part)) for name, part in rows.items()}
    with TemporaryDirectory() as folder:
        con, other = connect(rows, selected), connect(shuffled, selected[::-1])
        first, second = _write(con, Path(folder) / "a"), _write(other, Path(folder) / "b")
        written = Counter(e.text for e in etree.parse(str(first.case)).findall("CASES/CASE/MAIN/CASE_REF"))
        assert written == Counter(selected)
        assert _problems(first, con) == []
        for kind, (path,) in first.by_kind.items():
            assert path.read_bytes() == second.by_kind[kind][0].read_bytes()
