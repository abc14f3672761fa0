"""What a profile asks of a database: queries that only read, and tables by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.address import parse_address
from pipelines.errors import UsageError
from pipelines.extract.databases import as_files
from pipelines.extract.databases.queries import Query, queries_of
from schemas.sources import ProfileError, parse
from schemas.sources.queries import one_select

SECTIONS = '[table.main]\ncase_ref = "Case"\n[table.people]\ncase_ref = "Case"\n'


def profile(text: str = "", table: str = 'from = "cases"', more: str = ""):  # type: ignore[no-untyped-def]
    return parse(f"{text}\n[[table]]\n{table}\n{SECTIONS}{more}", "mine")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("select 1;", "select 1"),
        ("with a as (select 1) select * from a ; ;", "with a as (select 1) select * from a"),
        ("SELECT replace(a, 'delete', ';') -- into\nfrom t /* ; drop */", None),
        ("select \"update\", [delete], `insert` from t where a = 'it''s; ok'", None),
        ("select $$ delete; $$ as a", None),
        ("-- cases\nselect 1", None),
    ],
)
def test_a_select_is_taken_as_it_is(text: str, sql: str | None) -> None:
    assert one_select("cases", text) == (sql or text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delete from t", "one select; a source is only read"),
        ("", "write it between"),
        ("-- nothing", "one select"),
        ("select 1; select 2", "several statements"),
        ("select 1; drop table t", "several statements"),
        ("with gone as (delete from t returning *) select * from gone", '"delete" has no place'),
        ("select * into other from t", '"into" has no place'),
        ("select * from t for update", '"update" has no place'),
        ("select 1 exec sp_who", '"exec" has no place'),
        ("select 1 /*! into outfile 'x' */", "MySQL carries out"),
        ("select 1 /* open", "not closed"),
        ("select 'open", "opened and not closed"),
        ("pragma table_info(t)", "one select"),
        ("call x()", "one select"),
    ],
)
def test_another_statement_is_refused_before_anything_is_asked(text: str, said: str) -> None:
    with pytest.raises(ProfileError, match=r"^\[queries\], cases: ") as refused:
        profile(f"[queries]\ncases = '''{text}'''")
    assert said in str(refused.value)


def test_a_refused_query_is_a_usage_error_and_no_connection_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"[queries]\ncases = 'delete from t'\n[[table]]\nfrom = 'cases'\n{SECTIONS}", encoding="utf-8")
    address = parse_address("postgresql://127.0.0.1:1/nowhere")
    with pytest.raises(UsageError, match="one select") as refused, as_files(address, str(path)):
        pass
    assert refused.value.exit_code == 2


def test_a_query_is_read_by_its_name_as_a_file_is() -> None:
    found = profile("[queries]\nCases = 'select 1 as a'")
    assert (found.tables[0].file, found.tables[0].source) == ("Cases", "")
    assert queries_of(found) == (Query("Cases", "select 1 as a"),)


def test_two_tables_may_read_one_query() -> None:
    more = '[[table]]\nfrom = "cases"\n[table.relief]\ncase_ref = "Case"\n'
    found = profile("[queries]\ncases = 'select 1 as a'", more=more)
    assert [one.name for one in queries_of(found)] == ["cases"]


def test_a_table_without_a_query_is_read_whole() -> None:
    assert queries_of(profile(table='file = "housing.Case details"\noptional = true')) == (
        Query("housing.Case details", table=("housing", "Case details"), optional=True),
    )


def test_what_statements_and_joins_read_is_asked_for_too() -> None:
    text = '[sql]\ncases = "select * from visits join people_of_cases using (id)"\n'
    assert [one.name for one in queries_of(profile(text))] == ["visits", "people_of_cases"]


def test_a_file_pattern_takes_the_queries_that_fit_and_no_tables() -> None:
    text = "[queries]\nhb_2024 = 'select 1 as a'\nhb_2025 = 'select 2 as a'"
    assert [one.name for one in queries_of(profile(text, 'file = "hb_*"'))] == ["hb_2024", "hb_2025"]
    with pytest.raises(UsageError, match="whole names"):
        queries_of(profile(table='file = "hb_*"'))


@pytest.mark.parametrize("table", ['sheet = "Cases"', 'file = "book"\nsheet = "Cases"', 'file = "../cases"'])
def test_what_no_database_has_is_refused(table: str) -> None:
    with pytest.raises(UsageError, match=r"\[queries\]"):
        queries_of(profile(table=table))


def test_a_name_stands_for_one_thing() -> None:
    with pytest.raises(ProfileError, match="two things"):
        profile("[queries]\ncases = 'select 1 as a'\n[sql]\nCases = 'select 1 as a'")


@pytest.mark.parametrize("name", ["../cases", "a/b", " cases", ""])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(ProfileError, match="a query's name is"):
        profile(f"[queries]\n\"{name}\" = 'select 1 as a'")
