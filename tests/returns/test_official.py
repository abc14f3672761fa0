"""What is said of a pack, and which packs are refused."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.commands import official
from pipelines.emit.returns import check_pack, judge_return, load_profile, write_return
from pipelines.errors import UsageError
from schemas.returns import profile_folder
from tests.returns.cases import case_rows, connect

PACKS = Path(__file__).parent / "packs"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "attributes", tmp_path / "pack"))


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "nested", tmp_path / "nested"))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _refusals(pack: Path) -> str:
    return "\n".join(check_pack(str(pack)).refusals)


# --- what is refused ------------------------------------------------------------------------------------------------

# File, text, its replacement, and what the refusal must say.
FAULTS = {
    "mandatory attribute unmapped": (
        "profile.toml",
        'application_date = "@applied"\n',
        "",
        "Submission/Households/Household/@applied: mandatory in the XSD, and nothing is mapped to it.",
    ),
    "mandatory attribute of one group unmapped": (
        "profile.toml",
        'relief_start = "@start"\n',
        "",
        "Household/Duties/Duty/@start (group relief): mandatory in the XSD",
    ),
    "mandatory header unmapped": (
        "profile.toml",
        '"Sender/Until" = "last_day"\n',
        "",
        "Submission/Sender/Until: mandatory in the XSD",
    ),
    "path that the XSD lacks": (
        "profile.toml",
        'currentaccom = "Homes/@now"',
        'currentaccom = "Homes/Now"',
        "Household/Homes/Now: the XSD has no such element.",
    ),
    "attribute that the XSD lacks": (
        "profile.toml",
        'currentaccom = "Homes/@now"',
        'currentaccom = "Homes/@then"',
        "Household/Homes/@then: the XSD has no such attribute.",
    ),
    "leaf mapped twice": (
        "profile.toml",
        'currentaccom = "Homes/@now"',
        'currentaccom = "Homes/@settled"',
        "Household/Homes/@settled: mapped twice.",
    ),
    "value put where elements are": (
        "profile.toml",
        'currentaccom = "Homes/@now"',
        'currentaccom = "Stays"',
        "Household/Stays: holds elements, not a value.",
    ),
    "root that the XSD lacks": (
        "profile.toml",
        'path = "Submission/Households/Household"',
        'path = "Return/Households/Household"',
        "must lead from a global element (Household, Submission)",
    ),
    "code outside the enumeration": (
        "profile.toml",
        'elapsed_56 = "02"',
        'elapsed_56 = "99"',
        "Duty/@result: codes of relief.relief_outcome whose value the XSD does not list: elapsed_56.",
    ),
    "code mapped to nothing": (
        "profile.toml",
        'elapsed_56 = "02"',
        'elapsed_56 = ""',
        "relief.relief_outcome: codes mapped to nothing: elapsed_56.",
    ),
    "codes without a value and no default": (
        "profile.toml",
        'other_codes = "own"',
        'other_codes = "none"',
        "people.ethnicity: codes mapped to nothing:",
    ),
    "flags outside the enumeration": (
        "profile.toml",
        'flags = { true = "Y", false = "N" }',
        'flags = { true = "yes", false = "N" }',
        "what true and false are written as is not among the XSD's values.",
    ),
    "constant outside the enumeration": (
        "profile.toml",
        'constants = { "@kind" = "M" }',
        'constants = { "@kind" = "X" }',
        "Duty/@kind: the constant is not among the XSD's values.",
    ),
    "case reference unmapped": (
        "profile.toml",
        'case_ref = "@id"\n',
        "",
        "main.case_ref is not mapped",
    ),
    "personal column in the case file": (
        "profile.toml",
        'age = "@age"',
        'date_of_birth = "@age"',
        "[case] maps people.date_of_birth, which is not a field of that file",
    ),
    "local column in the case file": (
        "profile.toml",
        'currentaccom = "Homes/@now"',
        'officer = "Homes/@now"',
        "[case] maps main.officer, which is a local field",
    ),
    "local column in the personal file": (
        "profile.toml",
        'nino = "@ni"',
        'in_education = "@ni"',
        "[personal] maps people.in_education, which is a local field",
    ),
    "unknown column": ("profile.toml", "php_date =", "plan_date =", "names the column main.plan_date"),
    "unknown code": ("profile.toml", "elapsed_56 =", "elapsed_57 =", "codes that the list lacks: elapsed_57"),
    "unknown entry": ("profile.toml", "flags =", "flag =", "unknown entries: flag"),
    "not TOML": ("profile.toml", "flags =", "flags", "not valid TOML"),
    "XSD that is not well-formed": ("xsd/return.xsd", "</xs:schema>", "", "return.xsd is not well-formed XML."),
    "XSD that does not compile": (
        "xsd/return.xsd",
        '<xs:element name="Until" type="ukDate"/>',
        '<xs:element name="Until" type="xs:string"><xs:simpleType/></xs:element>',
        "return.xsd is not a valid XSD",
    ),
    "type that is nowhere": (
        "xsd/return.xsd",
        'type="ukDate"/>',
        'type="usDate"/>',
        "usDate, which is not in the pack",
    ),
    "XSD missing": ("profile.toml", '"xsd/return.xsd"', '"xsd/absent.xsd"', "absent.xsd, which is not in its folder"),
    "XSD outside the folder": ("profile.toml", '"xsd/return.xsd"', '"../return.xsd"', "a file outside its own folder"),
    "include outside the folder": (
        "xsd/return.xsd",
        'schemaLocation="types.xsd"',
        'schemaLocation="../../types.xsd"',
        "a file outside its own folder",
    ),
    "include from the network": (
        "xsd/return.xsd",
        'schemaLocation="types.xsd"',
        'schemaLocation="http://localhost:9/types.xsd"',
        "a file outside its own folder",
    ),
    "entity in the XSD": (
        "xsd/types.xsd",
        "<!-- Invented for the tests. No",
        '<!DOCTYPE s [<!ENTITY a "aaaa">]><!-- No',
        "types.xsd has a document type declaration",
    ),
    "Schematron that is not well-formed": ("rules.sch", "</sch:schema>", "", "rules.sch is not well-formed XML."),
    "Schematron that does not compile": ("rules.sch", 'test="@result"', 'test="@result and ("', "cannot be compiled"),
    "Schematron that includes from outside": (
        "rules.sch",
        'href="members.sch"',
        'href="../members.sch"',
        "a file outside its own folder",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_pack_is_refused_and_told_why(fault: str, pack: Path) -> None:
    file, old, new, told = FAULTS[fault]
    _edit(pack / file, old, new)
    assert told in _refusals(pack)
    with pytest.raises(UsageError) as refused:
        load_profile(str(pack))
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)


def test_a_link_that_leads_out_of_the_pack_is_refused(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    (pack / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert "link.txt is a link to a place outside the pack" in _refusals(pack)


def test_a_profile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="Shipped: provisional"):
        load_profile("no-such-profile")


def test_a_mandatory_choice_needs_one_of_its_elements(nested: Path) -> None:
    _edit(nested / "nested.xsd", '<xs:choice minOccurs="0" maxOccurs="unbounded">', '<xs:choice maxOccurs="unbounded">')
    assert _refusals(nested) == ""
    text = (nested / "profile.toml").read_text()
    start, end = text.index('[[case.group]]\nsection = "prevention"'), text.index('[[case.group]]\nname = "decisions"')
    (nested / "profile.toml").write_text(text[:start] + text[end:])
    assert "application/(relieve or prevent): mandatory in the XSD" in _refusals(nested)


def test_an_optional_part_of_which_nothing_is_mapped_asks_for_nothing(nested: Path) -> None:
    text = (nested / "profile.toml").read_text()
    start, end = text.index('[[case.group]]\nsection = "reviews"'), text.index("[personal]")
    (nested / "profile.toml").write_text(text[:start] + text[end:])
    report = check_pack(str(nested))
    assert report.refusals == ()
    assert "reviews.review_requested_date: goes nowhere." in report.notes


def test_an_xsd_that_nests_a_type_in_itself_is_read_as_far_as_it_is_used(nested: Path) -> None:
    _edit(
        nested / "common.xsd",
        '<xs:element name="consent" type="c:bit" minOccurs="0"/>',
        '<xs:element name="consent" type="c:bit" minOccurs="0"/>'
        '<xs:element name="carer" type="c:Person" minOccurs="0"/>',
    )
    assert _refusals(nested) == ""
    _edit(nested / "common.xsd", 'name="carer" type="c:Person" minOccurs="0"', 'name="carer" type="c:Person"')
    assert "more than 64 deep" in _refusals(nested)


def test_the_examples_of_the_manual_are_valid_toml() -> None:
    manual = (profile_folder("provisional").parent / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", manual, flags=re.DOTALL)
    assert len(examples) == 3
    parts = [tomllib.loads(example) for example in examples]
    assert parts[0]["codes"]["prevention.accom_pr"] == {"family": "07"}
    assert [group["section"] for group in parts[1]["case"]["group"]] == ["main", "people"]


# --- what is told ---------------------------------------------------------------------------------------------------


def test_columns_that_go_nowhere_are_named(pack: Path) -> None:
    _edit(pack / "profile.toml", 'nationality = "@nat"\n', "")
    notes = check_pack(str(pack)).notes
    assert "main.nationality: goes nowhere." in notes
    assert "main.la_code: left out: in the root" in notes
    assert not [line for line in notes if "eligibility" in line]


def test_values_of_the_xsd_that_no_code_has_are_named(pack: Path) -> None:
    opening = '<xs:simpleType name="sex">\n    <xs:restriction base="xs:string">\n'
    _edit(pack / "xsd" / "types.xsd", opening, opening + '      <xs:enumeration value="77"/>\n')
    told = "Members/M/@sex: values of the XSD that no code is written as: 77."
    assert any(told in note for note in check_pack(str(pack)).notes)


def test_the_provisional_profile_is_whole() -> None:
    report = check_pack("provisional")
    assert report.refusals == ()
    assert [line for line in report.notes if "nowhere" in line] == []


def test_any_changed_byte_of_a_pack_changes_its_hash(pack: Path) -> None:
    before = load_profile(str(pack)).sha256
    assert before == load_profile(str(pack)).sha256 and len(before) == 64
    _edit(pack / "members.sch", "exactly one", "just one")
    assert load_profile(str(pack)).sha256 != before


def test_a_profile_is_provisional_unless_it_says_otherwise(pack: Path) -> None:
    _edit(pack / "profile.toml", "provisional = false\n", "")
    assert load_profile(str(pack)).is_provisional


# --- Schematron that cannot or may not be run -----------------------------------------------------------------------


def test_a_pack_whose_schematron_cannot_be_run_is_refused_by_check_and_run(pack: Path) -> None:
    _edit(pack / "rules.sch", 'queryBinding="xslt"', 'queryBinding="xquery"')
    result = CliRunner().invoke(official.app, ["check", str(pack)])
    assert "has the query binding xquery, which this program cannot run" in result.output
    assert isinstance(result.exception, UsageError) and result.exception.exit_code == 2
    with pytest.raises(UsageError, match="has the query binding xquery"):
        load_profile(str(pack))


def test_a_pack_for_saxon_asks_for_it_where_it_is_not_installed(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _edit(pack / "rules.sch", 'queryBinding="xslt"', 'queryBinding="xslt2"')
    monkeypatch.setattr("pipelines.emit.returns.schematron_process.is_saxon_installed", lambda: False)
    assert "needs the package saxonche. Install it: pip install saxonche." in _refusals(pack)


@pytest.mark.parametrize("binding", ["xslt", "xslt2", "xpath31"])
def test_a_schematron_that_opens_a_file_is_refused(binding: str, pack: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret/>")
    _edit(pack / "rules.sch", 'queryBinding="xslt"', f'queryBinding="{binding}"')
    _edit(pack / "rules.sch", 'test="@result"', f"test=\"document('{secret.as_uri()}')/secret\"")
    assert "the assert D-1 calls document(), which reads files or the network" in _refusals(pack)


@pytest.mark.parametrize("binding", ["xslt", "xslt2"])
def test_a_schematron_that_opens_a_file_unseen_reads_nothing(
    binding: str, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Were a way past the reading of its expressions found, the processors themselves still open nothing.
    monkeypatch.setattr("pipelines.emit.returns.schematron_compile.check_expression", lambda *_, **__: None)
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret/>")
    _edit(pack / "rules.sch", 'queryBinding="xslt"', f'queryBinding="{binding}"')
    _edit(pack / "rules.sch", 'test="@result"', f"test=\"document('{secret.as_uri()}')/secret\"")
    profile = load_profile(str(pack))
    con = connect(case_rows(1))
    files = write_return(con, profile, tmp_path / "out", personal=False, software_version="0.1.0")
    found = judge_return(files, profile)
    # Had the file been read, the assertion would hold and nothing would be told.
    assert found.height and set(found["severity"]) == {"error"}


@pytest.mark.parametrize("what", ["include", "import"])
def test_a_schematron_that_loads_a_stylesheet_is_refused(what: str, pack: Path) -> None:
    _edit(
        pack / "rules.sch",
        '<sch:pattern id="duties">',
        f'<xsl:{what} xmlns:xsl="http://www.w3.org/1999/XSL/Transform" href="other.xsl"/><sch:pattern id="duties">',
    )
    assert "loads or writes other files" in _refusals(pack)


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_says_what_a_whole_pack_fills(pack: Path) -> None:
    result = CliRunner().invoke(official.app, ["check", str(pack)])
    assert result.exit_code == 0
    assert "Return profile attributes 2026.1 (not provisional)." in result.output
    assert "Nothing mandatory is missing." in result.output


def test_the_command_lists_every_refusal_and_ends_with_2(pack: Path) -> None:
    _edit(pack / "profile.toml", 'application_date = "@applied"\n', "")
    _edit(pack / "profile.toml", 'currentaccom = "Homes/@now"', 'currentaccom = "Homes/Now"')
    result = CliRunner().invoke(official.app, ["check", str(pack)])
    assert "Household/@applied: mandatory" in result.output and "Homes/Now: the XSD has no such" in result.output
    assert isinstance(result.exception, UsageError) and result.exception.exit_code == 2
