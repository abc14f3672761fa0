"""A query reads the mart and nothing else, whatever is tried."""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
import typer
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from pipelines.commands import query as commands
from pipelines.errors import HclicError, InputError, UsageError
from pipelines.finance.mart import child, read_mart
from pipelines.finance.mart.child import Answer
from pipelines.finance.mart.database import fill
from pipelines.finance.mart.query import check_statement, run_query
from pipelines.finance.mart.relations import COSTS, RELATIONS
from pipelines.finance.mart.results import about, shown, write_rows
from pipelines.finance.mart.run import open_run
from tests.mart.conftest import BIRTH, LA, MARK

KEY = "Zqxmarkkey-of-the-environment"
app = typer.Typer()
app.command()(commands.query)
app.command()(commands.mart)


@pytest.fixture(scope="module")
def tables(warehouse_file: Path) -> dict[str, pa.Table]:
    with open_run(warehouse_file, None, None) as run:
        return read_mart(run.connection, key=KEY.encode())


def opened(tables: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """The database of a query, in this process: starting one for each of a hundred statements takes minutes."""
    con = child.connected()
    fill(con, tables)
    return con


def answered(tables: dict[str, pa.Table], statement: str) -> Answer:
    """What ``run_query`` answers, without its process."""
    check_statement(statement)
    with opened(tables) as con:
        try:
            return child.carry_out(con, statement, 10_000)
        except duckdb.Error as error:
            raise UsageError(child.sentence(error)) from None


REFUSED = [
    "",
    "   ",
    "-- only a comment",
    "select 1; select 2",
    "select 1; drop table stays",
    "select * from stays; copy stays to '/tmp/zqx.csv'",
    "/* select */ attach 'x.duckdb' as x",
    "attach 'x.duckdb'",
    "copy stays to 'x.csv'",
    "copy (select 1) to 'x.csv'",
    "copy stays from 'x.csv'",
    "export database 'x'",
    "import database 'x'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma database_list",
    "pragma enable_logging",
    "call enable_logging()",
    "use memory",
    "create table x as select 1",
    "create view x as select 1",
    "create secret s (type s3)",
    "drop table stays",
    "insert into stays select * from stays",
    "update stays set stay_no = 1",
    "delete from stays",
    "begin",
    "vacuum",
    "checkpoint",
    "prepare p as select 1",
    "execute p",
    "explain select 1",
    "explain analyze insert into stays from stays",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('https://example.org/x.csv')",
    "select * from read_text('/proc/self/environ')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_parquet('x.parquet')",
    "select * from read_json('x.json')",
    "select * from glob('/*')",
    "select * from sniff_csv('/etc/passwd')",
    "select (select max(content) from read_text('/etc/passwd'))",
    "with x as (select * from read_text('/etc/passwd')) select * from x",
    "describe select * from read_csv('/etc/passwd')",
    "select * from stays where exists (from glob('/etc/*'))",
    "select * from READ_TEXT('/etc/passwd')",
    "select * from query('select 1')",
    "select * from query_table('stays')",
    "select * from enable_logging(storage := 'file')",
    "select * from duckdb_secrets()",
    "select * from duckdb_settings()",
    "select * from pragma_database_list()",
    "select * from json_execute_serialized_sql('x')",
    "pivot nights_by_month on ta_type using sum(nights)",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_does_not_only_read_the_mart_is_refused_unrun(statement: str) -> None:
    with pytest.raises(UsageError):
        check_statement(statement)


ATTEMPTS = [
    "select * from snapshot_people",
    "select * from main.snapshot_main",
    "select * from temp.mart_case",
    "select * from stg_people",
    "select * from warehouse.runs",
    "select * from '/etc/passwd'",
    "select * from 'warehouse.duckdb'",
    "select * from \"read_csv('/etc/passwd')\"",
    "select getenv('HCLIC_PSEUDONYM_KEY')",
    "select * from tables",
    "select current_setting('temp_directory')",
    "select * from information_schema.tables",
    "select * from information_schema.columns",
    "select * from duckdb_tables",
    "select * from duckdb_logs",
    "select * from sqlite_master",
    "show all tables",
    "show databases",
    "summarize households",
    "select error(case_key) from households",
    "select cast(case_key as integer) from households",
    "select columns(*) from placements",
    *(f"from {name}" for name in RELATIONS),
]


@pytest.mark.parametrize("statement", ATTEMPTS)
def test_no_query_gives_a_personal_value(tables: dict[str, pa.Table], statement: str) -> None:
    try:
        answer = answered(tables, statement)
        found = shown(answer, "csv") + shown(answer, "table")
    except UsageError as error:
        found = str(error)
    for word in (MARK, f"{LA}_0", BIRTH.isoformat(), "root:", KEY):
        assert word not in found


def test_no_variable_of_the_program_is_a_table(tables: dict[str, pa.Table]) -> None:
    secret_frame = pl.DataFrame({"name": [MARK]})
    with opened({"stays": tables["stays"]}) as con, pytest.raises(duckdb.CatalogException, match="secret_frame"):
        con.execute("select * from secret_frame")
    with duckdb.connect() as con:
        # What would happen without the setting.
        assert con.execute("select * from secret_frame").fetchall() == secret_frame.rows()


@pytest.mark.parametrize(
    "statement",
    ["select * from read_text('/etc/passwd')", "copy stays to 'x.csv'", "attach 'x.duckdb'", "set threads = 2"],
)
def test_the_database_refuses_by_itself_what_the_check_would_let_by(
    tables: dict[str, pa.Table], statement: str
) -> None:
    with opened({"stays": tables["stays"]}) as con:
        for lock in child.LOCKS:
            con.execute(lock)
        with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
            con.execute(statement)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("select count(*) from stays", {"stays"}),
        ("with x as (from duties) select * from x join Households using (case_key)", {"duties", "households"}),
        ("select (select max(gross) from costs_by_month)", {COSTS}),
        ("select 1", set()),
        ("show tables", set(RELATIONS)),
        ("describe stays", set(RELATIONS)),
        ("select * from information_schema.tables", set(RELATIONS)),
        ("from no_such_relation", set(RELATIONS)),
    ],
)
def test_only_the_relations_that_a_query_names_are_made(statement: str, named: set[str]) -> None:
    assert check_statement(statement) == named


