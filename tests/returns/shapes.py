"""Small invented packs: one case element of a given shape, and what a case looks like when it is written through it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from pipelines.emit.returns import CheckedReturn, ReturnFiles, check_return, load_profile, write_return
from tests.returns.cases import Rows, case_rows, connect

SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" {attributes}>
{more}
<xs:element name="Return"><xs:complexType><xs:sequence>{header}
  <xs:element name="Case" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
    {content}
    <xs:attribute name="ref" type="xs:string" use="required"/>{case_attributes}
  </xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""
PROFILE = """name = "shape"
version = "1"
provisional = false
{top}
[case]
schema = "return.xsd"
path = "Return/Case"
{case}
[[case.group]]
section = "main"
[case.group.columns]
case_ref = "@ref"
{main}
{groups}
"""


@dataclass(frozen=True)
class Shape:
    """A pack and what is expected of it. ``content``: of the case element; the profile's parts as TOML."""

    content: str
    expected: tuple[str, ...]
    """What the case elements hold, in order: without white space, comments and namespaces' declarations."""
    more: str = ""
    header: str = ""
    attributes: str = ""
    case_attributes: str = ""
    top: str = ""
    case: str = ""
    main: str = ""
    groups: str = ""
    change: Callable[[Rows], None] = field(default=lambda rows: None)
    files: tuple[tuple[str, str], ...] = ()
    count: int = 1

    def write_pack(self, folder: Path) -> Path:
        """Write the pack into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        schema = SCHEMA.format(
            attributes=self.attributes,
            more=self.more,
            header=self.header,
            content=self.content,
            case_attributes=self.case_attributes,
        )
        (folder / "return.xsd").write_text(schema, encoding="utf-8")
        profile = PROFILE.format(top=self.top, case=self.case, main=self.main, groups=self.groups)
        (folder / "profile.toml").write_text(profile, encoding="utf-8")
        return folder

    def rows(self) -> Rows:
        """The rows of the cases."""
        parts = [case_rows(number) for number in range(1, self.count + 1)]
        rows = {name: [row for part in parts for row in part[name]] for name in parts[0]}
        self.change(rows)
        return rows


def through(shape: Shape, folder: Path) -> tuple[ReturnFiles, CheckedReturn]:
    """Write the cases through the pack, and check what is on disk."""
    profile = load_profile(str(shape.write_pack(folder / "pack")))
    con = connect(shape.rows())
    files = write_return(con, profile, folder / "out", personal=False, software_version="0.1.0")
    return files, check_return(files, con, profile)


def cases_in(path: Path) -> tuple[str, ...]:
    """The case elements of a document, their content only, written shortly."""
    root = etree.parse(str(path)).getroot()
    found = []
    for case in root.iter("{*}Case"):
        text = "".join(etree.tostring(child, encoding="unicode", with_tail=False) for child in case)
        text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
        found.append(re.sub(r">\s+<", "><", text))
    return tuple(found)
