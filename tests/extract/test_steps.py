"""Statements and inputs of a source profile: what they may read, where their rows come from, how they are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.extract import Extracted
from pipelines.extract.accounting import account
from pipelines.extract.steps.statement import StatementError
from pipelines.extract.steps.workspace import Workspace
from schemas.sources import load
from tests.extract.mapped import run

Read = Callable[..., Extracted]

CASES = """
Case,Applied,Decision,Person
A1,2025-10-03,prevention,P1
A2,2025-10-04,relief,P2
A3,2025-10-05,relief,P9
"""
PEOPLE = """
Person,DOB,Rel
P1,01/02/1980,main_applicant
P2,31/02/1981,main_applicant
P3,01/02/1981,partner
"""
OF_CASES = """
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
assess1 = "Decision"
"""
OF_PEOPLE = """
[[table]]
from = "together"
[table.people]
case_ref = "Case"
date_of_birth = "DOB"
relationship = "Rel"
"""
STATEMENT = '''
[sql]
together = """
select c."Case", p."DOB", p."Rel"
from cases as c
join people as p on c."Person" = p."Person"
"""
'''


def profile(statement: str = STATEMENT, more: str = "") -> str:
    return statement + OF_CASES + OF_PEOPLE + more


def ids(found: Extracted, start: str = "X-") -> list[str]:
    return [one for one in found.findings["rule_id"].to_list() if one.startswith(start) and one != "X-37"]


def test_a_table_reads_what_a_statement_makes_of_two_files(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases=CASES, people=PEOPLE)
    people = found.sections["people"]
    assert people.select("case_ref", "relationship").rows() == [("A1", "main_applicant"), ("A2", "main_applicant")]


def test_a_row_made_of_two_files_is_the_one_of_the_file_that_it_is_about(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases=CASES, people=PEOPLE)
    assert found.sections["people"].select("_file", "_row").rows() == [("people.csv", 2), ("people.csv", 3)]


def test_a_finding_on_a_cell_names_the_row_and_column_of_the_file_that_holds_it(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases=CASES, people=PEOPLE)
    (wrong,) = found.findings.filter(found.findings["rule_id"] == "X-30").iter_rows(named=True)
    assert (wrong["file"], wrong["row"]) == ("people.csv", 3)
    assert wrong["message"].startswith("people.csv, row 3, column 'DOB': the cell is not a date.")


def test_a_column_that_the_statement_makes_up_is_told_with_the_rows_that_made_it(tmp_path: Path, read: Read) -> None:
    made = STATEMENT.replace('p."DOB"', '\'on \' || p."DOB" as "DOB"')
    found = run(
        tmp_path,
        read,
        profile(made.replace('as "DOB"', 'as "Born"')).replace('"DOB"\nrel', '"Born"\nrel'),
        cases=CASES,
        people=PEOPLE,
    )
    messages = found.findings.filter(found.findings["rule_id"] == "X-30")["message"].to_list()
    assert messages[0].startswith(
        "people.csv, row 2, column 'Born' of statement together (made with cases.csv, row 2): the cell is not a date."
    )


def test_every_row_of_every_file_is_accounted_for(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases=CASES, people=PEOPLE)
    rows = {one.name: (one.rows_read, one.rows_loaded, one.rows_set_aside, one.rows_left_out) for one in found.files}
    # P3 is nobody's; the case of P9 is loaded by the table that reads cases by itself.
    assert rows == {"cases.csv": (3, 3, 0, 0), "people.csv": (3, 2, 0, 1)}


def test_the_account_names_each_step_with_what_it_read_gave_and_dropped(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases=CASES, people=PEOPLE)
    lines = account([asdict(one) for one in found.files], [], [asdict(one) for one in found.steps])
    assert lines[-1] == (
        "  statement together: reads 3 of cases, 1 of them in no row it gives and 3 of people, 1 of them in no row it"
        " gives; gives 2"
    )


def test_a_row_set_aside_after_a_statement_is_one_of_the_files(tmp_path: Path, read: Read) -> None:
    cases = CASES.replace("A1,", ",")
    found = run(tmp_path, read, profile(), cases=cases, people=PEOPLE)
    aside = found.set_aside.filter(found.set_aside["file"] == "people.csv")
    assert aside.select("row", "reason").rows() == [(2, "no case reference")]
    rows = {one.name: (one.rows_loaded, one.rows_set_aside, one.rows_left_out) for one in found.files}
    assert rows["people.csv"] == (1, 1, 1)


def test_a_broken_row_is_set_aside_before_a_statement_sees_it(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases=CASES, people=PEOPLE + "P4,01/02/1990\n")
    assert ids(found).count("X-20") == 1
    assert {one.name: one.rows_set_aside for one in found.files} == {"cases.csv": 0, "people.csv": 1}


def test_a_footer_is_no_row_of_a_statement(tmp_path: Path, read: Read) -> None:
    everything = STATEMENT.replace("join people", "left join people")
    found = run(tmp_path, read, profile(everything), cases=CASES + "Total,,,\n", people=PEOPLE)
    assert found.sections["people"]["case_ref"].to_list() == ["A1", "A2", "A3"]
    assert ids(found).count("X-70") == 1


def test_a_statement_reads_an_earlier_one(tmp_path: Path, read: Read) -> None:
    two = STATEMENT.replace("together =", "first =") + 'together = "select * from first where \\"Case\\" <> \'A2\'"\n'
    found = run(tmp_path, read, profile(two), cases=CASES, people=PEOPLE)
    assert found.sections["people"]["case_ref"].to_list() == ["A1"]


def test_an_input_unites_files_of_other_columns_by_heading(tmp_path: Path, read: Read) -> None:
    source = '[input.everybody]\nfile = "people*"\n' + STATEMENT.replace("join people", "join everybody")
    found = run(
        tmp_path,
        read,
        profile(source),
        cases=CASES,
        people_1="Person,DOB,Rel\nP1,1980-02-01,main_applicant",
        people_2="Rel,Person\nmain_applicant,P2",
    )
    assert found.sections["people"].select("case_ref", "_file", "_row").rows() == [
        ("A1", "people_1.csv", 2),
        ("A2", "people_2.csv", 2),
    ]


def test_a_table_reads_an_input_by_itself(tmp_path: Path, read: Read) -> None:
    source = '[input.together]\nfile = "people"\n'
    people = "Case,DOB,Rel\nA1,1980-02-01,main_applicant"
    found = run(tmp_path, read, profile(source), cases=CASES, people=people)
    assert found.sections["people"]["case_ref"].to_list() == ["A1"]


def test_a_missing_input_is_an_error_and_its_section_stays_empty(tmp_path: Path, read: Read) -> None:
    source = '[input.everybody]\nfile = "people"\n' + STATEMENT.replace("join people", "join everybody")
    found = run(tmp_path, read, profile(source), cases=CASES)
    assert ids(found).count("X-01") == 1
    assert found.sections["people"].is_empty()


def test_an_optional_input_that_is_missing_has_no_rows(tmp_path: Path, read: Read) -> None:
    source = '[input.people]\nfile = "people"\noptional = true\n' + STATEMENT.replace("join people", "left join people")
    found = run(tmp_path, read, profile(source), cases=CASES)
    assert ids(found).count("X-42") == 1
    assert found.sections["people"]["case_ref"].to_list() == ["A1", "A2", "A3"]


def test_a_statement_that_gives_nothing_is_an_error(tmp_path: Path, read: Read) -> None:
    none = STATEMENT.replace('= p."Person"', '= p."DOB"')
    found = run(tmp_path, read, profile(none), cases=CASES, people=PEOPLE)
    (empty,) = found.findings.filter(found.findings["rule_id"] == "X-80").iter_rows(named=True)
    assert empty["severity"] == "error"
    assert empty["message"].startswith("statement together: ")


def test_nothing_from_files_without_rows_says_nothing(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(), cases="Case,Applied,Decision,Person", people="Person,DOB,Rel")
    assert "X-80" not in ids(found)


def test_a_statement_that_no_table_reads_is_told(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, profile(STATEMENT + 'more = "select 1 as a"\n'), cases=CASES, people=PEOPLE)
    (unread,) = found.findings.filter(found.findings["rule_id"] == "X-98").iter_rows(named=True)
    assert unread["message"].startswith("statement more: ")


@pytest.mark.parametrize(
    ("statement", "line", "said"),
    [
        ('select p."Born"\nfrom people p', 1, "Born"),
        ("select *\nfrom persons", 2, "persons"),
        ("select *\nfrom people\nwhere where", 3, ""),
        ("select * from read_csv('/etc/passwd')", None, "read_csv"),
        ("delete from people", None, ""),
    ],
)
def test_a_statement_that_fails_is_named_with_its_line(
    tmp_path: Path, read: Read, statement: str, line: int | None, said: str
) -> None:
    source = f'[sql]\ntogether = """\n{statement}\n"""\n'
    with pytest.raises(UsageError) as refused:
        run(tmp_path, read, profile(source), cases=CASES, people=PEOPLE)
    message = str(refused.value)
    assert message.startswith(f"The source profile's statement together{f', line {line}' if line else ''}")
    assert said in message


def test_no_value_of_a_cell_stands_in_the_refusal_of_a_statement(tmp_path: Path, read: Read) -> None:
    source = '[sql]\ntogether = """\nselect "Rel"::integer as "Rel", "DOB", "Person" as "Case" from people\n"""\n'
    with pytest.raises(UsageError) as refused:
        run(tmp_path, read, profile(source), cases=CASES, people=PEOPLE)
    assert "main_applicant" not in str(refused.value)


def test_a_statement_knows_the_day_of_the_export_and_no_clock(tmp_path: Path, read: Read) -> None:
    dated = STATEMENT.replace('p."DOB",', 'as_at() as "DOB",')
    found = run(tmp_path, read, profile(dated), cases=CASES, people=PEOPLE)
    assert {str(one) for one in found.sections["people"]["date_of_birth"].to_list()} == {"2025-12-31"}
    with pytest.raises(UsageError, match="together"):
        run(
            tmp_path / "clock",
            read,
            profile(STATEMENT.replace('p."DOB",', 'now() as "DOB",')),
            cases=CASES,
            people=PEOPLE,
        )


def test_the_same_rows_in_another_order_give_the_same_result(tmp_path: Path, read: Read) -> None:
    one = run(tmp_path / "a", read, profile(), cases=CASES, people=PEOPLE)
    two = run(tmp_path / "b", read, profile(), cases=CASES, people=PEOPLE)
    assert one.findings.equals(two.findings)
    assert one.sections["people"].equals(two.sections["people"])


def test_a_profile_that_reads_a_missing_name_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises((UsageError, InputError), match="together"):
        run(tmp_path, read, profile(""), cases=CASES, people=PEOPLE)


def test_the_private_folder_of_the_workspace_is_gone_afterwards(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    run(tmp_path, read, profile(), cases=CASES, people=PEOPLE)
    broken = STATEMENT.replace('p."DOB"', 'p."Born"')
    with pytest.raises(UsageError):
        run(tmp_path / "broken", read, profile(broken), cases=CASES, people=PEOPLE)
    assert list(private.iterdir()) == []


def _through_statements(folder: Path) -> str:
    """The native profile, each of whose tables reads a statement that takes the whole of its file."""
    tables = load("native").tables
    statements = [f'all_{table.file} = "select * from {table.file}"' for table in tables]
    blocks = [
        f'[[table]]\nfrom = "all_{table.file}"\n[table.{table.feeds[0].section}]\nall_columns = true'
        for table in tables
    ]
    profile = folder / "through.toml"
    profile.write_text("\n".join(["[sql]", *statements, *blocks]), encoding="utf-8")
    return str(profile)


@pytest.mark.parametrize("sample", ["native", "errors"])
def test_the_sample_through_statements_is_the_sample(tmp_path: Path, read: Read, sample: str) -> None:
    export = Path("data/sample") / sample
    plain = read(export, "native")
    made = read(export, _through_statements(tmp_path))
    for name, section in plain.sections.items():
        assert made.sections[name].equals(section), name
    assert made.findings.rows() == plain.findings.rows()
    assert made.set_aside.rows() == plain.set_aside.rows()
    assert made.files == plain.files


def test_a_moment_with_a_zone_is_a_day_in_london_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    with Workspace(date(2025, 12, 31), 1) as workspace:
        workspace.run("days", "select '2025-06-30 23:00:00+00'::timestamptz::date::varchar as day")
        assert workspace.fetch("select day from days").item() == "2025-07-01"


def test_a_statement_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace(date(2025, 12, 31), 1) as workspace:
        monkeypatch.setattr(workspace, "_seconds", 0.05)
        with pytest.raises(StatementError, match="it takes more than"):
            workspace.run("long", "select count(*) as n from range(100000000000) t(i) where i % 7 = 3")
        workspace.run("short", "select 1 as n")
        assert workspace.fetch("select n from short").item() == 1


def test_a_statement_that_needs_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.extract.steps.workspace.MEMORY", "20MB")
    with (
        Workspace(date(2025, 12, 31), 1) as workspace,
        pytest.raises(StatementError, match="it needs more memory than a statement may take"),
    ):
        workspace.run("large", "select string_agg(repeat('x', 1000)) as texts from range(100000)")


@pytest.mark.parametrize(
    "beyond",
    [
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/out.csv'",
        "attach '/tmp/other.duckdb'",
        "install httpfs",
        "set threads = 1",
    ],
)
def test_nothing_outside_the_workspace_is_within_its_reach(beyond: str) -> None:
    with Workspace(date(2025, 12, 31), 1) as workspace, pytest.raises(duckdb.Error):
        workspace.fetch(beyond)


@pytest.mark.parametrize("left_out", ["Total", "Sum"])
def test_rows_left_out_before_the_steps_of_a_table_are_met_there(tmp_path: Path, read: Read, left_out: str) -> None:
    keys = f'skip_rows_where = {{ "Case" = ["{left_out}"] }}\nkeep = "last"\norder_by = "Applied"\n[table.main]'
    cases = "Case,Applied,Decision\nA1,2025-10-03,relief\nA1,2025-10-05,relief\nTotal,,2\n"
    people = '[[table]]\nfile = "people"\n[table.people]\ncase_ref = "Case"\nrelationship = "Rel"\n'
    found = run(
        tmp_path,
        read,
        OF_CASES.replace("[table.main]", keys) + people,
        cases=cases,
        people="Case,Rel\nA1,main_applicant\n",
    )
    assert found.sections["main"]["application_date"].cast(str).to_list() == ["2025-10-05"]
    assert ("X-41" in ids(found)) is (left_out == "Sum")
    rows = {one.name: (one.rows_loaded, one.rows_set_aside, one.rows_left_out) for one in found.files}
    assert rows["cases.csv"] == ((1, 0, 2) if left_out == "Total" else (1, 1, 1))


def test_the_folder_for_what_does_not_fit_is_that_of_the_run(tmp_path: Path) -> None:
    with Workspace(date(2025, 12, 31), 1, tmp_path):
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_a_finding_on_an_answer_that_a_statement_made_a_column_names_the_row_of_the_answer(
    tmp_path: Path, read: Read
) -> None:
    wide = '''
[sql]
wide = """
select "Case", max("Answer") filter (where "Question" = 'Applied') as "Applied"
from answers group by "Case"
"""
[[table]]
from = "wide"
[table.main]
case_ref = "Case"
application_date = "Applied"
[[table]]
file = "cases"
[table.people]
case_ref = "Case"
'''
    answers = "Case,Question,Answer\nA1,Decision,relief\nA1,Other,x\nA1,Applied,31/02/2025"
    found = run(tmp_path, read, wide, cases="Case\nA1", answers=answers)
    (wrong,) = found.findings.filter(found.findings["rule_id"] == "X-30").iter_rows(named=True)
    assert (wrong["file"], wrong["row"]) == ("answers.csv", 4)


def test_a_last_row_to_which_nothing_was_joined_has_no_reference_and_is_no_footer(tmp_path: Path, read: Read) -> None:
    source = OF_CASES.replace("[table.main]", 'ignore = ["Person"]\n[table.main]')
    people = '[[table]]\nfile = "people"\njoin = { file = "cases", on = "Person", optional = true }\n[table.people]\n'
    fields = 'case_ref = "Case"\ndate_of_birth = "DOB"\nrelationship = "Rel"\n'
    found = run(tmp_path, read, source + people + fields, cases=CASES, people=PEOPLE)
    assert ids(found, "X-22") == ["X-22"]
    assert "X-70" not in ids(found)
