"""The mart: what stands in it, what does not, and the files it is written to."""

from __future__ import annotations

import hashlib
import hmac
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from python_calamine import CalamineWorkbook

import sql
from pipelines.emit.workbooks import relations
from pipelines.emit.workbooks.relations import write_relations
from pipelines.errors import InputError, UsageError
from pipelines.finance.mart import documentation, read_mart, write_mart
from pipelines.finance.mart.docs import render_markdown
from pipelines.finance.mart.pseudonyms import KEYED, NUMBERED, key_from, pseudonym
from pipelines.finance.mart.relations import COSTS, RELATIONS
from pipelines.finance.mart.run import open_run
from pipelines.metrics.stays import build as stays
from pipelines.warehouse import words
from pipelines.warehouse.quarter import OpenQuarter
from pipelines.warehouse.store import Warehouse
from tests.conftest import ROOT
from tests.mart.conftest import BIRTH, LA, MARK, QUARTER, marked_sections, store
from tests.transform.warehouse import built, ref

KEY = b"a key for tests that is long enough"
Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def opened(warehouse_file: Path) -> Iterator[OpenQuarter]:
    with open_run(warehouse_file, None, None) as run:
        yield run


@pytest.fixture(scope="module")
def tables(opened: OpenQuarter) -> Tables:
    return read_mart(opened.connection, key=KEY)


@pytest.fixture(scope="module")
def frames(tables: Tables) -> dict[str, pl.DataFrame]:
    return {name: pl.DataFrame(table) for name, table in tables.items()}


