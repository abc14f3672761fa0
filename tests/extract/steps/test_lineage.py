"""The places of the rows that made a row, through every form of select."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.extract.steps.statement import StatementError, traced
from pipelines.extract.steps.step import quoted

Place = tuple[int, int]
CASES, PEOPLE = 0, 1
PLACES = "struct(t integer, r bigint)[]"


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two files with their rows: cases (file 0: rows 2 to 5) and people (file 1: rows 2 to 5)."""
    con = duckdb.connect(config={"threads": 1})
    for number, (name, columns, rows) in enumerate(
        [
            ("cases", '"Case", Kind', "('A','x'), ('B','y'), ('C','x'), ('D','x')"),
            ("people", '"Case", "Full name"', "('A','Ann'), ('A','Abe'), ('B','Bo'), ('Z','Zoe')"),
        ]
    ):
        con.execute(
            f"create table {name} as select *, '{name}.csv' as _file, row_number() over () + 1 as _row,"
            f" [{{'t': {number}, 'r': _row}}]::{PLACES} as _at from (values {rows}) as v({columns})"
        )
    yield con
    con.close()


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[tuple[object, ...], list[Place]]]:
    """Each row of the traced statement without its places, and these; sorted."""
    found = con.execute(traced(sql))
    names = [one[0] for one in found.description]
    kinds = [str(one[1]) for one in found.description]
    assert names.count("_at") == 1, names
    at = names.index("_at")
    assert kinds[at].replace('"', "") == PLACES.upper().replace("T INTEGER, R BIGINT", "t INTEGER, r BIGINT")
    made = []
    for row in found.fetchall():
        places = [(one["t"], one["r"]) for one in row[at]]
        assert places == sorted(set(places))
        made.append(((*row[:at], *row[at + 1 :]), places))
    return sorted(made, key=repr)


def places(con: duckdb.DuckDBPyConnection, sql: str) -> dict[object, list[Place]]:
    """Places by the first column."""
    return {row[0]: at for row, at in rows(con, sql)}


def case(*numbers: int) -> list[Place]:
    return [(CASES, one) for one in numbers]


def person(*numbers: int) -> list[Place]:
    return [(PEOPLE, one) for one in numbers]


ONE_EACH = {"A": case(2), "B": case(3), "C": case(4), "D": case(5)}
BY_KIND = {"x": case(2, 4, 5), "y": case(3)}
UNITED = {"A": case(2) + person(2, 3), "B": case(3) + person(4), "C": case(4), "D": case(5), "Z": person(5)}