@pytest.mark.parametrize(
    "statement",
    [
        "select ta_type, sum(nights) from nights_by_month group by all",
        "from stays",
        "(select 1)",
        "values (1), (2)",
        "describe stays",
        "show tables",
        "summarize stays",
        "-- which months\nselect distinct month from nights_by_month;",
        "pivot nights_by_month on ta_type in ('bb', 'psl') using sum(nights) group by month",
        "select * from range(3), unnest([1, 2])",
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 5) select sum(i) from n",
        "select case_key, row_number() over (order by entry_date) from placements qualify true",
    ],
)
def test_what_finance_writes_runs(tables: dict[str, pa.Table], statement: str) -> None:
    assert answered(tables, statement).rows


def test_a_process_of_its_own_answers_as_this_one_does(tables: dict[str, pa.Table]) -> None:
    statement = (
        "select stays.*, 2.50::decimal(9, 2) as pounds, 'infinity'::double as endless, [1, 2] as list, true as yes,"
        " 123456789012345678901234567890::hugeint as many, interval 3 day as days, null as nothing from stays"
    )
    assert run_query(tables, statement) == answered(tables, statement)
    described = "select comment from duckdb_columns() where table_name = 'stays'"
    with opened(tables) as con:
        assert child.carry_out(con, described, 1).rows[0][0]


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_DATA"), reason="the system has no such limit")
@pytest.mark.parametrize(
    "statement",
    [
        "select list_transform(range(100000000), x -> x::varchar)",
        "select string_agg(repeat('x', 1000000), '') from range(2000)",
        "select repeat('x', 100000000) from range(10)",
    ],
)
def test_a_query_that_would_fill_the_memory_is_stopped_with_a_sentence(
    tables: dict[str, pa.Table], statement: str
) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with pytest.raises(UsageError, match="needs more memory than it is given"):
        run_query({"stays": tables["stays"]}, statement, memory=400 << 20)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak <= max(before, 512 << 10), f"{peak:,} KiB"


