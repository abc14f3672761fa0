"""A return read as a source: what it holds comes back, and what is wrong with it is told at its line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.emit.returns import load_profile, write_return
from pipelines.emit.returns.source import extract_return, is_return, limits
from pipelines.errors import InputError, UsageError
from pipelines.extract import Extracted
from pipelines.findings import MASK
from pipelines.period import Quarter
from pipelines.run.check import Checked, check_export
from pipelines.run.request import Request
from pipelines.run.run import make
from schemas.returns import PROVISIONAL, case_file_columns
from schemas.rules import RULES
from schemas.sections import SECTION, SECTIONS
from tests.returns import test_packs as packs
from tests.returns.cases import ref
from tests.returns.test_shapes import SHAPES

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
EXAMPLE = SAMPLE / "shapes" / "return" / "export"
CASE, PERSONAL = "hclic_case_E06000034_2025-Q3.xml", "hclic_personal_E06000034_2025-Q3.xml"
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
KEY = ["rule_id", "severity", "scope", "section", "case_ref", "record_key", "fields", "message"]
Edit = Callable[[str], str]


def _request(export: Path, source: str, out: Path, *, personal: bool = True) -> Request:
    return Request(
        export=export,
        authority=AUTHORITY,
        quarter=QUARTER,
        source=source,
        out=out,
        started=datetime(2025, 10, 8, tzinfo=UTC),
        personal=personal,
        pages=False,
    )


def _edited(tmp_path: Path, edit: Edit, name: str = CASE, *, alone: bool = True) -> Path:
    folder = tmp_path / "return"
    folder.mkdir()
    for one in (name,) if alone else (CASE, PERSONAL):
        text = (EXAMPLE / one).read_text(encoding="utf-8")
        (folder / one).write_text(edit(text) if one == name else text, encoding="utf-8")
    return folder


def _read(export: Path, profile: str = PROVISIONAL) -> Extracted:
    return extract_return(export, load_profile(profile), authority=AUTHORITY, quarter=QUARTER, as_at=QUARTER.last_day)


def _found(extracted: Extracted, rule: str) -> list[dict[str, object]]:
    return extracted.findings.filter(pl.col("rule_id") == rule).to_dicts()


# --- there and back --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def natively(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of the example's cases, made from the native sample."""
    folder = tmp_path_factory.mktemp("native")
    refs = _read(EXAMPLE).sections["main"]["case_ref"].to_list()
    for path in (SAMPLE / "native").glob("*.csv"):
        rows = pl.read_csv(path, infer_schema_length=0)
        rows.filter(pl.col("case_ref").is_in(refs)).write_csv(folder / path.name)
    return make(_request(folder, "native", folder / "out")).folder


