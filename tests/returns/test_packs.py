"""Two invented packs that differ from the provisional profile in everything: the same cases through each of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pipelines.emit.returns import ReturnFiles, ReturnProfile, check_return, judge_return, load_profile, write_return
from pipelines.findings import MASK
from schemas.codelists import codelist
from schemas.sections import catalogue
from tests.returns.cases import AUTHORITY, Rows, case_rows, connect, ref, sentinel, together

PACKS = Path(__file__).parent / "packs"
NAMES = sorted(path.parent.name for path in PACKS.glob("*/profile.toml"))
A = "{urn:invented:attributes}"
C = "{urn:invented:common}"


def _rows() -> Rows:
    rows = together(
        case_rows(1, people=3, needs=3, placements=2),
        case_rows(2, people=1, needs=0, placements=0),
        case_rows(3, people=2, needs=1),
    )
    # Absent sections and absent values, so that empty wrappers and empty leaves are written too.
    for section in ("prevention", "relief", "final_duties", "reviews"):
        rows[section] = [row for row in rows[section] if row["case_ref"] != ref(2)]
    rows["main"][1].update(
        {"assess_date": None, "assess1": None, "php_date": None, "benefits": None, "reasonloss": None}
        | {"reason_tenancy_end": None, "lastaccom": None, "currentaccom": None}
    )
    rows["final_duties"][1].update({"main_decision": "intentional", "pneed": "children"})
    return rows


def _write(name: str, out: Path, rows: Rows | None = None) -> tuple[ReturnFiles, Any, ReturnProfile]:
    profile = load_profile(str(PACKS / name))
    con = connect(rows or _rows())
    return write_return(con, profile, out, personal=True, software_version="0.1.0"), con, profile


def test_there_are_two_packs() -> None:
    assert NAMES == ["attributes", "nested"]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_cases_go_through_every_pack(name: str, tmp_path: Path) -> None:
    files, con, profile = _write(name, tmp_path)
    checked = check_return(files, con, profile)
    assert [str(problem) for problem in checked.problems] == []
    assert checked.counts["case"]["cases"] == {"warehouse": 3, "file": 3}
    # Three, one and two people; two, no and one placements.
    people = {"warehouse": 3 + 1 + 2, "file": 3 + 1 + 2}
    assert checked.counts["case"]["rows of people"] == people
    assert checked.counts["case"]["rows of temporary_accommodation"] == {"warehouse": 2 + 1, "file": 2 + 1}
    assert checked.counts["case"]["rows of support_needs"] == {"warehouse": 3 + 1, "file": 3 + 1}
    assert checked.counts["case"]["rows of assistance"] == {"warehouse": 3 + 1, "file": 3 + 1}
    assert checked.counts["personal"]["rows of people"] == people


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_that_was_checked_is_not_called_provisional(name: str, tmp_path: Path) -> None:
    files, _, profile = _write(name, tmp_path)
    assert not profile.is_provisional and not files.is_provisional
    assert profile.describe()["provisional"] is False
    assert "rovisional" not in files.case.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_no_pack_puts_personal_or_local_values_into_the_case_file(name: str, tmp_path: Path) -> None:
    text = _write(name, tmp_path)[0].case.read_text(encoding="utf-8")
    searched = [c for c in catalogue() if (c.local or c.personal) and c.kind == "text"]
    assert len(searched) >= 15
    assert [f"{c.section}.{c.name}" for c in searched if str(sentinel(c)) in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_gives_the_same_bytes_again(name: str, tmp_path: Path) -> None:
    first, second = _write(name, tmp_path / "a")[0], _write(name, tmp_path / "b")[0]
    for kind, (path,) in first.by_kind.items():
        assert path.read_bytes() == second.by_kind[kind][0].read_bytes()


def test_attributes_pack_has_its_own_shape(tmp_path: Path) -> None:
    root = etree.parse(str(_write("attributes", tmp_path)[0].case)).getroot()
    assert root.tag == f"{A}Submission" and root.get("lha") == AUTHORITY
    assert [etree.QName(child).localname for child in root] == ["Households", "Sender"]
    sender = root.find(f"{A}Sender")
    assert sender is not None and sender.get("edition") == "7", "a fixed mandatory attribute is filled in"
    household = root.findall(f"{A}Households/{A}Household")[0]
    assert household.get("id") == ref(1)
    assert household.get("applied") == "2025-10-02T00:00:00"
    duties = household.findall(f"{A}Duties/{A}Duty")
    assert [(d.get("kind"), d.get("start")) for d in duties] == [
        ("M", "22/12/2025"),
        ("P", "09/10/2025"),
        ("R", "20/11/2025"),
    ]
    # "homeless" is the third prevention outcome of the list, numbered from 01 in the pack.
    assert list(codelist("prevention_outcome").codes)[2] == "homeless"
    assert duties[1].get("result") == "03"
    needs = household.find(f"{A}Needs")
    assert needs is not None and sorted(needs.attrib) == ["need1", "need2", "need3"]
    assert [b.get("c") for b in household.findall(f"{A}Income/{A}Benefit")] == ["01", "02"]
    assert [m.get("dep") for m in household.findall(f"{A}Members/{A}M")] == ["N", "Y", "Y"]
    empty = root.findall(f"{A}Households/{A}Household")[1]
    assert empty.find(f"{A}Duties") is None and empty.find(f"{A}Needs") is None
    assert empty.find(f"{A}Stays") is not None, "a wrapper that the XSD demands is written empty"


def test_nested_pack_has_its_own_shape(tmp_path: Path) -> None:
    files = _write("nested", tmp_path)[0]
    root = etree.parse(str(files.case)).getroot()
    assert root.tag == "{urn:invented:nested}homelessness"
    first, second, third = root.findall("returns/batch/application")
    assert first.findtext("identity/reference") == ref(1)
    assert first.findtext("work/benefits") == "Universal Credit|Housing Benefit"
    assert [p.findtext(f"{C}relation") for p in first.findall("household/others/person")] == ["Dependent child"] * 2
    assert first.findtext(f"applicant/{C}age") == "35"
    assert [len(need.findall("help/kind")) for need in first.findall("household/needs/need")] == [1, 1, 1]
    assert first.find("final/duty") is not None
    assert third.find("final/duty") is None and third.find("final/decision") is not None, "not accepted: no main duty"
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    assert [e.get(nil) for e in second.iterfind("dates/assessed")] == ["true"]
    assert [(e.text, e.get(nil)) for e in second.iterfind("dates/plan")] == [(None, None)]
    assert second.find("assessment/connection") is None
    personal = etree.parse(str(files.personal)).getroot()
    assert personal.tag == "persons" and len(personal.findall("list/person")) == 6


def test_more_rows_than_a_flattened_group_holds_block_and_name_the_case(tmp_path: Path) -> None:
    rows = _rows()
    rows["support_needs"].append({"case_ref": ref(1), "support_need": "alcohol"})
    files, con, profile = _write("attributes", tmp_path, rows)
    problems = check_return(files, con, profile).problems
    told = [p for p in problems if p.kind == "value"]
    assert [(p.case_ref, p.message) for p in told] == [
        (ref(1), "4 rows of support_needs, and the return profile has room for 3.")
    ]
    assert any(
        p.kind == "recount" and "rows of support_needs: 4 in the file, 5 in the warehouse" in str(p) for p in problems
    )


def test_a_code_that_the_pack_calls_unused_blocks_when_it_occurs(tmp_path: Path) -> None:
    rows = _rows()
    rows["main"][0]["assess1"] = "not_eligible"
    files, con, profile = _write("nested", tmp_path, rows)
    told = [(p.kind, p.case_ref, p.element) for p in check_return(files, con, profile).problems if p.kind == "value"]
    assert told == [("value", ref(1), "assessment/@outcome")]


@pytest.mark.parametrize("name", NAMES)
def test_the_recount_sees_a_changed_outcome_and_a_dropped_row_in_every_pack(name: str, tmp_path: Path) -> None:
    files, con, profile = _write(name, tmp_path)
    text = files.case.read_text(encoding="utf-8")
    changed = {
        "attributes": ('end="20/11/2025" result="03"', 'end="20/11/2025" result="01"'),
        "nested": ('ended="PR-C"', 'ended="PR-A"'),
    }[name]
    assert changed[0] in text
    files.case.write_text(text.replace(*changed, 1), encoding="utf-8")
    told = [str(p) for p in check_return(files, con, profile).problems]
    assert any("prevention by prevention_outcome" in line and ref(1) in line for line in told), told


def test_assistance_without_its_need_is_not_lost_in_silence(tmp_path: Path) -> None:
    rows = _rows()
    rows["support_needs"] = [row for row in rows["support_needs"] if row["case_ref"] != ref(3)]
    files, con, profile = _write("nested", tmp_path, rows)
    told = [str(p) for p in check_return(files, con, profile).problems]
    assert any("rows of assistance: 3 in the file, 4 in the warehouse" in line and ref(3) in line for line in told)


# --- Schematron -----------------------------------------------------------------------------------------------------


def _judge(out: Path, rows: Rows, *, pack: Path = PACKS / "attributes", personal: bool = True) -> list[dict[str, Any]]:
    """The findings of the pack's Schematron, as rows of ``findings.csv``."""
    profile = load_profile(str(pack))
    con = connect(rows)
    files = write_return(con, profile, out, personal=personal, software_version="0.1.0")
    assert check_return(files, con, profile).problems == ()
    return judge_return(files, profile).to_dicts()


