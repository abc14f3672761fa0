"""What a source profile can say, and what it is told when it says something else."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UsageError
from pipelines.extract import Extracted
from schemas.codelists import codelist, codelist_names
from schemas.sections import SECTIONS
from schemas.sources import ProfileError, load, parse, profile_names
from tests.extract.mapped import CASES, run

Read = Callable[..., Extracted]

BASE = f'{CASES}sex = "Sex"\n'


def test_constants_and_the_authority_of_the_command_line(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, BASE, cases="Case,Applied,Sex\n12,01/02/2025,F\n7,2025-02-03,")
    assert found.findings.is_empty()
    main = found.sections["main"]
    assert main.select("la_code", "case_ref", "application_date").rows() == [
        ("E06000034", "12", date(2025, 2, 1)),
        ("E06000034", "7", date(2025, 2, 3)),
    ]
    assert found.sections["people"].get_column("sex").to_list() == ["female", None]
    assert found.sections["reviews"].is_empty()


def test_columns_split_and_joined(tmp_path: Path, read: Read) -> None:
    more = """
surname = { column = "Name", split = ",", part = 1 }
forename = { column = "Name", split = ",", part = 2 }
last_address = { columns = ["Street", "Town", "Postcode"], join = ", " }
"""
    found = run(
        tmp_path,
        read,
        BASE + more,
        cases="""
