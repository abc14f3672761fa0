"""Plausible shapes of an XSD, each met by configuration alone: invented packs, and what a case looks like in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.emit.returns import check_pack
from tests.returns.cases import Rows, ref
from tests.returns.shapes import Shape, cases_in, through

RELIEF = """
[[case.group]]
section = "relief"
path = "Duty"
[case.group.columns]
"""
PLACEMENTS = """
[[case.group]]
section = "temporary_accommodation"
"""


def _set(section: str, **values: Any) -> Any:
    def change(rows: Rows) -> None:
        for row in rows[section]:
            row.update(values)

    return change


def _open_relief(rows: Rows) -> None:
    rows["relief"][0].update(relief_end=None, relief_outcome=None)


def _two_placements(rows: Rows) -> None:
    first = rows["temporary_accommodation"][0]
    rows["temporary_accommodation"].append(
        {**first, "placement_no": 2, "ta_type": "hostel", "entry_date": date(2025, 12, 1)}
    )
    first.update(exit_date=date(2025, 12, 1))


def _no_homes(rows: Rows) -> None:
    rows["main"][0].update(lastaccom=None)
    rows["main"][1].update(lastaccom=None, currentaccom=None)


def _no_plan_no_loss(rows: Rows) -> None:
    rows["main"][0].update(php_date=None)
    rows["main"][1].update(php_date=None, reasonloss=None, reason_tenancy_end=None)


def _relief_open_none_ended(rows: Rows) -> None:
    first, _, third = rows["relief"]
    first.update(relief_end=None)
    third.update(relief_end=date(2025, 12, 20))
    rows["relief"] = [first, third]


def _two_needs(rows: Rows) -> None:
    for section in ("support_needs", "assistance"):
        rows[section].append({**rows[section][0], "support_need": "mental"})


def _two_needs_and_none(rows: Rows) -> None:
    _two_needs(rows)
    rows["assistance"] = [row for row in rows["assistance"] if row["case_ref"] == ref(1)]


ENDING = '<xs:element name="On" type="xs:date"/><xs:element name="Why" type="xs:string"/>'
DUTY_WITH_ENDING = f"""<xs:sequence><xs:element name="Duty" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
  <xs:sequence><xs:element name="From" type="xs:date"/>
    <xs:sequence minOccurs="0">{ENDING}<xs:element name="Note"><xs:complexType><xs:sequence/></xs:complexType>
    </xs:element></xs:sequence></xs:sequence></xs:complexType></xs:element></xs:sequence>"""
ENDING_COLUMNS = 'relief_start = "From"\nrelief_end = "On"\nrelief_outcome = "Why"\n'

OPEN_OR_ENDED = """<xs:sequence><xs:element name="Duty" minOccurs="0"><xs:complexType><xs:choice>
  <xs:element name="Ended"><xs:complexType><xs:sequence><xs:element name="From" type="xs:date"/>
    <xs:element name="To" type="xs:date"/><xs:element name="Why" type="xs:string"/></xs:sequence></xs:complexType>
  </xs:element>
  <xs:element name="Open"><xs:complexType><xs:attribute name="from" type="xs:date" use="required"/></xs:complexType>
  </xs:element></xs:choice></xs:complexType></xs:element></xs:sequence>"""
OPEN_OR_ENDED_COLUMNS = (
    'relief_start = ["Ended/From", "Open/@from"]\nrelief_end = "Ended/To"\nrelief_outcome = "Ended/Why"\n'
)

STILL_OPEN = """<xs:sequence><xs:element name="Duty" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="From" type="xs:date"/><xs:choice><xs:sequence><xs:element name="To" type="xs:date"/>
  <xs:element name="Why" type="xs:string"/></xs:sequence>
  <xs:element name="StillOpen"><xs:complexType/></xs:element></xs:choice>
  </xs:sequence></xs:complexType></xs:element></xs:sequence>"""
STILL_OPEN_GROUP = """
[[case.group]]
section = "relief"
path = "Duty"
constants = { "StillOpen" = "" }
[case.group.columns]
relief_start = "From"
relief_end = "To"
relief_outcome = "Why"
"""

STAYS = """<xs:complexType name="Stay" abstract="true"><xs:sequence><xs:element name="In" type="xs:date"/></xs:sequence>
  </xs:complexType>
  <xs:complexType name="HotelStay"><xs:complexContent><xs:extension base="Stay"><xs:sequence>
    <xs:element name="Hotel" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="OtherStay"><xs:complexContent><xs:extension base="Stay"><xs:sequence>
    <xs:element name="Out" type="xs:date" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent>
  </xs:complexType>"""
HEADS = """<xs:element name="Stay" abstract="true" type="StayType"/>
  <xs:complexType name="StayType"><xs:sequence><xs:element name="In" type="xs:date"/></xs:sequence></xs:complexType>
  <xs:element name="Hotel" substitutionGroup="Stay"/>
  <xs:element name="Place" substitutionGroup="Stay"/>"""

SHAPES = {
    "optional group in use": Shape(
        DUTY_WITH_ENDING,
        ("<Duty><From>2025-11-20</From><On>2025-12-20</On><Why>secured</Why><Note/></Duty>",),
        groups=RELIEF + ENDING_COLUMNS,
    ),
    "optional group not in use": Shape(
        DUTY_WITH_ENDING, ("<Duty><From>2025-11-20</From></Duty>",), groups=RELIEF + ENDING_COLUMNS, change=_open_relief
    ),
    "optional element with a mandatory constant, not in use": Shape(
        """<xs:sequence><xs:element name="Home" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="Scheme" type="xs:string"/><xs:element name="Code" type="xs:string"/></xs:sequence>
        </xs:complexType></xs:element></xs:sequence>""",
        ("",),
        main='lastaccom = "Home/Code"\n[case.group.constants]\n"Home/Scheme" = "H1"\n',
        change=_set("main", lastaccom=None),
    ),
    "optional element with a mandatory constant, in use": Shape(
        """<xs:sequence><xs:element name="Home" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="Scheme" type="xs:string"/><xs:element name="Code" type="xs:string"/></xs:sequence>
        </xs:complexType></xs:element></xs:sequence>""",
        ("<Home><Scheme>H1</Scheme><Code>prs_self</Code></Home>",),
        main='lastaccom = "Home/Code"\n[case.group.constants]\n"Home/Scheme" = "H1"\n',
    ),
    "branch chosen by the fields, ended": Shape(
        OPEN_OR_ENDED,
        ("<Duty><Ended><From>2025-11-20</From><To>2025-12-20</To><Why>secured</Why></Ended></Duty>",),
        groups=RELIEF + OPEN_OR_ENDED_COLUMNS,
    ),
    "branch chosen by the fields, open": Shape(
        OPEN_OR_ENDED,
        ('<Duty><Open from="2025-11-20"/></Duty>',),
        groups=RELIEF + OPEN_OR_ENDED_COLUMNS,
        change=_open_relief,
    ),
    "branch with a mark, ended": Shape(
        STILL_OPEN,
        ("<Duty><From>2025-11-20</From><To>2025-12-20</To><Why>secured</Why></Duty>",),
        groups=STILL_OPEN_GROUP,
    ),
    "branch with a mark, open": Shape(
        STILL_OPEN,
        ("<Duty><From>2025-11-20</From><StillOpen/></Duty>",),
        groups=STILL_OPEN_GROUP,
        change=_open_relief,
    ),
    "branch chosen by the profile": Shape(
        """<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="OpenStay"><xs:complexType>
        <xs:attribute name="in" type="xs:date" use="required"/></xs:complexType></xs:element>
        <xs:element name="PastStay"><xs:complexType><xs:attribute name="in" type="xs:date" use="required"/>
        <xs:attribute name="out" type="xs:date" use="required"/></xs:complexType></xs:element></xs:choice>""",
        ('<OpenStay in="2025-12-01"/><PastStay in="2025-11-21" out="2025-12-01"/>',),
        groups=PLACEMENTS
        + 'name = "open"\npath = "OpenStay"\nunfilled = ["exit_date"]\n[case.group.columns]\nentry_date = "@in"\n'
        + PLACEMENTS
        + 'name = "past"\npath = "PastStay"\nfilled = ["exit_date"]\n[case.group.columns]\n'
        + 'entry_date = "@in"\nexit_date = "@out"\n',
        change=_two_placements,
    ),
    "substitution group by a code": Shape(
        '<xs:sequence><xs:element ref="Stay" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>',
        ("<Hotel><In>2025-11-21</In></Hotel><Place><In>2025-12-01</In></Place>",),
        more=HEADS,
        groups=PLACEMENTS
        + 'path = "{by}"\nby = { column = "ta_type", bb = "Hotel", nightly = "Hotel", "*" = "Place" }\n'
        + '[case.group.columns]\nentry_date = "In"\n',
        change=_two_placements,
    ),
    "abstract type by a code": Shape(
        '<xs:sequence><xs:element name="S" type="Stay" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>',
        (
            '<S xsi:type="HotelStay"><In>2025-11-21</In><Hotel>E06000034</Hotel></S>'
            '<S xsi:type="OtherStay"><In>2025-12-01</In></S>',
        ),
        more=STAYS,
        groups=PLACEMENTS
        + 'name = "hotels"\npath = "S(HotelStay)"\nwhere = { ta_type = ["bb"] }\n'
        + '[case.group.columns]\nentry_date = "In"\nta_la = "Hotel"\n'
        + PLACEMENTS
        + 'name = "others"\npath = "S(OtherStay)"\nunless = { ta_type = ["bb"] }\n'
        + '[case.group.columns]\nentry_date = "In"\nexit_date = "Out"\n',
        change=_two_placements,
    ),
    "a substitution group in a choice that may be repeated": Shape(
        """<xs:sequence><xs:element name="Stays" minOccurs="0"><xs:complexType><xs:choice maxOccurs="unbounded">
        <xs:element ref="Stay"/></xs:choice></xs:complexType></xs:element></xs:sequence>""",
        ("<Stays><Hotel><In>2025-11-21</In></Hotel><Place><In>2025-12-01</In></Place></Stays>",),
        more=HEADS,
        groups=PLACEMENTS
        + 'path = "Stays/{by}"\nby = { column = "ta_type", bb = "Hotel", "*" = "Place" }\n'
        + '[case.group.columns]\nentry_date = "In"\n',
        change=_two_placements,
    ),
    "a row laid into the case of which nothing is known": Shape(
        '<xs:sequence><xs:element name="P" type="xs:string"/></xs:sequence>',
        ("<P>U</P>",),
        top='[missing]\n"people.pregnant" = "U"\n',
        groups='[[case.group]]\nsection = "people"\nwhere = { relationship = "main_applicant" }\ncount = false\n'
        '[case.group.columns]\npregnant = "P"\n',
    ),
    "types that tell sections apart": Shape(
        '<xs:sequence><xs:element name="Duty" type="Duty" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>',
        (
            '<Duty xsi:type="Prevention"><From>2025-10-09</From></Duty>'
            '<Duty xsi:type="Relief"><From>2025-11-20</From></Duty>',
        ),
        more="""<xs:complexType name="Duty" abstract="true"><xs:sequence><xs:element name="From" type="xs:date"/>
        </xs:sequence></xs:complexType><xs:complexType name="Prevention"><xs:complexContent><xs:extension base="Duty"/>
        </xs:complexContent></xs:complexType><xs:complexType name="Relief"><xs:complexContent>
        <xs:extension base="Duty"/></xs:complexContent></xs:complexType>""",
        groups='[[case.group]]\nsection = "prevention"\npath = "Duty(Prevention)"\n[case.group.columns]\n'
        'prevention_start = "From"\n' + RELIEF.replace("Duty", "Duty(Relief)") + 'relief_start = "From"\n',
    ),
    "type chosen for a single element": Shape(
        '<xs:sequence><xs:element name="S" type="Stay" minOccurs="0"/></xs:sequence>',
        ('<S xsi:type="OtherStay"><In>2025-10-02</In></S>',),
        more=STAYS,
        main='application_date = "S(OtherStay)/In"\n',
    ),
    "repeated plain elements, one for each row": Shape(
        '<xs:sequence><xs:element name="NEED" type="xs:string" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>',
        ("<NEED>05</NEED><NEED>07</NEED>",),
        top='[codes.support_need]\nbudgeting = "05"\nmental = "07"\n',
        groups='[[case.group]]\nsection = "support_needs"\npath = "NEED"\n[case.group.columns]\nsupport_need = "."\n',
        change=lambda rows: rows["support_needs"].append({**rows["support_needs"][0], "support_need": "mental"}),
    ),
    "repeated plain elements with an attribute": Shape(
        """<xs:sequence><xs:element name="Help" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:simpleContent>
        <xs:extension base="xs:string"><xs:attribute name="need" type="xs:string"/></xs:extension></xs:simpleContent>
        </xs:complexType></xs:element></xs:sequence>""",
        ('<Help need="budgeting">provided</Help>',),
        groups='[[case.group]]\nsection = "assistance"\npath = "Help"\n[case.group.columns]\nassistance = "."\n'
        'support_need = "@need"\n',
    ),
    "elements of a row without one around them": Shape(
        """<xs:sequence><xs:sequence minOccurs="0" maxOccurs="unbounded"><xs:element name="In" type="xs:date"/>
        <xs:element name="Out" type="xs:date" minOccurs="0"/><xs:element name="Kind"><xs:complexType>
        <xs:attribute name="c" use="required"/></xs:complexType></xs:element></xs:sequence>
        <xs:element name="D" type="xs:date"/></xs:sequence>""",
        (
            '<In>2025-11-21</In><Out>2025-12-01</Out><Kind c="bb"/><In>2025-12-01</In><Kind c="hostel"/>'
            "<D>2025-10-02</D>",
        ),
        main='application_date = "D"\n',
        groups=PLACEMENTS + 'repeat = true\n[case.group.columns]\nentry_date = "In"\nexit_date = "Out"\n'
        'ta_type = "Kind/@c"\n',
        change=_two_placements,
    ),
    "elements of a row side by side in one wrapper": Shape(
        """<xs:sequence><xs:element name="Needs" minOccurs="0"><xs:complexType><xs:sequence maxOccurs="unbounded">
        <xs:element name="N" type="xs:string"/><xs:element name="H" type="xs:string"/></xs:sequence></xs:complexType>
        </xs:element></xs:sequence>""",
        ("<Needs><N>budgeting</N><H>provided</H><N>mental</N><H>provided</H></Needs>", ""),
        groups='[[case.group]]\nsection = "assistance"\nunder = "Needs"\nrepeat = true\n[case.group.columns]\n'
        'support_need = "N"\nassistance = "H"\n',
        change=_two_needs_and_none,
        count=2,
    ),
    "repeated plain elements, one for each code": Shape(
        '<xs:sequence><xs:element name="BEN" type="xs:string" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>',
        ("<BEN>uc</BEN><BEN>hb</BEN>",),
        main='benefits = "BEN"\n',
    ),
    "a code for what is missing": Shape(
        """<xs:sequence><xs:element name="Nat" type="xs:string"/>
        <xs:element name="Loss" type="xs:string" minOccurs="0"/><xs:element name="Homes"><xs:complexType>
        <xs:attribute name="last" type="xs:string" use="required"/>
        <xs:attribute name="now" type="xs:string"/></xs:complexType></xs:element></xs:sequence>""",
        ('<Nat>99</Nat><Homes last="98"/>',),
        top='[missing]\ndefault = "99"\n"main.lastaccom" = "98"\n',
        main='nationality = "Nat"\nreasonloss = "Loss"\nlastaccom = "Homes/@last"\ncurrentaccom = "Homes/@now"\n',
        change=_set("main", nationality=None, reasonloss=None, lastaccom=None, currentaccom=None),
    ),
    "a code for what is missing does not put an optional element to use": Shape(
        """<xs:sequence><xs:element name="Homes" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="Last" type="xs:string"/><xs:element name="Now" type="xs:string"/></xs:sequence>
        </xs:complexType></xs:element></xs:sequence>""",
        ("<Homes><Last>99</Last><Now>family</Now></Homes>", ""),
        top='missing = "99"\n',
        main='lastaccom = "Homes/Last"\ncurrentaccom = "Homes/Now"\n',
        change=_no_homes,
        count=2,
    ),
    "a code for what is missing, where the XSD lists it": Shape(
        """<xs:sequence><xs:element name="Nat"><xs:simpleType><xs:restriction base="xs:string">
        <xs:pattern value="[A-Z]{2}|nk|non_eea|other_eea"/></xs:restriction></xs:simpleType></xs:element>
        <xs:element name="Ben" type="xs:string" maxOccurs="unbounded"/></xs:sequence>""",
        ("<Nat>GB</Nat><Ben>99</Ben>",),
        top="missing = 99\n",
        main='nationality = "Nat"\nbenefits = "Ben"\n',
        change=_set("main", benefits=None),
    ),
    "files in folders": Shape(
        '<xs:sequence><xs:element name="D" type="Day"/><xs:element name="Nat" type="c:Nat" minOccurs="0"/>'
        "</xs:sequence>",
        ("<D>2025-10-02</D><Nat>GB</Nat>",),
        attributes='xmlns:c="urn:codes"',
        more='<xs:include schemaLocation="types/days.xsd"/>'
        '<xs:import namespace="urn:codes" schemaLocation="types/codes/nat.xsd"/>',
        main='application_date = "D"\nnationality = "Nat"\n',
        files=(
            (
                "types/days.xsd",
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="../base/base.xsd"/>'
                '<xs:simpleType name="Day"><xs:restriction base="AnyDay"/></xs:simpleType></xs:schema>',
            ),
            (
                "base/base.xsd",
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="AnyDay">'
                '<xs:restriction base="xs:date"/></xs:simpleType></xs:schema>',
            ),
            (
                "types/codes/nat.xsd",
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:codes">'
                '<xs:simpleType name="Nat"><xs:restriction base="xs:string"><xs:maxLength value="9"/>'
                "</xs:restriction></xs:simpleType></xs:schema>",
            ),
        ),
    ),
    "restriction of a complex type": Shape(
        '<xs:sequence><xs:element name="P" type="Short"/></xs:sequence>',
        ('<P b="prs_self"><X>2025-10-02</X></P>',),
        more="""<xs:complexType name="Long"><xs:sequence><xs:element name="X" type="xs:date"/>
        <xs:element name="Y" type="xs:string" minOccurs="0"/></xs:sequence>
        <xs:attribute name="a" type="xs:string"/><xs:attribute name="b" type="xs:string"/></xs:complexType>
        <xs:complexType name="Short"><xs:complexContent><xs:restriction base="Long"><xs:sequence>
        <xs:element name="X" type="xs:date"/></xs:sequence><xs:attribute name="a" use="prohibited"/>
        <xs:attribute name="b" type="xs:string" use="required"/></xs:restriction></xs:complexContent>
        </xs:complexType>""",
        main='application_date = "P/X"\nlastaccom = "P/@b"\n',
    ),
    "extension of an extension, in order": Shape(
        '<xs:sequence><xs:element name="P" type="C3"/></xs:sequence>',
        ("<P><One>2025-10-02</One><Two>GB</Two><Three>prs_self</Three></P>",),
        more="""<xs:complexType name="C1"><xs:sequence><xs:element name="One" type="xs:date"/></xs:sequence>
        </xs:complexType><xs:complexType name="C2"><xs:complexContent><xs:extension base="C1"><xs:sequence>
        <xs:element name="Two" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
        <xs:complexType name="C3"><xs:complexContent><xs:extension base="C2"><xs:sequence><xs:element name="Three"
        type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>""",
        main='lastaccom = "P/Three"\nnationality = "P/Two"\napplication_date = "P/One"\n',
    ),
    "all, groups and attribute groups": Shape(
        """<xs:sequence><xs:element name="A"><xs:complexType><xs:all><xs:element name="X" type="xs:date"/>
        <xs:element name="Y" type="xs:string" minOccurs="0"/></xs:all><xs:attributeGroup ref="Homes"/></xs:complexType>
        </xs:element><xs:group ref="Loss" minOccurs="0"/></xs:sequence>""",
        (
            '<A now="family"><X>2025-10-02</X></A><Why>prs_ast</Why><Detail>landlord_sell</Detail>',
            '<A now="family"><X>2025-10-02</X></A>',
        ),
        more="""<xs:attributeGroup name="Homes"><xs:attribute name="now" type="xs:string" use="required"/>
        </xs:attributeGroup><xs:group name="Loss"><xs:sequence><xs:element name="Why" type="xs:string"/>
        <xs:element name="Detail" type="xs:string"/></xs:sequence></xs:group>""",
        main='application_date = "A/X"\nphp_date = "A/Y"\ncurrentaccom = "A/@now"\nreasonloss = "Why"\n'
        'reason_tenancy_end = "Detail"\n',
        change=lambda rows: (
            [row.update(php_date=None) for row in rows["main"]]
            and rows["main"][1].update(reasonloss=None, reason_tenancy_end=None)
        ),
        count=2,
    ),
    "a choice that may be repeated": Shape(
        """<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="R"><xs:complexType><xs:sequence>
        <xs:element name="From" type="xs:date"/></xs:sequence></xs:complexType></xs:element>
        <xs:element name="Home"><xs:complexType><xs:sequence><xs:element name="Last" type="xs:string"/></xs:sequence>
        </xs:complexType></xs:element></xs:choice>""",
        ("<R><From>2025-11-20</From></R>",),
        main='lastaccom = "Home/Last"\n',
        groups=RELIEF.replace("Duty", "R") + 'relief_start = "From"\n',
        change=_set("main", lastaccom=None),
    ),
    "union, list, nillable, fixed and default": Shape(
        """<xs:sequence><xs:element name="Nat"><xs:simpleType><xs:union><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="GB"/></xs:restriction></xs:simpleType><xs:simpleType><xs:restriction base="xs:string">
        <xs:length value="1"/></xs:restriction></xs:simpleType></xs:union></xs:simpleType></xs:element>
        <xs:element name="Ben"><xs:simpleType><xs:list itemType="xs:string"/></xs:simpleType></xs:element>
        <xs:element name="Plan" type="xs:date" nillable="true"/>
        <xs:element name="Version" type="xs:string" fixed="7"/><xs:element name="Land" type="xs:string" default="E"/>
        </xs:sequence>""",
        ('<Nat>GB</Nat><Ben>uc hb</Ben><Plan xsi:nil="true"/><Version>7</Version><Land>E</Land>',),
        top='[empties]\n"main.php_date" = "nil"\n',
        main='nationality = "Nat"\nbenefits = { path = "Ben", join = " " }\nphp_date = "Plan"\n',
        change=_set("main", php_date=None),
    ),
    "elements without a namespace in a schema with one": Shape(
        '<xs:sequence><xs:element name="D" type="xs:date"/><xs:element ref="t:G" minOccurs="0"/></xs:sequence>',
        ("<D>2025-10-02</D><n1:G>GB</n1:G>",),
        attributes='targetNamespace="urn:t" xmlns:t="urn:t"',
        more='<xs:element name="G" type="xs:string"/>',
        main='application_date = "D"\nnationality = "G"\n',
    ),
    "dates of the header in forms of their own": Shape(
        '<xs:sequence><xs:element name="D" type="xs:date"/></xs:sequence>',
        ("<D>2025-10-02</D>",),
        header='<xs:element name="H"><xs:complexType><xs:attribute name="from" type="xs:date" use="required"/>'
        '<xs:attribute name="made" type="xs:dateTime" use="required"/><xs:attribute name="to" use="required">'
        '<xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[0-9]{2}/[0-9]{2}/[0-9]{4}"/>'
        "</xs:restriction></xs:simpleType></xs:attribute>"
        '<xs:attribute name="n" type="xs:int" use="required"/></xs:complexType></xs:element>',
        case='header_dates = "%d/%m/%Y"\n[case.header]\n"H/@to" = "last_day"\n"H/@n" = "records"\n'
        '"H/@from" = { field = "first_day", dates = "%Y-%m-%d" }\n'
        '"H/@made" = { field = "as_at", dates = "%Y-%m-%dT00:00:00" }\n',
        main='application_date = "D"\n',
    ),
    "codes as a list in an attribute": Shape(
        '<xs:sequence><xs:element name="B"><xs:complexType><xs:attribute name="codes" type="Codes"/></xs:complexType>'
        "</xs:element></xs:sequence>",
        ('<B codes="uc hb"/>', "<B/>"),
        more='<xs:simpleType name="Codes"><xs:list itemType="xs:NMTOKEN"/></xs:simpleType>',
        main='benefits = { path = "B/@codes", join = " " }\n',
        change=lambda rows: rows["main"][1].update(benefits=None),
        count=2,
    ),
    "a choice in the header": Shape(
        '<xs:sequence><xs:element name="D" type="xs:date"/></xs:sequence>',
        ("<D>2025-10-02</D>",),
        header="""<xs:choice><xs:element name="Code" type="xs:string"/><xs:sequence><xs:element name="Name"
        type="xs:string"/><xs:element name="Region" type="xs:string"/></xs:sequence></xs:choice>
        <xs:sequence minOccurs="0"><xs:element name="Made" type="xs:date"/></xs:sequence>""",
        case='[case.header]\n"Code" = "authority"\n"Made" = "as_at"\n',
        main='application_date = "D"\n',
    ),
    "a nil element with attributes": Shape(
        """<xs:sequence><xs:element name="P" nillable="true"><xs:complexType><xs:simpleContent><xs:extension
        base="xs:date"><xs:attribute name="how" type="xs:string" use="required"/></xs:extension></xs:simpleContent>
        </xs:complexType></xs:element></xs:sequence>""",
        ('<P how="no" xsi:nil="true"/>',),
        top='[empties]\n"main.php_date" = "nil"\n',
        main='php_date = "P"\nreferral = "P/@how"\n',
        change=_set("main", php_date=None),
    ),
    "files that import each other, and one without a namespace of its own": Shape(
        '<xs:sequence><xs:element name="D" type="t:Day"/><xs:element ref="c:Nat" minOccurs="0"/></xs:sequence>',
        ("<D>2025-10-02</D><n2:Nat>GB</n2:Nat>",),
        attributes='targetNamespace="urn:t" xmlns:t="urn:t" xmlns:c="urn:c"',
        more='<xs:include schemaLocation="plain.xsd"/><xs:import namespace="urn:c" schemaLocation="c.xsd"/>',
        main='application_date = "D"\nnationality = "Nat"\n',
        files=(
            (
                "plain.xsd",
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="Day"><xs:restriction'
                ' base="Any"/></xs:simpleType><xs:simpleType name="Any"><xs:restriction base="xs:date"/>'
                "</xs:simpleType></xs:schema>",
            ),
            (
                "c.xsd",
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:c" xmlns:t="urn:t">'
                '<xs:import namespace="urn:t" schemaLocation="return.xsd"/><xs:element name="Nat" type="xs:string"/>'
                "</xs:schema>",
            ),
        ),
    ),
    "a group used twice": Shape(
        """<xs:sequence><xs:element name="A"><xs:complexType><xs:group ref="Pair"/></xs:complexType></xs:element>
        <xs:element name="B" minOccurs="0"><xs:complexType><xs:group ref="Pair"/></xs:complexType></xs:element>
        </xs:sequence>""",
        ("<A><On>2025-10-02</On></A><B><Code>family</Code></B>",),
        more="""<xs:group name="Pair"><xs:choice><xs:element name="On" type="xs:date"/>
        <xs:element name="Code" type="xs:string"/></xs:choice></xs:group>""",
        main='application_date = "A/On"\ncurrentaccom = "B/Code"\n',
    ),
    "mixed content": Shape(
        '<xs:sequence><xs:element name="N" minOccurs="0"><xs:complexType mixed="true"><xs:sequence><xs:element name="b"'
        ' type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:sequence>',
        ("<N>family</N>",),
        main='currentaccom = "N"\n',
    ),
    "a choice in a choice": Shape(
        """<xs:choice><xs:element name="None"><xs:complexType/></xs:element><xs:sequence>
        <xs:element name="On" type="xs:date"/><xs:choice><xs:element name="Left" type="xs:date"/>
        <xs:element name="There"><xs:complexType/></xs:element></xs:choice></xs:sequence></xs:choice>""",
        ("<On>2025-11-20</On><There/>", "<None/>", "<On>2025-11-20</On><Left>2025-12-20</Left>"),
        groups='[[case.group]]\nsection = "relief"\nconstants = { There = "" }\n[case.group.columns]\n'
        'relief_start = "On"\nrelief_end = "Left"\n',
        main='[case.group.constants]\n"None" = ""\n',
        change=_relief_open_none_ended,
        count=3,
    ),
    "several rows beside each other, each in an optional element": Shape(
        """<xs:sequence><xs:element name="First" minOccurs="0"><xs:complexType>
        <xs:attribute name="need" use="required"/><xs:attribute name="set" type="xs:string" use="required"/>
        </xs:complexType></xs:element>
        <xs:element name="Second" minOccurs="0"><xs:complexType><xs:attribute name="need" use="required"/>
        </xs:complexType></xs:element></xs:sequence>""",
        ('<First need="budgeting" set="A"/>',),
        main='[case.group.constants]\n"First/@set" = "A"\n',
        groups='[[case.group]]\nname = "one"\nsection = "support_needs"\nwhere = { support_need = "budgeting" }\n'
        '[case.group.columns]\nsupport_need = "First/@need"\n[[case.group]]\nname = "two"\n'
        'section = "support_needs"\nwhere = { support_need = "mental" }\n[case.group.columns]\n'
        'support_need = "Second/@need"\n',
    ),
    "rows inside rows of which a code chooses the element": Shape(
        """<xs:sequence><xs:element name="Need" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="Help" minOccurs="0"/></xs:sequence><xs:attribute name="c" use="required"/></xs:complexType>
        </xs:element><xs:element name="Other" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="Help" minOccurs="0"/></xs:sequence><xs:attribute name="c" use="required"/></xs:complexType>
        </xs:element></xs:sequence>""",
        ('<Need c="budgeting"><Help>provided</Help></Need><Other c="mental"><Help>provided</Help></Other>',),
        groups='[[case.group]]\nname = "needs"\nsection = "support_needs"\npath = "{by}"\n'
        'by = { column = "support_need", budgeting = "Need", "*" = "Other" }\n[case.group.columns]\n'
        'support_need = "@c"\n[[case.group]]\nsection = "assistance"\nwithin = "needs"\npath = "Help"\n'
        'match = ["support_need"]\n[case.group.columns]\nassistance = "."\n',
        change=_two_needs,
    ),
    "one element in both branches of a choice": Shape(
        """<xs:sequence><xs:element name="S" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:choice>
        <xs:sequence><xs:element name="Out" type="xs:date"/><xs:element name="Kind" type="xs:string"/></xs:sequence>
        <xs:sequence><xs:element name="In" type="xs:date"/><xs:element name="Kind" type="xs:string"/></xs:sequence>
        </xs:choice></xs:complexType></xs:element></xs:sequence>""",
        ("<S><In>2025-11-21</In><Kind>bb</Kind></S>",),
        groups=PLACEMENTS
        + 'path = "S"\n[case.group.columns]\nexit_date = "Out"\nentry_date = "In"\nta_type = "Kind"\n',
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_case_takes_the_shape_of_the_pack(name: str, tmp_path: Path) -> None:
    shape = SHAPES[name]
    files, checked = through(shape, tmp_path)
    assert cases_in(files.case) == shape.expected
    assert [str(problem) for problem in checked.problems] == []


def test_what_is_mandatory_in_a_part_in_use_is_a_problem_and_not_left_out_in_silence(tmp_path: Path) -> None:
    for shape in ("optional group in use", "branch with a mark, ended", "branch chosen by the fields, ended"):
        lacking = replace(SHAPES[shape], change=_set("relief", relief_outcome=None))
        files, checked = through(lacking, tmp_path / shape)
        assert "2025-12-20" in files.case.read_text(encoding="utf-8"), "the end is written, and its outcome missed"
        assert [(problem.kind, problem.case_ref) for problem in checked.problems] == [("schema", ref(1))], shape


REFUSED = {
    "rows in place where nothing is repeated": (
        '<xs:sequence><xs:element name="In" type="xs:date"/></xs:sequence>',
        "",
        '[[case.group]]\nsection = "temporary_accommodation"\nrepeat = true\n[case.group.columns]\nentry_date = "In"\n',
        "Group temporary_accommodation: repeat is for elements in a repeated xs:sequence",
    ),
    "abstract element": (
        '<xs:sequence><xs:element ref="Stay" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>',
        HEADS.replace('<xs:element name="Hotel" substitutionGroup="Stay"/>', "").replace(
            '<xs:element name="Place" substitutionGroup="Stay"/>', ""
        ),
        'application_date = "Stay/In"\n',
        "Return/Case/Stay: abstract in the XSD; name the element that stands for it.",
    ),
    "abstract type": (
        '<xs:sequence><xs:element name="S" type="Stay" minOccurs="0"/></xs:sequence>',
        STAYS,
        'application_date = "S/In"\n',
        "Return/Case/S: its type is abstract; name the one that is meant, as S(Type). The XSD has HotelStay, Other",
    ),
    "type that the XSD lacks": (
        '<xs:sequence><xs:element name="S" type="Stay" minOccurs="0"/></xs:sequence>',
        STAYS,
        'application_date = "S(ShortStay)/In"\n',
        "Return/Case/S: the XSD has no type ShortStay; it has HotelStay, OtherStay.",
    ),
    "mandatory part of a chosen type": (
        '<xs:sequence><xs:element name="S" type="Stay" minOccurs="0"/></xs:sequence>',
        STAYS,
        'application_date = "S(HotelStay)/In"\n',
        "Return/Case/S/Hotel: mandatory in the XSD, and nothing is mapped to it.",
    ),
    "several codes in one plain element": (
        '<xs:sequence><xs:element name="B" type="xs:string" minOccurs="0"/></xs:sequence>',
        "",
        'benefits = "."\n',
        "main.benefits, which holds several codes, to one element",
    ),
    "redefined types": (
        '<xs:sequence><xs:element name="D" type="xs:date"/></xs:sequence>',
        '<xs:redefine schemaLocation="return.xsd"/>',
        'application_date = "D"\n',
        "return.xsd uses xs:redefine, which is not supported: ask for an XSD in which the changed types",
    ),
    "XSD 1.1": (
        '<xs:sequence><xs:element name="D" type="xs:date"/></xs:sequence>',
        '<xs:complexType name="X"><xs:sequence/><xs:assert test="true()"/></xs:complexType>',
        'application_date = "D"\n',
        "return.xsd uses xs:assert of XSD 1.1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    content, more, main, told = REFUSED[name]
    report = check_pack(str(Shape(content, (), more=more, main=main).write_pack(tmp_path)))
    assert told in "\n".join(report.refusals)