def test_the_schematron_finds_nothing_in_cases_that_keep_its_rules(tmp_path: Path) -> None:
    assert _judge(tmp_path, _rows()) == []


def test_a_failed_assertion_is_a_finding_on_its_case_and_record_with_values_in_value_only(tmp_path: Path) -> None:
    rows = _rows()
    rows["relief"][0]["relief_outcome"] = None
    (found,) = _judge(tmp_path, rows)
    assert (found["rule_id"], found["severity"], found["scope"], found["case_ref"]) == (
        "D-1",
        "error",
        "record",
        ref(1),
    )
    # Prevention, relief and main duty share the element Duty; only its constant says which of them it is.
    assert (found["section"], found["fields"]) == ("relief", "relief_end, relief_outcome")
    assert found["message"] == "A duty that ended on … needs a result."
    assert found["value"] == "A duty that ended on 20/12/2025 needs a result."
    assert "rules.sch" in found["action"]


def test_a_violation_of_an_included_pattern_is_found_too(tmp_path: Path) -> None:
    rows = _rows()
    rows["people"] = [row for row in rows["people"] if (row["case_ref"], row["person_no"]) != (ref(3), 1)]
    (found,) = _judge(tmp_path, rows)
    assert (found["rule_id"], found["case_ref"], found["section"]) == ("H-1", ref(3), "people")
    assert found["fields"] == "relationship"


