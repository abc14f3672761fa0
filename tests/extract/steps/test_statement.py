"""What a statement may ask for, what it reads, and how a refusal of DuckDB is told."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.extract.steps.statement import StatementError, check, sentence


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select 1", ()),
        ("from cases", ("cases",)),
        ('select * from cases c join "Full People" p using (a), cases', ("cases", "Full People")),
        ("select * from Cases union all select * from cases", ("Cases",)),
        ("with q as (from cases) select * from q join people using (a)", ("cases", "people")),
        ("with cases as (select * from cases) select * from cases", ("cases",)),
        ("with a as (from b), b as (from c) select * from a, b", ("b", "c")),
        ("select * from x where a in (select b from y) and (select max(c) from z) > 1", ("z", "y", "x")),
        ("select * from x where exists (with x as (from y) select * from x)", ("y", "x")),
        ("select * from (unpivot answers on a, b into name n value v)", ("answers",)),
        ("select * from cases, unnest([1]) u, range(3) r", ("cases",)),
    ],
)
def test_the_tables_that_a_statement_reads(sql: str, tables: tuple[str, ...]) -> None:
    assert sorted(check(sql).tables) == sorted(tables)


def test_the_columns_that_a_statement_mentions() -> None:
    found = check(
        "select c.\"Case Ref\", upper(p.name) from cases c join people p using (key) where town = 'x'"
        " group by all having max(age) > 1 order by day"
    )
    assert found.columns == {"Case Ref", "name", "key", "town", "age", "day"}
    assert not found.has_star
    assert check("select * from (unpivot t on a, b into name n value v)").columns >= {"a", "b"}


@pytest.mark.parametrize("sql", ["from t", "select t.* from t", "select columns('x') from t", "select 1 from (from t)"])
def test_all_columns_of_a_table(sql: str) -> None:
    assert check(sql).has_star


def test_counting_rows_takes_no_column() -> None:
    assert not check("select count(*) from t").has_star


@pytest.mark.parametrize(
    "sql",
    [
        "select 1;",
        "select 1; -- done",
        "-- one\nselect 1 /* two; */",
        "select as_at() - interval 3 month, age(as_at(), date '2000-01-01')",
        'select cases.user, "current" from cases',
        "select list_transform([1], lambda x: x + 1), [y for y in [1, 2]], {'a': 1}.a, map {'a': 1}, l[1] from t",
        "select try_cast(a as date), try_strptime(b, '%d/%m/%Y')::date, coalesce(a, b), nullif(a, ''), a || b from t",
        "select a like 'x%' and b ilike 'y' or c similar to 'z' or d between 1 and 2 or e in (1, 2), f is null from t",
        "select string_agg(a, ';' order by b), arg_max(a, b), first(a), weighted_avg(1, 2), geomean(a::double) from t",
        "select lag(a) over w, rank() over (order by b), extract(year from c), substring(a from 1 for 2) from t"
        " window w as (partition by d order by e)",
        "select json_object('a', a), json_group_object(a, b), regexp_extract(a, 'x', 1), split_part(a, '/', 1) from t",
        "select case a when 1 then 2 end, trim(both 'x' from a), a at time zone 'UTC', a is distinct from b from t",
        "select row(1, 2), position('a' in 'b'), 7 // 2, 7 % 2, -1, 2 ** 3, greatest(1, 2), grouping(a) from t"
        " group by rollup (a)",
    ],
)
def test_what_a_statement_may_use(sql: str) -> None:
    check(sql)


FORBIDDEN = [
    "read_csv('x')",
    "read_text('/etc/passwd')",
    "glob('*')",
    "query('select 1')",
    "query_table('x')",
    "duckdb_settings()",
    "pragma_table_info('x')",
    "sql_auto_complete('x')",
    "parquet_scan('x')",
    "json_execute_serialized_sql('x')",
]
CLOCKS = [
    "now()",
    "today()",
    "current_date",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "current_localtimestamp()",
    "get_current_time()",
    "transaction_timestamp()",
    "age(a)",
    "random()",
    "uuid()",
    "gen_random_uuid()",
    "uuidv7()",
    "setseed(0.1)",
    "getenv('HOME')",
    "current_setting('x')",
    "getvariable('x')",
    "version()",
    "current_user",
    "session_user",
    "user",
    "current_schema()",
    "current_database()",
    "current_query()",
    "nextval('x')",
    "currval('x')",
    "txid_current()",
    "pg_postmaster_start_time()",
    "write_log('x')",
    "error(a)",
    "sleep_ms(1)",
    "pg_sleep(1)",
    "stats(a)",
    "reservoir_quantile(a,0.5)",
    "json_serialize_plan('x')",
    "pg_get_viewdef(1)",
    "in_search_path('a','b')",
    "Main.NOW()",
    "system.main.random()",
    '"now"()',
]


@pytest.mark.parametrize("function", FORBIDDEN)
def test_no_function_that_reaches_beyond_the_files(function: str) -> None:
    with pytest.raises(StatementError, match="cannot be used here"):
        check(f"select * from {function}")
    with pytest.raises(StatementError):
        check(f"select (select max(x) from {function} as t(x)) from cases")


@pytest.mark.parametrize("function", [*CLOCKS, "ago(interval 1 day)"])
def test_no_function_of_the_clock_of_chance_or_of_a_setting(function: str) -> None:
    for sql in (f"select a,\n {function} as x from t", f"select a from t\nwhere b in (select {function} from u)"):
        with pytest.raises(StatementError, match=r"cannot be used here|there is no function") as refused:
            check(sql)
        assert refused.value.line == 2


def test_a_function_that_the_catalogue_does_not_call_consistent_is_refused() -> None:
    con = duckdb.connect()
    names = con.execute(
        "select distinct function_name from duckdb_functions() where stability <> 'CONSISTENT'"
    ).fetchall()
    con.close()
    assert len(names) > 20
    for (name,) in names:
        with pytest.raises(StatementError):
            check(f"select {name}(a, b) from t")


@pytest.mark.parametrize(
    ("sql", "says", "line"),
    [
        ("", "empty", None),
        ("-- nothing", "empty", None),
        ("select 1; select 2", "more than one", None),
        ("insert into t values (1)", "no select", None),
        ("copy t to 'x'", "no select", None),
        ("attach 'x'", "no select", None),
        ("set threads = 1", "no select", None),
        ("pragma version", "no select", None),
        ("explain select 1", "no select", None),
        ("select 'ü',\n\nselec from from", "not written as SQL", 3),
        ("\n\nselect 1\nfrom where", "not written as SQL", 2),
        ("select a from t where b = $1", "parameter", None),
        ("select * from information_schema.tables", "no file or sheet", 1),
        ("select *\nfrom other.main.cases", "no file or sheet", 2),
        ("describe cases", "describe", None),
        ("select nosuch(a) from t", "there is no function nosuch", 1),
        ("select * from cases pivot (max(a) for b in ('x'))", "filter (where", None),
    ],
)
def test_a_statement_that_is_refused(sql: str, says: str, line: int | None) -> None:
    with pytest.raises(StatementError) as refused:
        check(sql)
    assert says in str(refused.value)
    assert refused.value.line == line


SECRET = "Xyz Secret"


def said(sql: str) -> tuple[str, int | None]:
    con = duckdb.connect(config={"threads": 1})
    con.execute(
        f"create table people as select '{SECRET}' as \"Full name\", 'k' as \"Key\", '99x' as \"Age\" from range(2)"
    )
    con.execute("create table cases as select 'k' as \"Key\"")
    with pytest.raises(duckdb.Error) as refused:
        con.execute(sql)
    con.close()
    return sentence(refused.value, sql)


@pytest.mark.parametrize(
    ("sql", "says", "line"),
    [
        ('select "Ful name"\nfrom people', "there is no column Ful name. Did you mean Full name?", 1),
        ('select 1\nfrom people p\nwhere p."Ages" > 1', "there is no column Ages. Did you mean Age?", 3),
        ('select "Quite another" from people', "there is no column Quite another", 1),
        ('select x."Key"\nfrom people', "no table in its from is called x", 1),
        ("select *\nfrom peopel", "the export has no file or sheet peopel. Did you mean people?", 2),
        ("select uper(1)", "there is no function uper. Did you mean upper?", 1),
        ('select "Key" from people, cases', "the column Key stands in several of its tables", 1),
        ('select "Key", count(*) from people', "the column Key is neither in group by", 1),
        ("select * exclude (zz) from people", "there is no column zz, which it names in exclude", None),
        ('select sum("Age")\nfrom people', "make numbers with try_cast", 1),
        ("select * from people union all select 1", "different numbers of columns", None),
        (
            'select "Key",\n"Full name"::integer from people',
            "a cell of the column Full name cannot be made into a number",
            2,
        ),
        (
            "select *\nfrom people\nwhere cast(\"Full name\" as date) > '2020-01-01'",
            "Full name cannot be made into a date",
            3,
        ),
        ("select strptime(\"Full name\", '%d') from people", "try_strptime", None),
        ('select (select "Key" from people)', "more than one row", None),
        ("select json_extract(\"Full name\", '$.x') from people", "a cell does not fit", None),
        ('select ("Full name" || "Age")::timestamp from people', "cannot be made into a point in time", 1),
        ("select 100::tinyint * 100::tinyint", "larger than its type", None),
    ],
)
def test_a_refusal_is_a_sentence_with_its_line(sql: str, says: str, line: int | None) -> None:
    message, found = said(sql)
    assert says in message
    assert found == line


KINDS = ["integer", "date", "timestamp", "time", "boolean", "decimal(4,2)", "uuid", "blob[]", "interval", "json"]


@pytest.mark.parametrize(
    "column",
    [
        *(f'"Full name"::{kind}' for kind in KINDS),
        "strptime(\"Full name\", '%d')",
        "strptime('1', \"Full name\")",
        "regexp_matches('a', \"Full name\" || '(')",
        "timezone(\"Full name\", timestamp '2025-01-01')",
        "date_trunc(\"Full name\", date '2025-01-01')",
        "json_extract(\"Full name\", '$.x')",
        'error("Full name")',
        "\"Full name\"::enum ('a')",
        'from_hex("Full name")',
        "printf(\"Full name\" || '%z', 1)",
        'chr(length("Full name") - 999)',
    ],
)
def test_no_value_of_a_cell_stands_in_a_refusal(column: str) -> None:
    message, _ = said(f"select {column} from people")
    assert SECRET not in message
    assert "Secret" not in message