Case,Applied,Sex,Name,Street,Town,Postcode
1,2025-01-01,,"Smith, Ann",1 High St,,IG1
2,2025-01-01,M,Roe,,,""",
    )
    people = found.sections["people"].select("surname", "forename", "last_address")
    assert people.rows() == [("Smith", "Ann", "1 High St, IG1"), ("Roe", None, None)]


def test_spellings_of_a_list_and_of_a_column(tmp_path: Path, read: Read) -> None:
    profile = BASE.replace('sex = "Sex"', 'sex = { column = "Sex", codes = { "2" = "male" } }')
    profile += '[codes.sex]\n"1" = "male"\n"2" = "female"\n'
    found = run(
        tmp_path, read, profile, cases="Case,Applied,Sex\n1,2025-01-01,1\n2,2025-01-01,2\n3,2025-01-01, FEMALE "
    )
    assert found.sections["people"].get_column("sex").to_list() == ["male", "male", "female"]


def test_labels_fold_case_space_and_dashes_but_not_words(tmp_path: Path, read: Read) -> None:
    profile = BASE.replace('"Applied"\n', '"Applied"\nassess1 = "Outcome"\n', 1)
    cells = [
        "Threatened with homelessness - Prevention Duty owed",
        "threatened  with homelessness — prevention duty OWED",
        "PREVENTION",
        "Homeless – Relief duty owed",
        "Threatened with homelessness & Prevention Duty owed",
    ]
    rows = "\n".join(f"{n},2025-01-01,F,{cell}" for n, cell in enumerate(cells, 1))
    found = run(tmp_path, read, profile, cases=f"Case,Applied,Sex,Outcome\n{rows}")
    assert found.sections["main"].get_column("assess1").to_list() == [*["prevention"] * 3, "relief", None]
    assert found.findings.get_column("rule_id").to_list() == ["X-35"]


def test_repeated_columns_become_people(tmp_path: Path, read: Read) -> None:
    profile = """
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
[table.people]
repeat = 4
case_ref = "Case"
relationship = "P{n} is"
age = "P{n} age"
"""
    found = run(
        tmp_path,
        read,
        profile,
        cases="Case,Applied,P1 is,P1 age,P2 is,P2 age,P3 is,P3 age\n1,2025-01-01,Main applicant,40,,,Partner,x",
    )
    people = found.sections["people"]
    assert people.select("person_no", "relationship", "age").rows() == [(1, "main_applicant", 40), (3, "partner", None)]
    assert found.findings.get_column("message").to_list()[0].startswith("cases.csv, row 2, column 'P3 age'")


def test_several_values_in_a_cell_become_rows(tmp_path: Path, read: Read) -> None:
    more = '[table.support_needs]\ncase_ref = "Case"\nsupport_need = "Needs"\n'
    more += 'split_rows = { column = "support_need", by = "|" }\n'
    found = run(
        tmp_path, read, BASE + more, cases="Case,Applied,Sex,Needs\n1,2025-01-01,F,Old age | drug|\n2,2025-01-01,F,"
    )
    assert found.findings.is_empty()
    assert found.sections["support_needs"].select("case_ref", "support_need").rows() == [
        ("1", "drug"),
        ("1", "old_age"),
    ]


def test_a_value_twice_in_one_cell_is_set_aside_in_part(tmp_path: Path, read: Read) -> None:
    more = (
        '[table.support_needs]\ncase_ref = "Case"\nsupport_need = "Needs"\nsplit_rows = { column = "support_need" }\n'
    )
    found = run(tmp_path, read, BASE + more, cases="Case,Applied,Sex,Needs\n1,2025-01-01,F,drug;Drug")
    assert found.findings.get_column("rule_id").to_list() == ["X-25"]
    assert found.set_aside.get_column("reason").to_list()[0].startswith("part of the row: Support needs")
    assert (found.files[0].rows_loaded, found.files[0].rows_set_aside) == (1, 0)


DUTIES = """
[[table]]
file = "duties"
[table.prevention]
when = { "Duty" = ["Prevention", "S195"] }
case_ref = "Case"
prevention_start = "Start"
[table.relief]
when = { "Duty" = ["Relief"] }
case_ref = "Case"
relief_start = "Start"
"""


def test_rows_go_to_the_section_that_a_column_names(tmp_path: Path, read: Read) -> None:
    found = run(
        tmp_path,
        read,
        BASE + DUTIES,
        cases="Case,Applied,Sex\n1,2025-01-01,F",
        duties="Case,Duty,Start\n1,relief,2025-03-01\n1,S195,2025-01-02\n1,Other,2025-01-02",
    )
    assert found.sections["prevention"].get_column("prevention_start").to_list() == [date(2025, 1, 2)]
    assert found.sections["relief"].get_column("relief_start").to_list() == [date(2025, 3, 1)]
    assert found.findings.filter(severity="error").get_column("message").to_list() == [
        "duties.csv, row 4: nothing is read from this row by the source profile. It was set aside."
    ]
    assert found.files[1].rows_set_aside == 1


def test_rows_that_no_section_takes_can_be_let_go(tmp_path: Path, read: Read) -> None:
    profile = BASE + DUTIES.replace('file = "duties"', 'file = "duties"\nallow_unused_rows = true')
    duties = "Case,Duty,Start\n1,Other,2025-01-02\n1,Prevention,2025-01-02\n1,S195,2025-01-03\n1,Relief,2025-03-02"
    found = run(tmp_path, read, profile, cases="Case,Applied,Sex\n1,2025-01-01,F", duties=duties)
    assert found.findings.filter(rule_id="X-27").is_empty()
    assert found.files[1].rows_left_out == 1


def test_rows_go_to_a_section_only_when_a_column_is_filled(tmp_path: Path, read: Read) -> None:
    more = '[table.relief]\nwhen = ["Relief"]\ncase_ref = "Case"\nrelief_start = "Relief"\nrelief_end = "Ended"\n'
    found = run(
        tmp_path,
        read,
        BASE + more,
        cases="Case,Applied,Sex,Relief,Ended\n1,2025-01-01,F,2025-01-02,\n2,2025-01-01,F,n/a,2025-03-01",
    )
    assert found.sections["relief"].get_column("case_ref").to_list() == ["1"]


PLACEMENTS = """
[[table]]
file = "placements*"
[table.temporary_accommodation]
case_ref = "Case"
entry_date = "In"
ta_type = "Type"
"""


def test_rows_are_numbered_by_content_over_all_files(tmp_path: Path, read: Read) -> None:
    found = run(
        tmp_path,
        read,
        BASE + PLACEMENTS,
        cases="Case,Applied,Sex\n1,2025-01-01,F",
        placements_a="Case,In,Type\n1,2025-05-01,bb\n1,2025-02-01,hostel",
        placements_b="Case,In,Type\n1,2025-03-01,psl\n1,2025-02-01,bb",
    )
    assert found.findings.is_empty()
    assert found.sections["temporary_accommodation"].select("placement_no", "entry_date", "ta_type").rows() == [
        (1, date(2025, 2, 1), "bb"),
        (2, date(2025, 2, 1), "hostel"),
        (3, date(2025, 3, 1), "psl"),
        (4, date(2025, 5, 1), "bb"),
    ]


def test_rows_that_are_the_same_are_kept_with_a_warning_where_nothing_numbers_them(tmp_path: Path, read: Read) -> None:
    found = run(
        tmp_path,
        read,
        BASE + PLACEMENTS,
        cases="Case,Applied,Sex\n1,2025-01-01,F",
        placements="Case,In,Type\n1,2025-05-01,bb\n1,2025-05-01,bb",
    )
    assert found.findings.select("rule_id", "severity").rows() == [("X-26", "warning")]
    assert found.sections["temporary_accommodation"].height == 2


def test_a_second_table_completes_the_rows_of_the_first(tmp_path: Path, read: Read) -> None:
    more = '[[table]]\nfile = "more"\n[table.main]\nadds_columns = true\ncase_ref = "Ref"\nofficer = "Who"\n'
    found = run(
        tmp_path,
        read,
        BASE + more,
        cases="Case,Applied,Sex\n1,2025-01-01,F\n2,2025-01-01,F",
        more="Ref,Who\n2,AB\n2,CD\n3,EF",
    )
    assert found.sections["main"].select("case_ref", "officer").rows() == [("1", None), ("2", "AB")]
    assert sorted(found.findings.get_column("rule_id")) == ["X-25", "X-28"]
    assert found.set_aside.get_column("row").to_list() == [3, 4]
    assert [count.rows_set_aside for count in found.files] == [0, 2]


def test_a_dependent_flag_that_the_export_lacks_is_derived_with_one_warning(tmp_path: Path, read: Read) -> None:
    profile = """
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
[[table]]
file = "people"
[table.people]
case_ref = "Case"
person_no = "No"
relationship = "Is"
date_of_birth = "Born"
age = "Age"
in_education = "School"
unable_to_support = "Unable"
lives_with_applicant = "Here"
"""
    # On 31 December 2025: born 31.12.2009 is 16, 01.01.2010 is 15 (spec 2.10: under 16; 16 to 18 in education).
    rows = [
        ("Main applicant,01/01/2010,,yes,,", False),
        ("Partner,,15,,,", False),
        ("Dependent child,01/01/2010,,,,", True),
        ("Dependent child,31/12/2009,,no,no,", False),
        ("Dependent child,31/12/2009,,yes,,", True),
        ("Dependent child,31/12/2009,,,,", None),
        ("Other,,18,,yes,", True),
        ("Other,,19,yes,yes,", False),
        ("Dependent child,01/01/2010,,,,no", False),
        ("Dependent child,,,,,", None),
    ]
    people = "\n".join(f"1,{number},{row}" for number, (row, _) in enumerate(rows, 1))
    found = run(
        tmp_path,
        read,
        profile,
        cases="Case,Applied\n1,2025-01-01",
        people=f"Case,No,Is,Born,Age,School,Unable,Here\n{people}",
    )
    assert found.findings.select("rule_id", "severity", "scope").rows() == [("X-37", "warning", "return")]
    assert found.sections["people"].get_column("dependent").to_list() == [expected for _, expected in rows]


def test_a_flag_that_only_some_people_lack_is_not_derived(export: Path, read: Read) -> None:
    path = export / "people.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",yes,", ",,"), encoding="utf-8")
    found = read(export)
    assert found.findings.is_empty()
    assert found.sections["people"].get_column("dependent").null_count() == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = [", "not valid TOML"),
        ('name = "x"', r"no \[\[table\]\]"),
        ("nmae = 1\n" + BASE, 'the profile: "nmae" is not known; did you mean "name"?'),
        ("[options]\ndate = []\n" + BASE, '"date" is not known; did you mean "dates"?'),
        ('[options]\ndates = ["uk", "us"]\n' + BASE, "cannot both be read"),
        ('[options]\ndates = ["ukk"]\n' + BASE, 'did you mean "uk"'),
        ('[options]\ncase_ref_pattern = "("\n' + BASE, "not a regular expression"),
        (BASE.replace("application_date", "aplication_date"), 'did you mean "application_date"?'),
        (BASE.replace("[table.main]", "[table.mian]"), 'did you mean "main"?'),
        (BASE.replace('file = "cases"', ""), "give file, sheet or both"),
        (BASE.replace('"Sex"', '{ colum = "Sex" }'), 'did you mean "column'),
        (BASE.replace('"Sex"', '{ column = "Sex", constant = "x" }'), "give one of column, columns or constant"),
        (BASE.replace('"Sex"', '{ column = "Sex", codes = { M = "mael" } }'), 'did you mean "male"?'),
        (BASE + '[codes.sexx]\n"M" = "male"', 'did you mean "sex"?'),
        (BASE.replace('"Sex"', '"Sex {n}"'), "needs repeat"),
        (BASE + "repeat = 2", r"write \{n\}"),
        (BASE.replace('case_ref = "Case"\napp', "app"), "case_ref is missing"),
        (BASE.split("[table.people]")[0], "feeds no people section"),
        (BASE + '[[table]]\nfile = "cases"\n[table.relief]\ncase_ref = "Case"', "two .* blocks"),
        (BASE.replace("[table.people]", "[table.people]\nadds_columns = true"), "one must give the rows"),
        (BASE + "split_rows = { column = 'age' }", "split_rows: column is the section's column"),
    ],
)
def test_a_profile_that_is_not_understood_says_where(tmp_path: Path, read: Read, text: str, says: str) -> None:
    pattern = says if "\\" in says or ".*" in says else re.escape(says)
    with pytest.raises(ProfileError, match=pattern):
        parse(text, "mine")
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"^[^\n]*[.?]$"):
        read(tmp_path, str(path))


def test_an_unknown_profile_names_the_shipped_ones(tmp_path: Path, read: Read) -> None:
    with pytest.raises(UsageError, match="civica-style, jigsaw-style and native"):
        read(tmp_path, "nativ")


@pytest.mark.parametrize("name", ["civica-style", "jigsaw-style", "native"])
def test_shipped_profiles_carry_every_column(name: str) -> None:
    profile = load(name)
    for section in SECTIONS:
        fed = {
            column
            for table in profile.tables
            for feed in table.feeds
            if feed.section == section.name
            for column in feed.columns
        }
        by_place = {"person_no"} if name == "jigsaw-style" else set()
        assert set(section.names) - fed <= by_place, (name, section.name)
    assert profile.illustration == (name != "native")


def test_the_three_shipped_profiles_are_there() -> None:
    assert set(profile_names()) >= {"civica-style", "jigsaw-style", "native"}


README = Path("schemas/sources/README.md")
EXAMPLES = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_first_example_of_the_guide_is_a_whole_profile() -> None:
    assert [table.label for table in parse(EXAMPLES[0], "readme").tables] == ["cases", "duties*"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: next(iter(re.findall(r'"(.*?)"', text)), "")[:30])
def test_an_example_of_the_guide_is_read_beside_the_sections_that_every_profile_has(example: str) -> None:
    fed = set(re.findall(r"^\[+table\.(main|people)\]", example, flags=re.MULTILINE)) - {"main"}
    if "adds_columns" not in example and "[table.main]" in example:
        fed.add("main")
    rest = "".join(
        f'\n[[table]]\nfile = "the {name} section"\n{name}.case_ref = "Ref"\n'
        for name in ("main", "people")
        if name not in fed
    )
    profile = parse(example + rest, "part")
    assert profile.tables[0].feeds or profile.inputs or profile.sql, example


def test_the_guide_fills_a_reference_down_and_a_finding_still_names_its_row(tmp_path: Path, read: Read) -> None:
    (example,) = (one for one in EXAMPLES if "ignore nulls" in one)
    cases = '\n[[table]]\nfile = "cases"\nmain.case_ref = "Case no"\n'
    household = (
        "Case no,Relationship,DOB\nHX01,Main applicant,1990-02-01\n,Partner,1991-02-01\nHX02,Main applicant,1.1.x"
    )
    found = run(tmp_path, read, example + cases, cases="Case no\nHX01\nHX02", household=household)
    people = found.sections["people"].select("case_ref", "relationship", "_file", "_row").rows()
    assert people == [
        ("HX01", "main_applicant", "household.csv", 2),
        ("HX01", "partner", "household.csv", 3),
        ("HX02", "main_applicant", "household.csv", 4),
    ]
    (message,) = found.findings.filter(pl.col("rule_id") == "X-30").get_column("message")
    assert message.startswith("household.csv, row 4, column 'DOB'")


def test_the_guide_documents_every_key() -> None:
    from schemas import sources

    modules = [
        importlib.import_module(f"schemas.sources.{path.stem}") for path in Path(sources.__file__).parent.glob("*.py")
    ]
    keys = {
        key
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("KEYS") and isinstance(value, tuple)
        for key in value
    }
    assert {"header_rows", "order_by", "codes_from", "split_rows", "replace", "statement_minutes", "prefix"} <= keys
    text = README.read_text(encoding="utf-8")
    assert sorted(key for key in keys if not re.search(rf"[`\[{{ ]{key}\b", text)) == []


def test_the_links_of_the_guide_lead_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    titles = [one.replace("`", "") for one in re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)]
    anchors = {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}
    links = re.findall(r"\]\(#([^)]*)\)", text)
    assert links and [link for link in links if link not in anchors] == []
    folders = re.findall(r"data/sample/shapes/([\w-]+)", text)
    assert folders and all(Path("data/sample/shapes", one, "README.md").is_file() for one in folders)


def test_aliases_lead_to_codes_and_hide_none() -> None:
    from pipelines.extract.parsing import fold, folded_codes

    assert codelist_names()
    for name in codelist_names():
        known = codelist(name)
        own = {fold(code) for code in known.codes} | {fold(code.label) for code in known.codes.values()}
        for raw, code in known.aliases.items():
            assert code in known, (name, raw)
            assert fold(raw) not in own, (name, raw)
            assert folded_codes(name)[fold(raw)] == code
        for code in known.codes:
            assert folded_codes(name)[fold(code)] == code


def test_a_piece_may_be_counted_from_the_end(tmp_path: Path, read: Read) -> None:
    more = """
forename = { column = "Name", split = " ", part = 1 }
surname = { column = "Name", split = " ", part = -1 }
"""
    found = run(tmp_path, read, BASE + more, cases="Case,Applied,Sex,Name\n12,2025-02-01,F,Mary Ann Smith")
    assert found.sections["people"].select("forename", "surname").rows() == [("Mary", "Smith")]


def test_a_piece_number_of_nothing_is_refused() -> None:
    with pytest.raises(ProfileError, match="from 1, and -1 is the last"):
        parse(BASE + 'surname = { column = "Name", split = " ", part = 0 }\n', "mine")