@pytest.mark.parametrize(
    "sql",
    [
        'select "Case" from cases',
        "select * from cases",
        "from cases",
        "select cases.* from cases",
        'select c."Case" from cases as c where c.Kind is not null order by Kind limit 10;',
        "select * exclude (Kind) from cases",
        'select * replace (upper("Case") as "Case") from cases',
        'select * rename ("Case" as "Reference") from cases',
        "select columns('.*') from cases",
        "select columns(lambda c: c <> 'Kind') from cases",
        "select * like 'C%' from cases",
        'select "Case", row_number() over (partition by Kind order by "Case") as n from cases',
        'select "Case" from cases where "Case" not in (select \'Q\') and exists (from people)',
        'select "Case", (select count(*) from people p where p."Case" = c."Case") as n from cases c',
        "select * from cases semi join (select 'x' as Kind union all select 'y') using (Kind)",
        "with cases as (select * from cases where Kind <> 'z') select * from cases",
        'with q as (select "Case" from cases) select * from cases where "Case" in (from q)',
        'with q(ref) as materialized (select "Case" from cases) select ref from q',
        "select * from (select * from (from cases))",
        'select "Case" from cases group by "Case"',
        'select "Case", unnest([1, 2]) as n from cases',
        "select c.\"Case\", n from cases c, unnest([c.Kind, 'z']) as u(n)",
        'select distinct on ("Case") * from cases order by Kind',
        'select distinct cases."Case", Kind from cases order by cases."Case"',
        'select "Case" from cases union select "Case" from cases where Kind = \'y\'',
        "select \"Case\" from cases where Kind = 'x' union all select \"Case\" from cases where Kind = 'y'",
        'select "Case" from cases except select "Full name" from people',
        "select * from (unpivot cases on Kind into name asked value answer)",
        "select * from cases unpivot (answer for asked in (Kind))",
        'select "Case" from (unpivot cases on columns(* exclude ("Case")) into name asked value answer)',
        'select cases."Case", "Full name" from cases left join people on false',
        'select any_value("Case"), _row from cases group by _file, _row',
        "select * from cases union all by name select 'E' as \"Case\" where false",
        'select "Case" from cases qualify row_number() over (partition by "Case") = 1',
    ],
)
def test_a_row_that_one_row_makes_has_its_place(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert places(con, sql) == ONE_EACH


@pytest.mark.parametrize(
    "sql",
    [
        "select Kind, count(*) as n from cases group by Kind having count(*) > 0",
        'select Kind, max("Case") filter (where false) as m from cases group by all',
        "select distinct Kind from cases",
        "select distinct Kind from cases order by cases.Kind desc limit 5",
        "select distinct * from (select Kind from cases)",
        "select Kind from cases union select Kind from cases",
        'select Kind, "Case" is null as y from cases union by name select Kind from cases where false',
        "select Kind from cases intersect select Kind from cases",
        "select Kind from (select Kind, count(*) as n, sum(count(*)) over () as s from cases group by Kind)",
        "with a as (select distinct Kind from cases), b as (from a) select * from b",
        "select distinct Kind, count(*) as n from cases group by Kind",
    ],
)
def test_a_row_that_several_rows_make_has_all_their_places(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert places(con, sql) == BY_KIND


def test_a_join_has_the_places_of_both_sides(con: duckdb.DuckDBPyConnection) -> None:
    sql = 'select "Full name", Kind from cases join people using ("Case")'
    assert places(con, sql) == {
        "Ann": case(2) + person(2),
        "Abe": case(2) + person(3),
        "Bo": case(3) + person(4),
    }


@pytest.mark.parametrize("grouped", [False, True])
def test_an_outer_join_has_the_places_that_there_are(con: duckdb.DuckDBPyConnection, grouped: bool) -> None:
    sql = 'select "Case", count(*) as n from cases full join people using ("Case") group by "Case"'
    if not grouped:
        sql = 'select distinct "Case" from cases full join people using ("Case")'
    assert places(con, sql) == UNITED


def test_each_kind_of_outer_join(con: duckdb.DuckDBPyConnection) -> None:
    left = 'select p."Full name", c."Case" from people p left join cases c on p."Case" = c."Case"'
    assert places(con, left)["Zoe"] == person(5)
    right = 'select p."Full name", c."Case" from cases c right join people p on p."Case" = c."Case"'
    assert places(con, right) == places(con, left)
    three = f'select x.*, y.Kind from ({left}) x left join cases y on y."Case" = x."Case" left join people z on false'
    assert places(con, three) == places(con, left)


def test_rows_that_no_side_of_a_join_makes_alone_keep_their_types(con: duckdb.DuckDBPyConnection) -> None:
    assert rows(con, 'select count("Case") from cases where false') == [((0,), [])]
    assert rows(con, "select 1 as a") == [((1,), [])]
    assert rows(con, "values (1, 'x')") == [((1, "x"), [])]
    assert rows(con, 'select v.a, c."Case" from (values (1)) v(a) left join cases c on false') == [((1, None), [])]


def test_a_union_without_all_has_the_places_of_equal_rows_of_both_sides(con: duckdb.DuckDBPyConnection) -> None:
    sql = 'select "Case" from cases union select "Case" from people order by 1 limit 9'
    assert places(con, sql) == UNITED


def test_an_intersection_has_the_places_of_both_sides_and_a_difference_of_the_first(
    con: duckdb.DuckDBPyConnection,
) -> None:
    both = {name: UNITED[name] for name in ("A", "B")}
    assert places(con, 'select "Case" from cases intersect select "Case" from people') == both
    assert places(con, 'select "Case" from cases except select "Case" from people') == {"C": case(4), "D": case(5)}
    assert places(con, 'select "Case" from people except select "Case" from cases') == {"Z": person(5)}


def test_a_limit_takes_the_same_rows_as_without_places(con: duckdb.DuckDBPyConnection) -> None:
    sql = "select distinct Kind from cases order by Kind desc limit 1"
    assert places(con, sql) == {"y": case(3)}
    sql = '(select "Case" from cases order by 1 limit 1) union all (select "Case" from people order by 1 desc limit 1)'
    assert places(con, sql) == {"A": case(2), "Z": person(5)}


def test_places_written_by_the_author_stay(con: duckdb.DuckDBPyConnection) -> None:
    sql = 'select p."Full name", p._at from cases c join people p using ("Case")'
    assert places(con, sql) == {"Ann": person(2), "Abe": person(3), "Bo": person(4)}
    sql = "select Kind, list_sort(flatten(list(_at))) as _at from cases group by Kind"
    assert places(con, sql) == BY_KIND
    assert places(con, "select *, _at from cases") == ONE_EACH


def test_star_is_the_columns_of_the_file(con: duckdb.DuckDBPyConnection) -> None:
    def names(sql: str) -> list[str]:
        return [one[0] for one in con.execute(traced(sql)).description]

    assert names("select * from cases") == ["Case", "Kind", "_at"]
    assert names("select *, _row from cases") == ["Case", "Kind", "_row", "_at"]
    assert names("select c.*, c._file from cases c") == ["Case", "Kind", "_file", "_at"]
    assert names('select * from cases join people using ("Case")') == ["Case", "Kind", "Full name", "_at"]
    assert names("select distinct _file, * from cases") == ["_file", "Case", "Kind", "_at"]
    assert names("select max(columns(*)) from cases") == ["Case", "Kind", "_at"]
    assert names("select * from (unpivot people on * into name a value b)") == ["a", "b", "_at"]


def test_names_of_every_kind() -> None:
    con = duckdb.connect(config={"threads": 1})
    file, heading = quoted("Fälle, 'neu' \"1\""), quoted('Größe "x"')
    con.execute(f"create table {file} as select 'a' as {heading}, [{{'t': 0, 'r': 2}}]::{PLACES} as _at")
    assert rows(con, f'select {heading} as "select" from {file}') == [(("a",), [(0, 2)])]
    assert rows(con, f'select * from {file}, (select 1 as "_rows 1"), (select 2)') == [(("a", 1, 2), [(0, 2)])]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("pivot cases on Kind using count(*)", "filter (where"),
        ("select * from cases pivot (max(\"Case\") for Kind in ('x'))", "filter (where"),
        ("select * from cases natural join people", "using"),
        ('select "Case" from cases except all select "Case" from people', "without all"),
        ("with recursive q as (select 1 as n union all select n + 1 from q) select * from q", "with recursive"),
        ("select * from cases tablesample 10%", "sample"),
        ("select * from cases using sample 3", "sample"),
    ],
)
def test_what_cannot_be_followed_says_what_to_write(sql: str, says: str) -> None:
    with pytest.raises(StatementError) as refused:
        traced(sql)
    assert says in str(refused.value)


