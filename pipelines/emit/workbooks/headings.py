"""Named styles of headings, and the language of the document, in an XLSX file that was written without them.

A cell that only looks like a heading is none to a screen reader: it has to have the style "Heading 1" or "Heading 2".
"""

from __future__ import annotations

import zipfile
from copy import deepcopy
from io import BytesIO
from typing import Any

from pipelines.emit.workbooks.archive import entry

MARK = 1000
"""Added to the level of a heading, it stands where a format names its style: no file has so many named styles."""

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LANGUAGE = "{http://purl.org/dc/elements/1.1/}language"
_FIRST = 16
"""Excel's own number of its style "Heading 1"; those of the other levels follow (ECMA-376 18.8.7)."""


def with_headings(xlsx: bytes, language: str) -> bytes:
    """The file with the named style that each marked format asks for, in the language ``language`` (such as en-GB)."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(xlsx)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            content = source.read(item.filename)
            if item.filename == "xl/styles.xml":
                content = _changed(content, _name_headings)
            elif item.filename == "docProps/core.xml":
                content = _changed(content, lambda root: _say_language(root, language))
            target.writestr(entry(item.filename), content)
    return out.getvalue()


def _changed(xml: bytes, change: Any) -> bytes:
    from lxml import etree

    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    change(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _name_headings(root: Any) -> None:
    formats, styles = root.find(f"{_MAIN}cellStyleXfs"), root.find(f"{_MAIN}cellStyles")
    for cell in root.find(f"{_MAIN}cellXfs"):
        level = int(cell.get("xfId")) - MARK
        if level < 1:
            continue
        name = f"Heading {level}"
        known = {style.get("name"): style.get("xfId") for style in styles}
        if name not in known:
            style = deepcopy(cell)
            del style.attrib["xfId"]
            formats.append(style)
            known[name] = str(len(formats) - 1)
            style = styles.makeelement(f"{_MAIN}cellStyle")
            for key, value in (("name", name), ("xfId", known[name]), ("builtinId", str(_FIRST + level - 1))):
                style.set(key, value)
            # Without this Excel shows its own look of the style, blue and underlined, in the gallery.
            style.set("customBuiltin", "1")
            styles.append(style)
        cell.set("xfId", known[name])
    for group in (formats, styles):
        group.set("count", str(len(group)))


def _say_language(root: Any, language: str) -> None:
    said = root.makeelement(_LANGUAGE)
    said.text = language
    root.append(said)