def test_a_report_with_the_role_of_a_warning_warns(tmp_path: Path) -> None:
    rows = _rows()
    rows["temporary_accommodation"][0]["ta_la"] = "E09000007"
    (found,) = _judge(tmp_path, rows)
    assert (found["rule_id"], found["severity"], found["case_ref"]) == ("S-1", "warning", ref(1))
    assert (found["section"], found["fields"]) == ("temporary_accommodation", "ta_la")


def test_the_record_of_a_finding_is_named_by_its_key_where_the_pack_writes_it(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(PACKS / "nested", tmp_path / "pack"))
    (pack / "rules.sch").write_text(
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt3"><pattern>'
        '<rule context="placed/spell"><assert test="@no != \'2\'">Not the second.</assert></rule>'
        '<rule context="need"><assert test="@what != \'Mental health\'" id="L-01a">Not it.</assert></rule>'
        "</pattern></schema>",
        encoding="utf-8",
    )
    text = (pack / "profile.toml").read_text(encoding="utf-8")
    (pack / "profile.toml").write_text(
        text.replace('schema = "nested.xsd"', 'schema = "nested.xsd"\nschematron = "rules.sch"'), encoding="utf-8"
    )
    label = codelist("support_need").codes["mental"].label
    (pack / "rules.sch").write_text((pack / "rules.sch").read_text().replace("Mental health", label))
    found = {row["rule_id"]: row for row in _judge(tmp_path / "out", _rows(), pack=pack)}
    # Without an id of its own it stands under its number; with the id of one of our rules, apart from that.
    assert found["O-1"]["record_key"] == "placement_no=2"
    assert found["O-L-01a"]["record_key"] == "support_need=mental"


def test_what_an_assertion_prints_of_personal_data_is_masked(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(PACKS / "attributes", tmp_path / "pack"))
    (pack / "people.sch").write_text(
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="r"'
        ' uri="urn:invented:attributes:people"/><pattern><rule context="r:Name"><assert test="false()">Who is <value-of'
        ' select="@last"/>?</assert></rule></pattern></schema>',
        encoding="utf-8",
    )
    text = (pack / "profile.toml").read_text(encoding="utf-8")
    (pack / "profile.toml").write_text(
        text.replace('schema = "xsd/people.xsd"', 'schema = "xsd/people.xsd"\nschematron = "people.sch"'),
        encoding="utf-8",
    )
    found = _judge(tmp_path / "out", _rows(), pack=pack)
    assert len(found) == 3 + 1 + 2, "one finding a person"
    assert {(row["rule_id"], row["value"], row["message"]) for row in found} == {("OP-1", MASK, "Who is …?")}


def test_a_schematron_that_breaks_off_leaves_the_return_not_clean(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(PACKS / "attributes", tmp_path / "pack"))
    text = (pack / "rules.sch").read_text(encoding="utf-8")
    text = text.replace('queryBinding="xslt"', 'queryBinding="xslt2"')
    let = '<sch:let name="day" value="xs:date(/r:Submission/@lha)"/><sch:pattern id="duties">'
    text = text.replace('<sch:pattern id="duties">', let).replace('test="@result"', 'test="@result and $day"')
    (pack / "rules.sch").write_text(text, encoding="utf-8")
    found = _judge(tmp_path / "out", _rows(), pack=pack)
    assert found and all(row["severity"] == "error" and row["value"] is None for row in found)
    assert all("could not be" in row["message"] and AUTHORITY not in row["message"] for row in found)