def test_the_filter_that_takes_the_place_of_a_pivot_is_followed(con: duckdb.DuckDBPyConnection) -> None:
    sql = """select "Case", max("Full name") filter (where "Full name" like 'A%') from people group by all"""
    assert places(con, sql) == {"A": person(2, 3), "B": person(4), "Z": person(5)}


def test_the_place_of_a_cell_of_some_rows_of_a_group_is_those_rows(con: duckdb.DuckDBPyConnection) -> None:
    sql = """select "Case", trim(max("Full name") filter (where "Full name" like 'An%')) as a, count(*) as n from people
        group by "Case\""""
    cells = con.execute(f'select "Case", "_at:a", _at from ({traced(sql)}) order by 1').fetchall()
    told = [(name, [(one["t"], one["r"]) for one in at], len(every)) for name, at, every in cells]
    assert told == [("A", person(2), 2), ("B", [], 1), ("Z", [], 1)]


def test_the_place_of_a_cell_of_a_file_joined_with_itself_is_that_of_its_own_row(
    con: duckdb.DuckDBPyConnection,
) -> None:
    sql = """select a."Full name", b."Full name" as "Partner" from people a left join people b
        on a."Case" = b."Case" and b."Full name" > a."Full name" """
    cells = con.execute(
        f'select "Full name", "_at:Full name", "_at:Partner" from ({traced(sql)}) order by 1'
    ).fetchall()
    assert [(name, *([(one["t"], one["r"]) for one in at] for at in places)) for name, *places in cells] == [
        ("Abe", person(3), person(2)),
        ("Ann", person(2), []),
        ("Bo", person(4), []),
        ("Zoe", person(5), []),
    ]


def test_sides_of_a_union_have_no_columns_beside_their_own(con: duckdb.DuckDBPyConnection) -> None:
    sql = """select "Case", max("Full name") filter (where true) as a from people group by all
        union all select "Case", Kind from cases"""
    assert [one[0] for one in con.execute(traced(sql)).description] == ["Case", "a", "_at"]
