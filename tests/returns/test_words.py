"""What is said of a return that does not fit: the case, the section field, the element, what is expected; no value."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.emit.returns import Problem, check_pack, check_return, load_profile, write_return
from tests.returns.cases import Rows, connect, ref
from tests.returns.shapes import Shape
from tests.returns.test_shapes import SHAPES

TYPES = """<xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:enumeration value="GB"/>
  <xs:enumeration value="IE"/><xs:enumeration value="FR"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Num"><xs:restriction base="xs:string"><xs:pattern value="[A-Z][0-9]{3}"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Short"><xs:restriction base="xs:string"><xs:maxLength value="4"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Few"><xs:restriction base="xs:int"><xs:minInclusive value="1"/><xs:maxInclusive value="9"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="Either"><xs:union memberTypes="xs:date Code"/></xs:simpleType>
  <xs:simpleType name="Many"><xs:list itemType="xs:int"/></xs:simpleType>"""
STAY = Shape(
    """<xs:sequence><xs:element name="Stay" minOccurs="0" maxOccurs="2"><xs:complexType><xs:sequence>
      <xs:element name="Kind" type="xs:string"/><xs:element name="Note" type="xs:string" minOccurs="0"/>
      <xs:element name="Why" type="xs:string"/></xs:sequence><xs:attribute name="no" type="Few" use="required"/>
      <xs:attribute name="in" type="xs:date" use="required"/></xs:complexType></xs:element></xs:sequence>""",
    (),
    more=TYPES,
    groups='[[case.group]]\nsection = "temporary_accommodation"\npath = "Stay"\n[case.group.columns]\n'
    'placement_no = "@no"\nentry_date = "@in"\nta_type = "Kind"\nta_la = "Note"\nexit_reason = "Why"\n',
)


def _schema_problems(shape: Shape, folder: Path, *spoil: tuple[str, str]) -> list[Problem]:
    profile = load_profile(str(shape.write_pack(folder / "pack")))
    con = connect(shape.rows())
    files = write_return(con, profile, folder / "out", personal=False, software_version="0.1.0")
    text = files.case.read_text(encoding="utf-8")
    for old, new in spoil:
        assert old in text, text
        text = text.replace(old, new)
    files.case.write_text(text, encoding="utf-8")
    return [problem for problem in check_return(files, con, profile).problems if problem.kind == "schema"]


def _placement(**values: Any) -> Any:
    def change(rows: Rows) -> None:
        rows["temporary_accommodation"][0].update(exit_reason="moved", **values)

    return change


def test_a_mandatory_element_without_a_value_is_named_with_its_field(tmp_path: Path) -> None:
    (told,) = _schema_problems(STAY, tmp_path)
    assert str(told) == (
        f"case {ref(1)}, field temporary_accommodation.exit_reason, element Stay/Why: The XSD demands this element, and"
        " the case has no value for it."
    )


def test_an_optional_element_that_could_come_first_is_not_demanded(tmp_path: Path) -> None:
    shape = replace(STAY, change=lambda rows: rows["temporary_accommodation"][0].update(ta_la=None))
    assert [problem.element for problem in _schema_problems(shape, tmp_path)] == ["Stay/Why"]


def test_a_mandatory_element_before_another_is_named_and_optional_ones_are_not(tmp_path: Path) -> None:
    shape = replace(STAY, change=lambda rows: rows["temporary_accommodation"][0].update(ta_type=None))
    told = _schema_problems(shape, tmp_path)
    assert (told[0].element, told[0].field) == ("Stay/Kind", "temporary_accommodation.ta_type")
    assert told[0].message.startswith("The XSD demands this element before Note")


def test_a_mandatory_attribute_without_a_value_is_named_with_its_field(tmp_path: Path) -> None:
    shape = replace(STAY, change=lambda rows: rows["temporary_accommodation"][0].update(entry_date=None))
    told = _schema_problems(shape, tmp_path)
    assert ("Stay/@in", "temporary_accommodation.entry_date") in [(one.element, one.field) for one in told]


def test_more_rows_than_the_xsd_allows_are_told_as_such(tmp_path: Path) -> None:
    def more(rows: Rows) -> None:
        first = rows["temporary_accommodation"][0]
        first["exit_reason"] = "moved"
        rows["temporary_accommodation"] += [{**first, "placement_no": number} for number in (2, 3)]

    shape = replace(
        STAY, content=STAY.content.replace('<xs:element name="Why"', '<xs:element name="Why" minOccurs="0"')
    )
    (told,) = _schema_problems(replace(shape, change=more), tmp_path)
    assert (told.case_ref, told.element) == (ref(1), "Stay")
    assert told.message == "The element stands here more often than the XSD allows."


def test_a_choice_of_which_nothing_is_there_names_its_elements_and_their_fields(tmp_path: Path) -> None:
    shape = replace(
        SHAPES["branch with a mark, ended"],
        groups='[[case.group]]\nsection = "relief"\npath = "Duty"\n[case.group.columns]\nrelief_start = "From"\n'
        'relief_end = "To"\nrelief_outcome = "Why"\n',
        change=lambda rows: rows["relief"][0].update(relief_end=None, relief_outcome=None),
    )
    (told,) = _schema_problems(shape, tmp_path)
    assert told.message == (
        "The XSD demands one of the elements To, StillOpen, and the case has a value for none of them."
    )
    assert (told.element, told.field) == ("Duty", "relief.relief_end")


# Type of the element, a text that does not fit, and what is said to be expected.
VALUES = {
    "date": ("xs:date", "PRIVATE", "a date, written like 2025-12-31."),
    "listed": ("Code", "PRIVATE", "one of FR, GB, IE."),
    "form": ("Num", "PRIVATE", "text of the form [A-Z][0-9]{3}."),
    "length": ("Short", "PRIVATE", "text of at most 4 characters."),
    "range": ("Few", "77", "a whole number not below 1, not above 9."),
    "either": ("Either", "PRIVATE", "a date, written like 2025-12-31 or one of FR, GB, IE."),
    "list": ("Many", "1 PRIVATE", "a list, parted by blanks, in which each is a whole number."),
    "flag": ("xs:boolean", "PRIVATE", "true or false (or 1 or 0)."),
    "empty": ("xs:date", "", "a date, written like 2025-12-31."),
}


@pytest.mark.parametrize("place", ["element", "attribute"])
@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_does_not_fit_is_told_by_what_is_expected(name: str, place: str, tmp_path: Path) -> None:
    kind, text, expected = VALUES[name]
    if place == "element":
        content = f'<xs:sequence><xs:element name="V" type="{kind}"/></xs:sequence>'
        spoil, where = ("<V>35</V>", f"<V>{text}</V>"), "V"
    else:
        content = f'<xs:sequence/><xs:attribute name="v" type="{kind}"/>'
        spoil, where = ('v="35"', f'v="{text}"'), "@v"
    groups = '[[case.group]]\nsection = "people"\nwhere = { relationship = "main_applicant" }\n[case.group.columns]\n'
    shape = Shape(content, (), more=TYPES, groups=f'{groups}age = "{where}"\n')
    (told,) = _schema_problems(shape, tmp_path, spoil)
    start = "The value does not fit" if text else "There is no value"
    assert told.message == f"{start}: the XSD expects {expected}"
    assert (told.case_ref, told.element, told.field) == (ref(1), where, "people.age")
    assert "PRIVATE" not in str(told) and "cvc" not in str(told).lower()


def test_fields_that_share_an_element_are_told_apart_by_the_row(tmp_path: Path) -> None:
    duty = '[[case.group]]\nsection = "{0}"\npath = "Duty"\nconstants = {{ "@kind" = "{1}" }}\n[case.group.columns]\n'
    shape = Shape(
        """<xs:sequence><xs:element name="Duty" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:attribute name="kind" use="required"/><xs:attribute name="from" type="xs:date" use="required"/>
        </xs:complexType></xs:element></xs:sequence>""",
        (),
        groups=duty.format("prevention", "P")
        + 'prevention_start = "@from"\n'
        + duty.format("relief", "R")
        + 'relief_start = "@from"\n',
    )
    (told,) = _schema_problems(shape, tmp_path, ('from="2025-11-20"', 'from="soon"'))
    assert told.field == "relief.relief_start"


# --- what is told of a pack -----------------------------------------------------------------------------------------


def _refusals(shape: Shape, folder: Path) -> str:
    return "\n".join(check_pack(str(shape.write_pack(folder))).refusals)


def _one(kind: str, main: str, **more: str) -> Shape:
    content = f'<xs:sequence><xs:element name="V" type="{kind}"/></xs:sequence>'
    return Shape(content, (), main=main, **{"more": TYPES, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (
            _one("xs:date", 'php_date = "V"\n', top='dates = "%d/%m/%Y"\n'),
            "Return/Case/V: main.php_date is written as %d/%m/%Y, and the XSD expects a date, written like 2025-12-31.",
        ),
        (
            _one("Num", 'nationality = "V"\n'),
            "Return/Case/V: codes of main.nationality whose value does not fit:",
        ),
        (
            _one("Code", 'nationality = "V"\n', top='[missing]\n"main.nationality" = "99"\n'),
            "Return/Case/V: 99, for a missing main.nationality, does not fit; the XSD expects one of FR, GB, IE.",
        ),
        (
            Shape(
                '<xs:sequence><xs:element name="V" type="xs:boolean"/></xs:sequence>',
                (),
                top='flags = { true = "Y", false = "N" }\n',
                groups='[[case.group]]\nsection = "people"\nwhere = { relationship = "main_applicant" }\n'
                '[case.group.columns]\npregnant = "V"\n',
            ),
            "Return/Case/V: what true and false are written as does not fit; the XSD expects true or false",
        ),
        (
            replace(
                _one("xs:string", 'nationality = "V"\n'),
                header='<xs:element name="Until" type="xs:date"/>',
                case='header_dates = "%d.%m.%Y"\n[case.header]\n"Until" = "last_day"\n',
            ),
            "Return/Until: dates are written as %d.%m.%Y, and the XSD expects a date, written like 2025-12-31.",
        ),
    ],
    ids=["dates", "codes", "missing", "flags", "header"],
)
def test_what_would_never_fit_is_refused_before_anything_is_written(shape: Shape, told: str, tmp_path: Path) -> None:
    assert told in _refusals(shape, tmp_path)


def test_an_element_that_may_stand_once_is_told_where_rows_may_be_many(tmp_path: Path) -> None:
    shape = replace(STAY, content=STAY.content.replace(' maxOccurs="2"', ""))
    notes = check_pack(str(shape.write_pack(tmp_path))).notes
    assert any("Return/Case/Stay: the XSD allows it once, and temporary_accommodation" in note for note in notes)


def test_a_faulty_xsd_is_told_without_namespaces_in_braces_and_without_paths(tmp_path: Path) -> None:
    shape = _one("xs:string", 'nationality = "V"\n', more='<xs:complexType name="X"><xs:any/></xs:complexType>')
    told = _refusals(shape, tmp_path)
    assert "return.xsd is not a valid XSD" in told and "(line" in told
    assert not re.search(r"[{}]|/tmp|http", told), told


@pytest.mark.parametrize(
    ("top", "told"),
    [
        ("dates = 5", "profile.toml: dates must be text."),
        ("flags = [1]", "profile.toml: flags must be a table."),
        ("missing = true", "profile.toml: missing must be text or a number or a table."),
        ('codes = { assess1 = "x" }', "profile.toml: [codes] assess1 must be a table."),
        ("unused = { x = 1 }", "profile.toml: [unused] x must be a list."),
        ('empty = "blank"', "empty and [empties] must be one of omit, empty, nil."),
    ],
)
def test_an_entry_of_the_wrong_kind_is_named(top: str, told: str, tmp_path: Path) -> None:
    assert _refusals(_one("xs:string", 'nationality = "V"\n', top=f"{top}\n"), tmp_path) == told


def test_an_entry_of_a_group_of_the_wrong_kind_is_named(tmp_path: Path) -> None:
    shape = replace(STAY, groups=STAY.groups.replace('path = "Stay"', 'path = "Stay"\nfilled = "entry_date"'))
    assert _refusals(shape, tmp_path) == "profile.toml: [case] group, 2, filled must be a list."
