"""The XSD files of the provisional profile, generated from the section models.

``python -m schemas.returns.generate`` writes them; a test holds the committed ones to what is generated.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from lxml import etree

from schemas.codelists import codelist
from schemas.returns.profile import (
    PROVISIONAL,
    FileProfile,
    Group,
    Mapped,
    Profile,
)
from schemas.returns.reader import profile_folder, read_profile
from schemas.sections import CASE_REF_PATTERN, SECTION, Column

XS = "http://www.w3.org/2001/XMLSchema"
_TYPES = {"date": "xs:date", "integer": "xs:nonNegativeInteger", "number": "xs:decimal", "flag": "xs:boolean"}
_HEADER_TYPES = {"first_day": "xs:date", "last_day": "xs:date", "as_at": "xs:date"}
_NOTE = (
    "Provisional: generated from the section models of hclic. Not MHCLG's XSD, which is not public;"
    " a return that fits it has not been checked against MHCLG's files."
)


def _add(parent: etree._Element, kind: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XS}}}{kind}", attributes)


def _children(parent: etree._Element) -> etree._Element:
    return _add(_add(parent, "complexType"), "sequence")


def _type(column: Column) -> str:
    if column.codelist is not None:
        return f"{column.codelist}_{'list' if column.kind == 'codes' else 'code'}"
    if column.name == "case_ref":
        return "case_reference"
    return _TYPES.get(column.kind, "xs:string")


def _leaf(parent: etree._Element, mapped: Mapped) -> None:
    column = mapped.column
    attributes = {"name": mapped.path[-1], "type": _type(column)}
    if not column.required:
        attributes["minOccurs"] = "0"
    leaf = _add(parent, "element", **attributes)
    number = f" ({column.number})" if column.number else ""
    _add(_add(leaf, "annotation"), "documentation").text = column.description + number


def _row(parent: etree._Element, group: Group) -> None:
    holder = parent
    under = group.columns[0].path[:-1]
    for step in under:
        holder = _children(_add(holder, "element", name=step))
    for mapped in group.columns:
        _leaf(holder, mapped)


def _document(profile: Profile, file: FileProfile) -> bytes:
    root = etree.Element(f"{{{XS}}}schema", {"elementFormDefault": "qualified"}, nsmap={"xs": XS})
    _add(_add(root, "annotation"), "documentation").text = _NOTE
    top, *middle, unit = file.unit
    holder = _children(_add(root, "element", name=top))
    header: etree._Element | None = None
    for path, name in file.header.items():
        if header is None:
            header = _children(_add(holder, "element", name=path[0]))
        _add(header, "element", name=path[1], type=_HEADER_TYPES.get(name, "xs:string"))
    for step in middle:
        holder = _children(_add(holder, "element", name=step))
    case = _children(_add(holder, "element", name=unit, minOccurs="0", maxOccurs="unbounded"))
    _row(case, file.root_group)
    for group in file.groups[1:]:
        most = "unbounded" if SECTION[group.section].many else "1"
        row = _add(case, "element", name=group.path[-1], minOccurs="0", maxOccurs=most)
        _row(_children(row), group)
    columns = [mapped.column for group in file.groups for mapped in group.columns]
    _simple_types(root, profile, columns)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _simple_types(root: etree._Element, profile: Profile, columns: list[Column]) -> None:
    reference = _add(_add(root, "simpleType", name="case_reference"), "restriction", base="xs:string")
    _add(reference, "pattern", value=CASE_REF_PATTERN.strip("^$"))
    by_list = {column.codelist: column for column in columns if column.codelist is not None}
    multiple = {column.codelist for column in columns if column.kind == "codes"}
    for name in sorted(by_list):
        codes = _add(_add(root, "simpleType", name=f"{name}_code"), "restriction", base="xs:string")
        labels = codelist(name).codes
        for code, value in profile.official_values(by_list[name]).items():
            entry = _add(codes, "enumeration", value=str(value))
            _add(_add(entry, "annotation"), "documentation").text = labels[code].label
        if name in multiple:
            _add(_add(root, "simpleType", name=f"{name}_list"), "list", itemType=f"{name}_code")


def generate_xsd() -> dict[str, bytes]:
    """The provisional profile's XSD files, by file name. Same models, same bytes."""
    profile = read_profile(profile_folder(PROVISIONAL))
    return {file.schema: _document(profile, file) for file in profile.files.values()}


def main() -> None:
    """Write the XSD files beside the provisional profile."""
    folder = Path(str(files(__package__))) / PROVISIONAL
    for name, content in generate_xsd().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