def file_text(path: Path) -> bytes:
    """All bytes of a file, those inside a zip unpacked."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return b"".join(book.read(name) for name in book.namelist())
    if path.suffix == ".parquet":
        return pl.read_parquet(path).write_csv().encode() + path.read_bytes()
    return path.read_bytes()


def test_every_file_is_a_relation_and_every_relation_has_rows(frames: dict[str, pl.DataFrame]) -> None:
    assert sorted([*RELATIONS, *sql.names("finance/inputs")]) == list(sql.names("finance"))
    assert [name for name, frame in frames.items() if not frame.height] == []


@pytest.mark.parametrize("name", RELATIONS)
def test_a_relation_is_described_as_it_is(frames: dict[str, pl.DataFrame], name: str) -> None:
    known, frame = documentation(name), frames[name]
    assert list(known.columns) == frame.columns
    assert all(known.columns.values())
    assert known.grain.startswith("One row per ")
    assert not frame.select(known.key).is_duplicated().any()
    assert not frame.select(pl.any_horizontal(pl.col(*known.key).is_null())).to_series().any()
    # The labels and what the mart says of itself stand in the order of their lists.
    if name not in {"about", "code_labels"}:
        assert frame.equals(frame.sort(known.key))


def test_the_page_about_the_mart_is_current() -> None:
    assert (ROOT / "docs" / "mart.md").read_text(encoding="utf-8") == render_markdown()


def test_nothing_personal_stands_in_any_file(opened: OpenQuarter, tmp_path: Path) -> None:
    paths = write_mart(opened.connection, tmp_path / "mart", key=KEY)
    assert {path.name for path in paths} == {f"{name}.parquet" for name in RELATIONS} | {"mart.duckdb", "mart.xlsx"}
    reference = opened.connection.execute("select case_ref from households limit 1").fetchone()
    assert reference is not None
    for path in paths:
        content = file_text(path)
        # References begin with the authority's code and an underscore; the code alone is no secret.
        for word in (MARK, f"{LA}_0", BIRTH.isoformat(), KEY.decode()):
            assert word.encode() not in content, f"{word} in {path.name}"
    with duckdb.connect(str(tmp_path / "mart" / "mart.duckdb"), read_only=True) as con:
        for name in RELATIONS:
            for row in con.execute(f"select * from {name}").fetchall():
                assert not any(MARK in str(value) or f"{LA}_0" in str(value) for value in row), name


def test_only_the_forms_asked_for_are_written(opened: OpenQuarter, tmp_path: Path) -> None:
    assert [path.name for path in write_mart(opened.connection, tmp_path, key=KEY, forms=["xlsx"])] == ["mart.xlsx"]
    assert [path.name for path in tmp_path.iterdir()] == ["mart.xlsx"]


def test_the_mark_would_be_found(warehouse_file: Path) -> None:
    assert MARK.encode() in warehouse_file.read_bytes()


def test_free_text_stands_only_where_it_is_shared_and_nobodys(frames: dict[str, pl.DataFrame]) -> None:
    assert set(frames["households"]["team"]) == {"team", "withheld"}
    assert "withheld" in set(frames["placements"]["cost_centre"])
    assert "South West Essex" in set(frames["placements"]["lha_area"])


def test_free_text_of_four_cases_is_withheld_and_of_five_is_shown() -> None:
    main = [
        {"la_code": LA, "case_ref": no, "application_date": date(2025, 1, 1), "team": "four" if no < 5 else "five"}
        for no in range(1, 10)
    ]
    with built(main=main) as con:
        teams = pl.DataFrame(read_mart(con, key=KEY)["households"])["team"].to_list()
    assert sorted(teams) == ["five"] * 5 + ["withheld"] * 4


def test_no_column_for_what_finance_has_no_question_for(frames: dict[str, pl.DataFrame]) -> None:
    kept_out = {
        "case_ref local_ref officer previous_officer date_of_birth age age_at_assessment forename surname nino",
        "last_address nationality eligibility ethnicity sexual_orientation gender_identity sex pneed benefits",
        "support_need placement_ref invoice_number site landlord",
    }
    forbidden = {name for line in kept_out for name in line.split()}
    assert {
        name: forbidden & set(frame.columns) for name, frame in frames.items() if forbidden & set(frame.columns)
    } == {}


def test_a_pseudonym_is_the_hmac_of_the_reference(frames: dict[str, pl.DataFrame], opened: OpenQuarter) -> None:
    rows = opened.connection.execute("select case_ref from households").fetchall()
    expected = {hmac.new(KEY, row[0].encode(), hashlib.sha256).hexdigest()[:16] for row in rows}
    assert set(frames["households"]["case_key"]) == expected


def test_the_same_key_gives_the_same_pseudonyms_and_another_others(opened: OpenQuarter, tables: Tables) -> None:
    again = read_mart(opened.connection, key=KEY, names=["households", "placements"])
    other = read_mart(opened.connection, key=b"another key", names=["households", "placements"])
    for name, column in (("households", "case_key"), ("placements", "landlord_key"), ("placements", "site_key")):
        assert again[name][column].to_pylist() == tables[name][column].to_pylist()
        assert not set(other[name][column].to_pylist()) & set(tables[name][column].to_pylist()), column


def test_landlords_and_sites_of_one_name_have_different_pseudonyms() -> None:
    assert len({pseudonym(KEY, kind, "North House") for kind in ("case", "landlord", "site")}) == 3


def test_without_a_key_row_numbers_stand_and_the_mart_says_so(opened: OpenQuarter) -> None:
    tables = read_mart(opened.connection, key=None)
    keys = tables["households"]["case_key"].to_pylist()
    assert sorted(keys)[:2] == ["00000001", "00000002"]
    about = dict(zip(*(tables["about"][name].to_pylist() for name in ("item", "value")), strict=True))
    assert about["pseudonyms"] == NUMBERED
    # Invented cases apply in the order of their references: in the order of the numbers the days must be mixed.
    days = pl.DataFrame(tables["households"]).sort("case_key")["application_date"].to_list()
    assert days != sorted(days)


def test_with_a_key_the_mart_says_so(frames: dict[str, pl.DataFrame]) -> None:
    assert frames["about"].filter(item="pseudonyms")["value"].to_list() == [KEYED]


def test_an_empty_key_is_no_key() -> None:
    assert key_from({}) is None
    assert key_from({"HCLIC_PSEUDONYM_KEY": ""}) is None
    assert key_from({"HCLIC_PSEUDONYM_KEY": "x"}) == b"x"


def test_what_leads_back_to_a_case_is_gone_after_reading(opened: OpenQuarter) -> None:
    read_mart(opened.connection, key=KEY, names=["about"])
    left = opened.connection.execute("select table_name from duckdb_tables() where table_name like 'mart%'").fetchall()
    assert left == []


def test_nights_are_those_of_the_metrics(frames: dict[str, pl.DataFrame], opened: OpenQuarter) -> None:
    con = opened.connection
    stays.prepare(con)
    household = con.execute(
        "select first_day as month, nights from stock_month where dimension = 'all' and value = 'all'"
    ).pl()
    ours = frames["stay_nights_by_month"].group_by("month").agg(pl.col("nights").sum())
    compared = household.filter(pl.col("nights") > 0).join(ours, on="month", how="left", suffix="_ours")
    assert compared.height > 24
    assert compared.filter(pl.col("nights") != pl.col("nights_ours").fill_null(0)).height == 0
    placement = con.execute(
        "select first_day as month, sum(placement_nights)::bigint as nights from cost_month group by all"
    ).pl()
    ours = frames["nights_by_month"].group_by("month").agg(pl.col("nights").sum())
    compared = placement.join(ours, on="month", how="full", suffix="_ours")
    assert compared.filter(pl.col("nights").ne_missing(pl.col("nights_ours"))).height == 0


def test_charges_and_costs_agree_without_a_rates_file(frames: dict[str, pl.DataFrame]) -> None:
    charged = frames["nights_by_month"]["charge"].sum()
    assert charged == frames[COSTS]["gross_known"].sum()
    assert charged > 0


PLACED: list[dict[str, Any]] = [
    {
        "case_ref": 1,
        "placement_no": 1,
        "ta_type": "bb",
        "entry_date": date(2025, 11, 29),
        "exit_date": date(2025, 12, 2),
    },
    {"case_ref": 1, "placement_no": 2, "ta_type": "psl", "entry_date": date(2025, 12, 1), "rate": 40.5},
    {
        "case_ref": 1,
        "placement_no": 3,
        "ta_type": "own",
        "entry_date": date(2025, 10, 1),
        "exit_date": date(2025, 10, 9),
    },
    {
        "case_ref": 1,
        "placement_no": 4,
        "ta_type": "bb",
        "entry_date": date(2025, 10, 5),
        "exit_date": date(2025, 10, 5),
    },
]


def test_nights_of_overlapping_open_and_empty_placements() -> None:
    main = [{"la_code": LA, "case_ref": 1, "application_date": date(2025, 9, 1)}]
    with built(main=main, temporary_accommodation=PLACED) as con:
        tables = read_mart(con, key=KEY)
    paid = pl.DataFrame(tables["nights_by_month"]).select("placement_no", "month", "nights", "charge")
    november, december = date(2025, 11, 1), date(2025, 12, 1)
    # By hand: 29 and 30 November; 1 December; 1 to 31 December, both in, at £40.50; no rate, no charge.
    assert [(no, month, nights) for no, month, nights, _ in paid.rows()] == [
        (1, november, 2),
        (1, december, 1),
        (2, december, 31),
    ]
    assert [None if charge is None else float(charge) for charge in paid["charge"]] == [None, None, 1255.5]
    slept = pl.DataFrame(tables["stay_nights_by_month"]).select("stay_no", "month", "nights").rows()
    # The night of 1 December counts once; a stay of no nights has no row.
    assert slept == [(2, november, 2), (2, december, 31)]
    assert COSTS not in tables
    assert ref(1) not in str(tables)


def test_age_bands_meet_without_gap_or_overlap() -> None:
    text = sql.text("finance/inputs/age_band.sql")
    with duckdb.connect() as con:
        bands = con.execute(f"select from_age, to_age from ({text}) order by 1").fetchall()
    assert bands[0][0] == 0
    assert [low for low, _ in bands[1:]] == [high + 1 for _, high in bands[:-1]]


def test_parquet_and_workbook_have_the_same_bytes_again_and_the_database_the_same_rows(
    opened: OpenQuarter, tmp_path: Path
) -> None:
    first, second = (write_mart(opened.connection, tmp_path / name, key=KEY) for name in ("a", "b"))
    for one, other in zip(first, second, strict=True):
        if one.suffix != ".duckdb":
            assert one.read_bytes() == other.read_bytes(), one.name
    with duckdb.connect() as con:
        con.execute(f"attach '{first[-2]}' as a (read_only)")
        con.execute(f"attach '{second[-2]}' as b (read_only)")
        for name in RELATIONS:
            assert con.execute(f"from a.{name} except from b.{name}").fetchall() == []
            assert (
                con.execute(f"select count(*) from a.{name}").fetchall()
                == con.execute(f"select count(*) from b.{name}").fetchall()
            )


def test_the_files_open_with_types_and_descriptions(opened: OpenQuarter, tmp_path: Path) -> None:
    write_mart(opened.connection, tmp_path, key=KEY)
    with duckdb.connect(str(tmp_path / "mart.duckdb"), read_only=True) as con:
        described = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
        in_words = con.execute('select "Exit date", "Family (children or pregnant)" from in_words.stays').fetchall()
        assert in_words == con.execute("select exit_date, is_family from stays").fetchall()
        columns = con.execute("select table_name, column_name, comment, data_type from duckdb_columns()").fetchall()
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("delete from stays")
    assert sorted(described) == sorted(RELATIONS)
    assert described["stays"].endswith("Key: case_key, stay_no")
    columns = [column for column in columns if column[2]]
    assert {(name, column) for name, column, _, _ in columns} == {
        (name, column) for name in RELATIONS for column in documentation(name).columns
    }
    assert ("placements", "entry_date", "first night", "DATE") in columns
    schema = pyarrow.parquet.read_schema(tmp_path / "placements.parquet")
    assert schema.metadata[b"key"] == b"case_key, placement_no"
    assert schema.field("entry_date").metadata[b"description"] == b"first night"
    assert schema.field("ta_la").metadata[b"heading"] == b"District of the accommodation"


def test_the_workbook_has_one_flat_named_table_a_sheet(
    opened: OpenQuarter, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    write_mart(opened.connection, tmp_path, key=KEY)
    path = tmp_path / "mart.xlsx"
    book = CalamineWorkbook.from_path(str(path))
    try:
        assert book.sheet_names == ["columns", *RELATIONS]
        rows = book.get_sheet_by_name("placements").to_python()
        described = book.get_sheet_by_name("columns").to_python()
    finally:
        book.close()
    frame = frames["placements"]
    assert rows[0] == [*documentation("placements").headings.values()]
    assert rows[1] == frame.columns
    assert len(rows) == frame.height + 2
    for written, kept in zip(rows[2:], frame.rows(), strict=True):
        assert written == ["" if value is None else value for value in kept]
    assert isinstance(rows[2][frame.columns.index("entry_date")], date)
    assert ["placements", "entry_date", "Entry date", "first night"] in described
    with zipfile.ZipFile(path) as parts:
        sheets = b"".join(parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name)
        table = parts.read("xl/tables/table7.xml").decode()
    assert b"mergeCell" not in sheets
    assert b"<f>" not in sheets
    assert 'displayName="placements"' in table
    assert f'ref="A2:Y{frame.height + 2}"' in table


def test_a_text_is_never_a_formula_and_markup_stays_text(tmp_path: Path) -> None:
    words = ["=1+1", "+x", "@y", "<b>&amp;</b>", "line\nbreak", "\x01bell", "", None, " both "]
    path = write_relations(tmp_path / "x.xlsx", {"query": pl.DataFrame({"a & <b>": words, "n": range(len(words))})})
    book = CalamineWorkbook.from_path(str(path))
    try:
        rows = book.get_sheet_by_index(0).to_python()
    finally:
        book.close()
    assert rows[0] == ["a & <b>", "n"]
    assert [row[0] for row in rows[1:]] == ["=1+1", "+x", "@y", "<b>&amp;</b>", "line\nbreak", "bell", "", "", " both "]
    with zipfile.ZipFile(path) as parts:
        assert b"<f" not in parts.read("xl/worksheets/sheet1.xml")


def test_a_relation_longer_than_a_sheet_says_where_its_rows_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relations, "MAX_ROWS", 2)
    path = write_relations(tmp_path / "x.xlsx", {"long": pl.DataFrame({"a": [1, 2, 3]})})
    book = CalamineWorkbook.from_path(str(path))
    try:
        assert book.get_sheet_by_index(0).to_python()[1] == ["3 rows are more than a sheet holds: see long.parquet."]
    finally:
        book.close()


def test_several_authorities_must_be_told_apart(tmp_path: Path) -> None:
    path = store(tmp_path / "w.duckdb", marked_sections(5))
    store(path, marked_sections(5), "E09000002")
    with pytest.raises(UsageError, match="several authorities"), open_run(path, None, QUARTER):
        pass
    with open_run(path, "E09000002", QUARTER) as run:
        assert run.run.la_code == "E09000002"


def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with pytest.raises(InputError), open_run(path, LA, QUARTER):
        pass
    duckdb.connect(str(path)).close()
    with pytest.raises(InputError), open_run(path, None, None):
        pass


def test_pounds_are_shown_as_pounds(opened: OpenQuarter, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    write_mart(opened.connection, tmp_path, key=KEY, forms=["xlsx"])
    sheet = openpyxl.load_workbook(tmp_path / "mart.xlsx")["nights_by_month"]
    names = [cell.value for cell in sheet[2]]
    formats = {name: sheet.cell(3, place).number_format for place, name in enumerate(names, 1)}
    assert {name for name, shown in formats.items() if "£" in shown} == {"rate", "charge"}
    assert formats["month"] == "dd/mm/yyyy"


@pytest.mark.parametrize("name", RELATIONS)
def test_no_two_headings_of_a_relation_are_alike(name: str) -> None:
    headings = documentation(name).headings
    assert len({heading.lower() for heading in headings.values()}) == len(headings)


@pytest.mark.parametrize(
    ("members", "nights", "expected"),
    [
        # The order of 2003 counts a pregnant woman as it counts a child; 42 nights are six weeks.
        ("nobody", 43, (False, False)),
        ("a child", 42, (True, False)),
        ("a child", 43, (True, True)),
        ("a pregnant member", 43, (True, True)),
    ],
)
def test_a_family_is_over_the_limit_after_more_than_42_nights_in_bed_and_breakfast(
    members: str, nights: int, expected: tuple[bool, bool]
) -> None:
    applicant = {"case_ref": ref(1), "person_no": 1, "relationship": "applicant", "age": 30}
    child = {"case_ref": ref(1), "person_no": 2, "relationship": "child", "dependent": True, "age": 6}
    people = {
        "nobody": [applicant],
        "a child": [applicant, child],
        "a pregnant member": [applicant | {"pregnant": True}],
    }[members]
    entry = QUARTER.last_day - timedelta(days=nights)
    placed = {"case_ref": ref(1), "placement_no": 1, "entry_date": entry, "ta_type": "bb"}
    main = [{"case_ref": ref(1), "application_date": entry}]
    with built(quarter=QUARTER, main=main, people=people, temporary_accommodation=[placed]) as con:
        read = read_mart(con, key=KEY, names=["bb_households"])["bb_households"]
    (row,) = read.to_pylist()
    assert (row["is_family"], row["is_over_limit"]) == expected
    assert row["days"] == nights


def test_a_text_that_looks_like_a_persons_is_withheld_however_many_share_it_and_a_confirmed_word_is_shown(
    tmp_path: Path,
) -> None:
    sections = marked_sections(40)
    number = pl.int_range(pl.len())
    sections["main"] = sections["main"].with_columns(
        team=pl.when(number == 0).then(pl.lit("Small team")).otherwise(pl.lit("Ring 07700 900123"))
    )
    path = store(tmp_path / "w.duckdb", sections)
    with open_run(path, LA, QUARTER, costs=False) as opened:
        before = set(read_mart(opened.connection, key=None, names=["households"])["households"]["team"].to_pylist())
    with Warehouse(path) as warehouse:
        words.confirm(warehouse.connection, LA, "team", "Small team", by=None, on=QUARTER.last_day)
    with open_run(path, LA, QUARTER, costs=False) as opened:
        after = set(read_mart(opened.connection, key=None, names=["households"])["households"]["team"].to_pylist())
    assert (before, after) == ({"withheld"}, {"withheld", "Small team"})
