"""What a run's database holds: the editions, what they share, the window of the metrics, and forced cases."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform import build, create_window, edition, load_sections, prepare, read_relation, use
from pipelines.transform.relations import create, create_each
from pipelines.transform.selection import FORCED_SCHEMA, NAMED_SCHEMA, force, read_forced, unmet_forced
from pipelines.transform.window import financial_year_start
from schemas.codelists import codelist_names
from schemas.sections import SECTIONS
from tests.transform.warehouse import LA, QUARTER, RUN, built, in_memory, ref, rows_of

SECTION_NAMES = {section.name for section in SECTIONS}
FACTS = set(
    [
        "ages",
        "members",
        "needs",
        "decisions",
        "duties",
        "placements",
        "bb_spans",
        "bb_nights",
        "bb_limits",
        "review_dates",
        "cases",
    ]
)
FACTS |= {"placement_duties"}
MARTS = {"stays", "households", "events"}
ONE = {f"one_{name}" for name in ("main", "prevention", "relief", "final_duties")}
IN_QUARTER, EARLIER = date(2025, 11, 3), date(2025, 2, 3)


def prepared(**given: object) -> duckdb.DuckDBPyConnection:
    con = in_memory()
    options = {"run_id": RUN, "la_code": LA, "quarter": QUARTER, "as_at": date(2026, 1, 15)} | given
    prepare(con, **options)  # type: ignore[arg-type]
    return con


# ---- what the editions share ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared() -> duckdb.DuckDBPyConnection:
    return prepared()


@pytest.mark.parametrize("name", codelist_names())
def test_a_code_list_is_the_relation_of_its_file(name: str, shared: duckdb.DuckDBPyConnection) -> None:
    lines = files("schemas.codelists").joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines()
    listed = list(csv.DictReader(lines))
    others = ("source", "confidence", "official_code")
    columns = [column for column in listed[0] if column not in others]
    quoted = ", ".join(f'"{column}"::varchar' for column in columns)
    assert rows_of(shared, f"select {quoted} from codelist_{name}") == [
        tuple(row[column] or None for column in columns) for row in listed
    ]
    found = [column for column, *_ in rows_of(shared, f"describe codelist_{name}")]
    assert found == [*columns[:4], *sorted(columns[4:])]


def test_only_relations_and_macros_without_a_quarter_s_cases_are_shared(shared: duckdb.DuckDBPyConnection) -> None:
    tables = {name for (name,) in rows_of(shared, "select table_name from duckdb_tables() where not temporary")}
    assert tables == {"reporting_period", "setting", *(f"codelist_{name}" for name in codelist_names())}
    assert rows_of(shared, "select count(*) from duckdb_tables() where temporary") == [(0,)]
    assert rows_of(shared, "select is_open_on(date '2025-01-01', null, date '2025-01-02')") == [(True,)]


@pytest.mark.parametrize(("masked", "day"), [(True, QUARTER.last_day), (False, date(2026, 1, 15))])
def test_what_happened_later_is_masked_after_the_quarter_or_after_the_export_by_the_setting(
    masked: bool, day: date
) -> None:
    con = prepared(settings=Settings(mask_after_quarter_end=masked))
    (period,) = rows_of(con, "select * from reporting_period")
    assert period == (RUN, LA, "2025-Q4", date(2025, 10, 1), date(2025, 12, 31), date(2026, 1, 15), day)
    assert rows_of(con, "select mask_after_quarter_end from setting") == [(masked,)]


def test_settings_are_one_row_with_lists_as_lists(shared: duckdb.DuckDBPyConnection) -> None:
    ((order, gap),) = rows_of(shared, "select ta_type_order, stay_gap_nights from setting")
    assert (order, gap) == (list(Settings().ta_type_order), Settings().stay_gap_nights)


# ---- the editions ---------------------------------------------------------------------------------------------------


def test_a_frame_s_other_columns_go_and_what_it_lacks_is_null() -> None:
    con = in_memory()
    load_sections(con, {"main": pl.DataFrame({"case_ref": [ref(1)], "local_ref": ["x"], "team": ["North"]})})
    columns = [column for column, *_ in rows_of(con, "describe recorded.main")]
    assert columns == list(next(section.names for section in SECTIONS if section.name == "main"))
    assert rows_of(con, "select case_ref, team, assess1 from recorded.main") == [(ref(1), "North", None)]
    counted = {section: rows_of(con, f"select count(*) from recorded.{section}")[0][0] for section in SECTION_NAMES}
    assert counted == dict.fromkeys(SECTION_NAMES, 0) | {"main": 1}


@pytest.fixture(scope="module")
def stored() -> duckdb.DuckDBPyConnection:
    """One case of the quarter, one of long ago, and one with two rows in a section that has one."""
    main = [
        {"la_code": LA, "case_ref": 1, "application_date": IN_QUARTER, "assess_date": IN_QUARTER, "assess1": "relief"},
        {"la_code": LA, "case_ref": 2, "application_date": EARLIER, "assess_date": EARLIER, "assess1": "relief"},
        {"la_code": LA, "case_ref": 3, "application_date": EARLIER, "assess_date": EARLIER, "assess1": "relief"},
    ]
    relief = [
        {"case_ref": 3, "relief_start": IN_QUARTER},
        {"case_ref": 3, "relief_start": EARLIER},
        {"case_ref": 1, "relief_start": IN_QUARTER},
    ]
    return built(main=main, relief=relief)


@pytest.mark.parametrize("name", ["recorded", "quarter_end", "sent"])
def test_each_edition_holds_sections_and_facts_and_all_but_the_recorded_one_marts(
    name: str, stored: duckdb.DuckDBPyConnection
) -> None:
    where = f"database_name = 'run_database' and schema_name = '{name}'"
    tables = {one for (one,) in rows_of(stored, f"select table_name from duckdb_tables() where {where}")}
    assert tables - {"selected_cases"} == SECTION_NAMES | FACTS | (MARTS if name != "recorded" else set())
    assert ("selected_cases" in tables) == (name == "sent")
    views = {one for (one,) in rows_of(stored, f"select view_name from duckdb_views() where {where}")}
    assert views >= ONE and not views & {"one_people", "one_reviews", "one_temporary_accommodation"}


@pytest.mark.parametrize(("name", "cases"), [("recorded", [1, 2, 3]), ("quarter_end", [1, 2, 3]), ("sent", [1])])
def test_only_the_edition_that_is_sent_leaves_cases_out(
    name: str, cases: list[int], stored: duckdb.DuckDBPyConnection
) -> None:
    for relation in ("main", "cases", *(() if name == "recorded" else ("households",))):
        found = rows_of(stored, f"select case_ref from run_database.{name}.{relation} order by 1")
        assert found == [(ref(number),) for number in cases], relation


def test_the_first_row_speaks_for_a_case_that_stands_twice(stored: duckdb.DuckDBPyConnection) -> None:
    found = rows_of(stored, "select case_ref, relief_start from run_database.recorded.one_relief order by 1")
    assert found == [(ref(1), IN_QUARTER), (ref(3), EARLIER)]


def test_a_row_without_a_day_comes_before_one_with_a_day() -> None:
    con = built(main=[{"la_code": LA, "case_ref": 1}, {"la_code": LA, "case_ref": 1, "application_date": EARLIER}])
    assert rows_of(con, "select application_date from run_database.recorded.one_main") == [(None,)]


def search_path(con: duckdb.DuckDBPyConnection) -> str:
    return str(rows_of(con, "select current_setting('search_path')")[0][0])


def test_names_mean_the_edition_in_use_and_then_what_all_share(stored: duckdb.DuckDBPyConnection) -> None:
    use(stored, "sent")
    assert search_path(stored).replace('"', "") == "run_database.sent,run_database.main,memory.main"
    with edition(stored, "recorded"):
        assert rows_of(stored, "select count(*) from main") == [(3,)]
    assert rows_of(stored, "select count(*) from main") == [(1,)]
    use(stored, "quarter_end")


def test_what_was_in_use_is_in_use_again_whatever_its_name() -> None:
    con = in_memory()
    for name in ("it's", "recorded"):
        con.execute(f'create schema "{name}"')
    con.execute("set search_path = '\"it''s\"'")
    before = search_path(con)
    with edition(con, "recorded"):
        assert search_path(con) == "recorded,main"
    assert search_path(con) == before


def test_editions_built_again_replace_the_earlier_ones() -> None:
    main = [{"la_code": LA, "case_ref": 1, "application_date": EARLIER, "assess_date": EARLIER, "assess1": "relief"}]
    con = built(main=main)
    selection = build(con, run_id=RUN, la_code=LA, quarter=Quarter(2025, 1), as_at=QUARTER.last_day)
    assert selection.select("case_ref", "is_selected").rows() == [(ref(1), True)]
    assert rows_of(con, "select quarter from run_database.main.reporting_period") == [("2025-Q1",)]


def test_what_a_run_decided_holds_for_its_own_quarter_only() -> None:
    main = [{"la_code": LA, "case_ref": 1, "application_date": EARLIER}]
    con = built(main=main)
    con.execute('use "memory".main')
    con.execute(f"create table runs as select '{RUN}' as run_id, '2025-Q4' as quarter")
    con.execute(
        "create table case_selection as select * from (values"
        f" ('{RUN}', '{ref(1)}', 'include', 'late'), ('other', '{ref(2)}', 'include', 'x'))"
        " as v (run_id, case_ref, forced, reason)"
    )
    for quarter, expected in ((QUARTER, (True, "include", "late")), (Quarter(2025, 3), (False, None, None))):
        found = build(con, run_id=RUN, la_code=LA, quarter=quarter, as_at=QUARTER.last_day)
        assert found.select("is_selected", "forced", "reason").rows() == [expected]
    given = pl.DataFrame([(ref(1), "exclude", "asked")], schema=FORCED_SCHEMA, orient="row")
    found = build(con, run_id=RUN, la_code=LA, quarter=QUARTER, as_at=QUARTER.last_day, forced=given)
    assert found.select("is_selected", "forced", "reason").rows() == [(False, "exclude", "asked")]


# ---- relations ------------------------------------------------------------------------------------------------------


def test_a_relation_is_a_table_or_a_view_of_a_schema_or_temporary() -> None:
    con = in_memory()
    con.execute("create schema recorded")
    create(con, "metrics", "foi_items", schema="recorded", kind="view", called="items")
    create_each(con, "metrics", ["foi_items"])
    create(con, "metrics", "foi_items", schema="recorded")
    views = rows_of(con, "select schema_name, view_name, temporary from duckdb_views() where not internal order by 1")
    assert views == [("main", "foi_items", True), ("recorded", "items", False)]
    tables = rows_of(con, "select schema_name, table_name, temporary from duckdb_tables()")
    assert tables == [("recorded", "foi_items", False)]


def test_a_stored_relation_is_read_in_the_order_of_its_key() -> None:
    con = in_memory()
    create_each(con, "metrics", ["foi_items"], stored=["foi_items"])
    assert rows_of(con, "select table_name, temporary from duckdb_tables()") == [("foi_items", True)]
    con.execute("create or replace temp table foi_items as select * from foi_items order by item_no desc")
    known = ("foi_items",)
    assert read_relation(con, "foi_items", known, stored=known)["item_no"].is_sorted()
    assert read_relation(con, "foi_items", known)["item_no"].is_sorted(descending=True)
    with pytest.raises(UsageError, match="no metric main"):
        read_relation(con, "main", known)


# ---- forced cases ---------------------------------------------------------------------------------------------------


def forced(tmp_path: Path, *lines: str) -> list[tuple[str, str, str, int]]:
    path = tmp_path / "forced.csv"
    path.write_text("\n".join(("case_ref,action,reason", *lines)) + "\n")
    return read_forced(path).rows()


def test_the_last_row_of_a_forced_case_counts_and_the_cases_are_in_order(tmp_path: Path) -> None:
    found = forced(tmp_path, "b,exclude,first", "c,EXCLUDE,x", "a,Include,y", "b,exclude,then")
    assert found == [("a", "include", "y", 4), ("b", "exclude", "then", 5), ("c", "exclude", "x", 3)]


def test_a_case_that_is_both_included_and_excluded_is_refused_with_its_rows(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"forced\.csv, rows 2 and 4, column action: one case is both"):
        forced(tmp_path, "b,include,first", "c,exclude,x", "b,exclude,then")


def test_two_names_of_one_case_may_not_say_both(tmp_path: Path) -> None:
    path = tmp_path / "forced.csv"
    forced(tmp_path, "b,include,first", "B/1,exclude,then")
    with pytest.raises(InputError, match="rows 2 and 3, column action"):
        force(read_forced(path), {"b": "b", "B/1": "b"}.__getitem__, path)


def test_forced_cases_that_the_export_does_not_hold_are_named_by_their_rows(tmp_path: Path) -> None:
    forced(tmp_path, "b,include,first", "c,exclude,x", "a,include,y")
    path = tmp_path / "forced.csv"
    (finding,) = unmet_forced(read_forced(path), pl.Series(["c"]), path)
    assert finding.message.startswith("The file of forced cases forced.csv, rows 2 and 4, column case_ref:")
    assert (finding.file, finding.row) == ("forced.csv", 2)
    assert unmet_forced(read_forced(path), pl.Series(["a", "b", "c"]), path) == []


def test_without_a_file_no_case_is_forced() -> None:
    assert read_forced(None).schema == NAMED_SCHEMA and read_forced(None).is_empty()


@pytest.mark.parametrize("line", ["a,leave,because", "a,,because", "a,include,", ",include,because"])
def test_a_forced_case_needs_a_reference_an_action_and_a_reason(line: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3"):
        forced(tmp_path, "b,exclude,asked", line)


# ---- the window -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2025, 3, 31), date(2024, 4, 1)),
        (date(2025, 4, 1), date(2025, 4, 1)),
        (date(2025, 4, 30), date(2025, 4, 1)),
        (date(2025, 12, 31), date(2025, 4, 1)),
    ],
)
def test_the_financial_year_starts_on_1_april(day: date, start: date) -> None:
    assert financial_year_start(day) == start


@pytest.mark.parametrize(
    ("first", "last", "window"),
    [
        (None, None, (date(2018, 4, 1), date(2025, 12, 31))),
        (None, date(2025, 3, 31), (date(2017, 4, 1), date(2025, 3, 31))),
        (date(2025, 6, 17), None, (date(2025, 6, 1), date(2025, 12, 31))),
        (date(2025, 12, 1), date(2025, 12, 1), (date(2025, 12, 1), date(2025, 12, 1))),
    ],
)
def test_the_window_is_whole_months_up_to_its_last_day(
    first: date | None, last: date | None, window: tuple[date, date], stored: duckdb.DuckDBPyConnection
) -> None:
    use(stored, "sent")
    assert create_window(stored, first_day=first, last_day=last) == window
    assert rows_of(stored, "select * from metric_window") == [window]
    assert search_path(stored).replace('"', "").startswith("run_database.quarter_end,")


def test_a_window_that_ends_before_it_begins_is_refused(stored: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="after the last day"):
        create_window(stored, first_day=date(2026, 1, 1))