def test_an_answer_that_is_too_long_is_refused(tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = json.dumps({"statement": "select repeat('x', 100)", "limit": 1, "memory": -1, "relations": []}) + "\n"
    said = io.BytesIO()
    monkeypatch.setattr(child, "LONGEST_ANSWER", 80)
    monkeypatch.setattr(child, "keep_to", lambda _: None)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(asked.encode())))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(said))
    child.main()
    assert json.loads(said.getvalue()) == {"refused": child.TOO_LONG}


def test_the_process_of_a_query_knows_nothing_of_the_environment(
    tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCLIC_PSEUDONYM_KEY", KEY)
    given: dict[str, str] = {}
    run = subprocess.run

    def watched(*arguments: Any, **named: Any) -> subprocess.CompletedProcess[bytes]:
        given.update(named["env"])
        return run(*arguments, **named)

    monkeypatch.setattr(subprocess, "run", watched)
    assert run_query({"stays": tables["stays"]}, "select 1").rows == [(1,)]
    assert "HCLIC_PSEUDONYM_KEY" not in given and KEY not in given.values()


def test_rows_beyond_the_limit_are_cut_and_that_is_told(tables: dict[str, pa.Table]) -> None:
    cut = run_query({}, "from range(11)", limit=10)
    assert len(cut.rows) == 10 and cut.is_cut
    assert not answered({}, "from range(10000)").is_cut
    with pytest.raises(UsageError, match="--limit"):
        run_query(tables, "select 1", limit=0)


def test_a_query_without_end_is_stopped(tables: dict[str, pa.Table]) -> None:
    with pytest.raises(UsageError, match="stopped after"):
        run_query(
            {"stays": tables["stays"]},
            "select sum(a.range * b.range) from range(1000000) a, range(1000000) b",
            seconds=0.3,
        )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("selec 1", "syntax error"),
        ("@stock_month", "hclic metrics NAME"),
        ("select foo from stays", "foo"),
        ("select * from nowhere", "show tables"),
        ("select ta_type::integer from placements", "conversion"),
    ],
)
def test_a_fault_is_one_sentence_without_values(tables: dict[str, pa.Table], statement: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        answered(tables, statement)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    # The conversion that fails quotes a type of the rows in DuckDB's own message.
    assert not any(f"'{word}'" in str(caught.value) for word in ("bb", "nightly", "psl", "hostel"))


def test_the_same_query_gives_rows_in_the_same_order(tables: dict[str, pa.Table]) -> None:
    statement = "select cost_centre, ta_type, count(*) from placements group by all"
    assert answered(tables, statement) == answered(tables, statement)


def test_shown_rows_hold_nothing_that_a_terminal_obeys() -> None:
    answer = Answer(["a"], [("\x1b[2Jx\u202e",), (None,), (True,)], False)
    for form in ("table", "csv"):
        assert "\x1b" not in shown(answer, form)
        assert "\u202e" not in shown(answer, form)
    assert shown(answer, "table").endswith("true\n3 rows")


def test_rows_are_written_as_csv_and_workbook(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    statement = "select '=1+1' as f, 1.5 as n, 2::hugeint as n, date '2025-01-31' as d, true as b, [1] as l, null as e"
    answer, beside = answered(tables, statement), about({"about": tables["about"]}, statement)
    write_rows(answer, tmp_path / "a" / "rows.csv", beside)
    rows = list(csv.reader(io.StringIO((tmp_path / "a" / "rows.csv").read_text(encoding="utf-8"))))
    assert rows[1] == ["=1+1", "1.5", "2", "2025-01-31", "true", "[1]", ""]
    write_rows(answer, tmp_path / "rows.xlsx", beside)
    book = CalamineWorkbook.from_path(str(tmp_path / "rows.xlsx"))
    try:
        heads, line = book.get_sheet_by_name("query").to_python()
    finally:
        book.close()
    assert heads == ["f", "n", "n_2", "d", "b", "l", "e"]
    assert line[:3] == ["=1+1", 1.5, 2.0]
    assert str(line[3]) == "2025-01-31"
    assert line[4:] == [True, "[1]", ""]
    with pytest.raises(UsageError, match=r"\.csv or \.xlsx"):
        write_rows(answer, tmp_path / "rows.txt", beside)


def test_an_answer_about_costs_says_what_they_rest_on_and_has_its_pounds(
    tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    statement = "select month, sum(gross_known) as gross_known from costs_by_month group by month order by month"
    beside = about({name: tables[name] for name in ("about", COSTS)}, statement)
    assert dict(beside.rows)["basis of the costs"] in tables[COSTS]["basis"].to_pylist()
    write_rows(answered(tables, statement), tmp_path / "rows.xlsx", beside)
    book = openpyxl.load_workbook(tmp_path / "rows.xlsx")
    words, names, first = list(book["query"].iter_rows(max_row=3))
    assert [cell.value for cell in names] == ["month", "gross_known"]
    assert [cell.value for cell in words] == ["Month", "Gross, nights with a rate"]
    assert "£" in first[1].number_format
    assert book.sheetnames == ["query", "about"]


def call(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=True)
    if isinstance(result.exception, HclicError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_answers_on_screen(warehouse_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HCLIC_PSEUDONYM_KEY", raising=False)
    text = call("query", "select count(*) as cases from households", "--warehouse", str(warehouse_file))
    assert "cases" in text
    assert f"From run run-{LA}" in text
    assert "HCLIC_PSEUDONYM_KEY was not set" in text
    text = call("query", "from stays", "--warehouse", str(warehouse_file), "--limit", "2", "--format", "csv")
    assert "Cut after 2 rows" in text
    assert MARK not in text


def test_the_command_writes_files(warehouse_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLIC_PSEUDONYM_KEY", KEY)
    out = tmp_path / "stays.csv"
    text = call("query", "from stays order by all", "--warehouse", str(warehouse_file), "--out", str(out))
    assert "not set" not in text
    assert out.read_text(encoding="utf-8").startswith("case_key,stay_no,")
    said = dict(csv.reader(io.StringIO((tmp_path / "stays.about.csv").read_text(encoding="utf-8"))))
    assert said["question"] == "from stays order by all" and said["as_at"] == "2025-09-30"
    assert said["stays.exit_date"].startswith("Exit date: day the household left")
    place = ["--warehouse", str(warehouse_file), "--authority", LA, "--quarter", "2025-Q3"]
    text = call("mart", *place, "--out", str(tmp_path / "mart"))
    assert "Pseudonyms are keyed" in text
    written = list((tmp_path / "mart").iterdir())
    assert len(written) == len(RELATIONS) + 2
    assert all(KEY.encode() not in path.read_bytes() for path in written)


def test_the_command_is_called_wrongly_or_cannot_read(warehouse_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        call("query", "drop table stays", "--warehouse", str(warehouse_file))
    with pytest.raises(UsageError, match=r"\.xlsx"):
        call("query", "select 1", "--warehouse", str(warehouse_file), "--out", "x.pdf")
    with pytest.raises(InputError):
        call("query", "select 1", "--warehouse", str(tmp_path / "none.duckdb"))
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"no database")
    with pytest.raises(InputError):
        call("query", "select 1", "--warehouse", str(broken))


def test_a_query_loads_nothing_slow() -> None:
    code = (
        "import sys, pipelines.finance.mart.query, pipelines.finance.mart.run, pipelines.finance.mart.files;"
        "print([m for m in ('prefect', 'altair', 'lightgbm', 'lifelines') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