@pytest.fixture(scope="module")
def from_return(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of the example."""
    return make(_request(EXAMPLE, "return", tmp_path_factory.mktemp("return"))).folder


def test_the_example_is_what_a_run_of_the_sample_writes(natively: Path) -> None:
    for name in (CASE, PERSONAL):
        assert (natively / "return" / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


def test_a_return_written_again_has_the_same_bytes(from_return: Path) -> None:
    for name in (CASE, PERSONAL):
        assert (from_return / "return" / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


@pytest.mark.parametrize("table", ["official_internal.csv", "official.csv", "p1e.csv"])
def test_every_cell_of_the_official_tables_is_the_same(table: str, natively: Path, from_return: Path) -> None:
    assert (from_return / "tables" / table).read_bytes() == (natively / "tables" / table).read_bytes()


def test_every_finding_is_the_same_but_those_named(natively: Path, from_return: Path) -> None:
    ours, theirs = (
        pl.read_csv(folder / "findings" / "findings.csv", infer_schema_length=0)
        .filter(~pl.col("rule_id").is_in([*limits.REST_ON_LOCAL_FIELDS, *limits.OF_EXPORTS, *limits.OF_READING]))
        .select(KEY)
        .sort(KEY)
        for folder in (natively, from_return)
    )
    assert ours.height > 0
    assert theirs.equals(ours)


def test_without_the_personal_data_file_only_the_tables_by_age_at_an_earlier_day_may_differ(
    natively: Path, tmp_path: Path
) -> None:
    made = make(_request(EXAMPLE / CASE, "return", tmp_path, personal=False)).folder
    assert (made / "return" / CASE).read_bytes() == (EXAMPLE / CASE).read_bytes()
    unlike = list(limits.UNLIKE_WITHOUT_BIRTHS)
    for name, column in (("official_internal.csv", "table"), ("p1e.csv", "section")):
        ours, theirs = (
            pl.read_csv(folder / "tables" / name, infer_schema_length=0).filter(~pl.col(column).is_in(unlike))
            for folder in (natively, made)
        )
        assert ours.height > 0
        assert theirs.equals(ours), name


@pytest.mark.parametrize("name", [PROVISIONAL, *packs.NAMES])
def test_a_pack_brings_back_each_value_that_it_writes(name: str, tmp_path: Path) -> None:
    folder = PROVISIONAL if name == PROVISIONAL else str(packs.PACKS / name)
    profile = load_profile(folder)
    rows = packs._rows()
    for section in rows.values():
        for row in section:
            row.pop("age", None)
    con = packs.connect(rows)
    write_return(con, profile, tmp_path, personal=True, software_version="0.1.0")
    read = extract_return(
        tmp_path, profile, authority=packs.AUTHORITY, quarter=Quarter(2025, 4), as_at=date(2025, 12, 31)
    )
    assert read.findings.filter(pl.col("severity") == "error").to_dicts() == []
    written = {
        (mapped.column.section, mapped.column.name)
        for file in profile.profile.files.values()
        for group in file.groups
        for mapped in group.columns
    }
    for section in SECTIONS:
        known = {column.name for column in section.columns}
        columns = [c for c in case_file_columns(section.name) if (section.name, c.name) in written and c.name != "age"]
        expected = {
            tuple(_as_set(row.get(column.name), column.kind) for column in columns) for row in rows[section.name]
        }
        frame = read.sections[section.name]
        found = {
            tuple(_as_set(row[column.name], column.kind) for column in columns)
            for row in frame.select(known).to_dicts()
        }
        assert found == expected, section.name
        assert frame.height == len(rows[section.name]), section.name


def _as_set(value: object, kind: str) -> object:
    return frozenset(str(value).split(";")) if kind == "codes" and value is not None else value


@pytest.mark.parametrize("name", SHAPES)
def test_any_shape_of_a_pack_is_read_without_an_error(name: str, tmp_path: Path) -> None:
    shape = SHAPES[name]
    profile = load_profile(str(shape.write_pack(tmp_path / "pack")))
    con = packs.connect(shape.rows())
    write_return(con, profile, tmp_path / "out", personal=False, software_version="0.1.0")
    read = extract_return(
        tmp_path / "out", profile, authority=packs.AUTHORITY, quarter=Quarter(2025, 4), as_at=date(2025, 12, 31)
    )
    assert read.findings.filter(pl.col("severity") == "error").to_dicts() == []
    assert [one.rows_set_aside for one in read.files] == [0] * len(read.files)
    assert read.sections["main"]["case_ref"].to_list() == [ref(n) for n in range(1, shape.count + 1)]


# --- what is wrong with it -------------------------------------------------------------------------------------------


def test_an_element_that_the_profile_lacks_is_told_with_its_line(tmp_path: Path) -> None:
    read = _read(_edited(tmp_path, lambda t: t.replace("<PERSON>", "<PERSON><SHOE_SIZE>9</SHOE_SIZE>", 2)))
    (found,) = _found(read, "X-50")
    line = 1 + (EXAMPLE / CASE).read_text(encoding="utf-8").split("<PERSON>")[0].count("\n")
    assert found["message"] == (
        f"{CASE}, line {line}: the return profile has no place for the element PERSON/SHOE_SIZE, so it was not"
        " read (2 ×)."
    )
    assert found["severity"] == "warning"


def test_an_attribute_that_the_profile_lacks_is_told(tmp_path: Path) -> None:
    read = _read(_edited(tmp_path, lambda t: t.replace("<MAIN>", '<MAIN colour="red">', 1)))
    assert "the attribute MAIN/@colour" in str(_found(read, "X-50")[0]["message"])


@pytest.mark.parametrize(
    ("edit", "rule", "element", "column"),
    [
        (
            lambda t: t.replace("<TA_TYPE>nightly<", "<TA_TYPE>Hostel<", 1),
            "X-51",
            "PLACEMENT/TA_TYPE",
            "ta_type",
        ),
        (
            lambda t: t.replace("<ENTRY_DATE>2025-09-17<", "<ENTRY_DATE>17/09/2025<"),
            "X-52",
            "PLACEMENT/ENTRY_DATE",
            "entry_date",
        ),
        (lambda t: t.replace("<DEPENDENT>true<", "<DEPENDENT>yes<", 1), "X-52", "PERSON/DEPENDENT", "dependent"),
    ],
)
def test_a_value_that_the_profile_does_not_write_is_told_at_its_row_and_not_guessed(
    edit: Edit, rule: str, element: str, column: str, tmp_path: Path
) -> None:
    folder = _edited(tmp_path, edit)
    text = (folder / CASE).read_text(encoding="utf-8")
    assert text != (EXAMPLE / CASE).read_text(encoding="utf-8")
    read = _read(folder)
    (found,) = _found(read, rule)
    assert f"element {element}: the value is not" in str(found["message"])
    row = found["row"]
    assert isinstance(row, int)
    assert f"<{element.split('/')[0]}>" in text.splitlines()[row - 1], "the row is the line of the element"
    assert found["fields"] == column


def test_a_finding_of_a_rule_points_to_the_line_of_the_element() -> None:
    checked = _check(EXAMPLE)
    (found,) = checked.findings.filter(pl.col("rule_id") == "L-05").to_dicts()
    assert found["file"] == CASE
    assert "<PREVENTION>" in (EXAMPLE / CASE).read_text(encoding="utf-8").splitlines()[found["row"] - 1]


def _check(export: Path) -> Checked:
    return check_export(export, authority=AUTHORITY, quarter=QUARTER, source="return")


def test_a_return_on_one_line_is_read_as_well(tmp_path: Path) -> None:
    read = _read(_edited(tmp_path, lambda t: "".join(line.strip() for line in t.splitlines())))
    assert read.sections["people"].height == _read(EXAMPLE / CASE).sections["people"].height
    assert read.findings.filter(pl.col("severity") == "error").is_empty()


def test_a_person_of_whom_the_two_files_differ_is_told(tmp_path: Path) -> None:
    folder = _edited(tmp_path, lambda t: t.replace("<SEX>female<", "<SEX>male<", 1), PERSONAL, alone=False)
    (found,) = _found(_read(folder), "X-55")
    assert found["fields"] == "sex"
    assert found["file"] == PERSONAL


def test_a_person_of_the_personal_file_whom_the_case_file_lacks_is_set_aside(tmp_path: Path) -> None:
    folder = _edited(tmp_path, lambda t: t.replace("<PERSON_NO>1<", "<PERSON_NO>77<", 1), PERSONAL, alone=False)
    read = _read(folder)
    assert len(_found(read, "X-28")) == 1
    personal = next(one for one in read.files if one.name == PERSONAL)
    assert (personal.rows_read, personal.rows_loaded, personal.rows_set_aside) == (15, 14, 1)


def test_an_unknown_value_of_a_personal_field_is_masked(tmp_path: Path) -> None:
    folder = _edited(tmp_path, lambda t: t.replace("<DATE_OF_BIRTH>", "<DATE_OF_BIRTH>x", 1), PERSONAL, alone=False)
    (found,) = _found(_read(folder), "X-52")
    assert found["value"] == MASK


def test_every_element_is_loaded_or_set_aside() -> None:
    for one in _read(EXAMPLE).files:
        assert one.rows_read == one.rows_loaded + one.rows_set_aside > 0
        assert one.rows_set_aside == 0
    assert {one.name for one in _read(EXAMPLE).files} == {CASE, PERSONAL}


DTD = '<?xml version="1.0"?><!DOCTYPE HCLIC_RETURN [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda t: t[: len(t) // 2], "damaged"),
        (lambda t: t.replace("</MAIN>", "", 1), "damaged, or no XML"),
        (lambda t: "not XML at all", "damaged, or no XML"),
        (lambda t: DTD + t.split("?>", 1)[1], "DOCTYPE"),
        (lambda t: "<CATALOGUE><CD/></CATALOGUE>", "begins with HCLIC_PERSONAL_DATA or HCLIC_RETURN"),
        (lambda t: t.replace("<AUTHORITY>E06000034<", "<AUTHORITY>E06000033<"), "another authority than E06000034"),
        (lambda t: t.replace("<QUARTER>2025-Q3<", "<QUARTER>2025-Q2<"), "another quarter than 2025-Q3"),
    ],
)
def test_what_is_no_return_to_be_read_is_refused_in_one_sentence_without_a_value(
    edit: Edit, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said) as error:
        _read(_edited(tmp_path, edit))
    assert "E06000033" not in str(error.value)


def test_the_files_name_tells_the_quarter_where_the_header_is_silent(tmp_path: Path) -> None:
    folder = _edited(tmp_path, lambda t: t.replace("<QUARTER>2025-Q3</QUARTER>", ""))
    (folder / CASE).rename(folder / CASE.replace("Q3", "Q2"))
    with pytest.raises(InputError, match="another quarter"):
        _read(folder)


def test_the_personal_file_alone_is_refused() -> None:
    with pytest.raises(InputError, match="personal data of a return only"):
        _read(EXAMPLE / PERSONAL)


def test_a_zip_of_both_files_is_read_like_the_folder(tmp_path: Path) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "both"), "zip", EXAMPLE))
    assert is_return(packed)
    assert _read(packed).sections["people"].drop("_file").equals(_read(EXAMPLE).sections["people"].drop("_file"))


# --- how it is found, and what is not judged -------------------------------------------------------------------------


def test_the_source_of_a_return_need_not_be_named(tmp_path: Path) -> None:
    given = {"export": str(EXAMPLE), "authority": AUTHORITY, "quarter": "2025-Q3", "out": str(tmp_path)}
    started = datetime(2025, 10, 8, tzinfo=UTC)
    assert Request.read(given, started=started).source == "return"
    with pytest.raises(UsageError, match="--source is needed"):
        Request.read(given | {"export": str(SAMPLE / "native")}, started=started)


def test_rules_about_an_earlier_age_are_those_that_read_one() -> None:
    folder = Path(__file__).resolve().parents[2] / "sql" / "checks"
    reading = {
        path.stem
        for path in folder.glob("*.sql")
        if any(word in path.read_text(encoding="utf-8") for word in ("age_at_assessment", "age_at_decision"))
    }
    named = {rule for rule in limits.REST_ON_BIRTHS}
    by_file = {rule.rule_id for rule in RULES if rule.rule_id in reading or rule.rule_id[:-1] in reading}
    assert named == {
        one for one in by_file if "date_of_birth" in " ".join(next(r.fields for r in RULES if r.rule_id == one))
    }


def test_two_dwellings_of_a_split_household_are_no_error_in_a_return(tmp_path: Path) -> None:
    checked = _check(EXAMPLE)
    assert "L-26b" not in checked.rules["rule_id"].to_list()
    assert not checked.blocked
    assert "L-26b" in checked.table()
    assert set(limits.REST_ON_LOCAL_FIELDS) | set(limits.REST_ON_BIRTHS) <= {rule.rule_id for rule in RULES}
    for rule in limits.REST_ON_LOCAL_FIELDS:
        (own,) = [one for one in RULES if one.rule_id == rule]
        assert any(SECTION[own.section].column(name).local for name in own.fields if "." not in name)


def test_lines_are_told_beyond_those_that_the_parser_counts_itself(tmp_path: Path) -> None:
    blank = 70_000
    read = _read(_edited(tmp_path, lambda t: t.replace("<CASES>", "<CASES>" + "\n" * blank)))
    before = _read(EXAMPLE / CASE).sections["people"]["_row"]
    assert read.sections["people"]["_row"].to_list() == (before + blank).to_list()


def test_events_after_the_quarter_were_masked_and_stay_so(tmp_path: Path) -> None:
    """A later export: what is not in the return is the ending, and the return that is read back has none either."""
    golden = Path(__file__).resolve().parents[1] / "golden" / "ending-after-the-quarter-is-not-sent"
    later: dict[str, Any] = {"as_at": date(2025, 10, 14), "started": datetime(2025, 10, 20, tzinfo=UTC)}
    made = make(replace(_request(golden / "input", "native", tmp_path / "a"), **later)).folder
    again = make(replace(_request(made / "return", "return", tmp_path / "b"), **later)).folder
    for path in (made / "return").iterdir():
        assert (again / "return" / path.name).read_bytes() == path.read_bytes()
    for table in ("official_internal.csv", "p1e.csv"):
        assert (again / "tables" / table).read_bytes() == (made / "tables" / table).read_bytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_return_that_was_altered_anywhere_is_read_or_refused_in_a_sentence(
    data: st.DataObject, tmp_path: Path
) -> None:
    text = (EXAMPLE / CASE).read_bytes()
    start = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 400))
    put = data.draw(
        st.binary(max_size=12) | st.sampled_from([b"<X/>", b"</CASE>", b"<!DOCTYPE x>", b"&a;", b"\xff\xfe"])
    )
    altered = tmp_path / CASE
    altered.write_bytes(text[:start] + put + text[start + gone :])
    try:
        read = _read(altered)
    except InputError as error:
        assert str(error).endswith(".")
        return
    for one in read.files:
        assert one.rows_read == one.rows_loaded + one.rows_set_aside
