"""Cut the published workbooks down to a few authorities: headings, merged cells, hidden rows and addresses stay.

Run from the top of the checkout with the folder of whole workbooks:
``python tests/published/excerpts/make_excerpts.py FOLDER``. What is cut is the file's own XML, so that an excerpt has
the shape of its layout: rows of other areas, notes below the tables, styles and formulas go, nothing is written anew.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

from lxml import etree

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

from pipelines.published.headings import columns_ever  # noqa: E402
from pipelines.published.reader import table_of  # noqa: E402
from tests.published.excerpts.chosen import AREAS  # noqa: E402

AREA_CODE = re.compile(r"E(0[6-9]|12|92)\d{6}")
HEADING_ROWS = 40
BEGINNING_OF_ZIP_TIME = (1980, 1, 1, 0, 0, 0)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def write_zip(path: Path, parts: dict[str, bytes]) -> None:
    """A zip of these parts in this order with no time of day, so that the same input gives the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, BEGINNING_OF_ZIP_TIME)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content, compresslevel=9)


def kept_rows(first_cells: list[str | None], areas: set[str]) -> set[int]:
    """Rows above the first area, and rows of the areas wanted."""
    coded = [n for n, cell in enumerate(first_cells) if cell and AREA_CODE.fullmatch(cell)]
    first = coded[0] if coded else 0
    return {*range(first), *(n for n in coded if first_cells[n] in areas)}


def cut_xlsx(source: Path, target: Path, areas: set[str]) -> None:
    with zipfile.ZipFile(source) as archive:
        shared = [
            "".join(t.text or "" for t in item.iter(f"{{{MAIN}}}t") if t.getparent().tag != f"{{{MAIN}}}rPh")
            for item in etree.fromstring(archive.read("xl/sharedStrings.xml")).iter(f"{{{MAIN}}}si")
        ]
        targets = {
            rel.get("Id"): rel.get("Target").removeprefix("/xl/")
            for rel in etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        parts: dict[str, bytes] = {}
        sheets, rels, types = [], [], []
        for number, sheet in enumerate(etree.fromstring(archive.read("xl/workbook.xml")).iter(f"{{{MAIN}}}sheet"), 1):
            name = sheet.get("name")
            page = etree.Element(f"{{{MAIN}}}worksheet", nsmap={None: MAIN})
            if table_of(name) in columns_ever():
                old = etree.fromstring(archive.read("xl/" + targets[sheet.get(f"{{{OFFICE_REL}}}id")]))
                cut_xlsx_sheet(old, page, shared, areas)
            else:
                etree.SubElement(page, f"{{{MAIN}}}sheetData")
            parts[f"xl/worksheets/sheet{number}.xml"] = etree.tostring(page)
            made = etree.Element(f"{{{MAIN}}}sheet", name=name, sheetId=str(number))
            made.set(f"{{{OFFICE_REL}}}id", f"rId{number}")
            sheets.append(made)
            rels.append((f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml"))
            types.append((f"/xl/worksheets/sheet{number}.xml", "worksheet"))
    book = etree.Element(f"{{{MAIN}}}workbook", nsmap={None: MAIN, "r": OFFICE_REL})
    etree.SubElement(book, f"{{{MAIN}}}sheets").extend(sheets)
    head = {
        "[Content_Types].xml": content_types([("/xl/workbook.xml", "sheet.main"), *types]),
        "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": etree.tostring(book),
        "xl/_rels/workbook.xml.rels": relations(rels),
    }
    write_zip(target, {**head, **parts})


def cut_xlsx_sheet(old: etree._Element, page: etree._Element, shared: list[str], areas: set[str]) -> None:
    rows = {int(row.get("r")) - 1: row for row in old.iter(f"{{{MAIN}}}row")}
    texts = {n: {cell.get("r"): cell_of(cell, shared) for cell in row} for n, row in rows.items()}
    last = max(rows)
    keep = kept_rows([str(texts.get(n, {}).get(f"A{n + 1}", ("", ""))[1]).strip() for n in range(last + 1)], areas)
    data = etree.SubElement(page, f"{{{MAIN}}}sheetData")
    for n in sorted(keep & rows.keys()):
        row = etree.SubElement(data, f"{{{MAIN}}}row", r=str(n + 1))
        if rows[n].get("hidden"):
            row.set("hidden", "1")
        for address, (kind, value) in texts[n].items():
            if value == "":
                continue
            cell = etree.SubElement(row, f"{{{MAIN}}}c", r=address)
            if kind == "text":
                cell.set("t", "inlineStr")
                inner = etree.SubElement(etree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
                inner.text = value
                inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            else:
                etree.SubElement(cell, f"{{{MAIN}}}v").text = value
    merges = [m.get("ref") for m in old.iter(f"{{{MAIN}}}mergeCell")]
    kept = [ref for ref in merges if int(re.findall(r"\d+", ref)[0]) <= HEADING_ROWS]
    if kept:
        holder = etree.SubElement(page, f"{{{MAIN}}}mergeCells", count=str(len(kept)))
        for ref in kept:
            etree.SubElement(holder, f"{{{MAIN}}}mergeCell", ref=ref)


def cell_of(cell: etree._Element, shared: list[str]) -> tuple[str, str]:
    """Kind ('text' or 'number') and value as text of one cell."""
    value = cell.findtext(f"{{{MAIN}}}v", "")
    if cell.get("t") == "s":
        return "text", shared[int(value)]
    if cell.get("t") in ("str", "inlineStr", "e"):
        return "text", value or "".join(cell.itertext())
    return "number", value


def content_types(parts: list[tuple[str, str]]) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    root = etree.Element(f"{{{space}}}Types", nsmap={None: space})
    for extension, kind in (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
    ):
        etree.SubElement(root, f"{{{space}}}Default", Extension=extension, ContentType=kind)
    for name, kind in parts:
        content = f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"
        etree.SubElement(root, f"{{{space}}}Override", PartName=name, ContentType=content)
    return etree.tostring(root)


def relations(targets: list[tuple[str, str, str]]) -> bytes:
    root = etree.Element(f"{{{PACKAGE_REL}}}Relationships", nsmap={None: PACKAGE_REL})
    for ident, kind, target in targets:
        etree.SubElement(root, f"{{{PACKAGE_REL}}}Relationship", Id=ident, Type=f"{OFFICE_REL}/{kind}", Target=target)
    return etree.tostring(root)


def cut_ods(source: Path, target: Path, areas: set[str]) -> None:
    spaces = {"office": OFFICE, "table": TABLE, "text": TEXT}
    with zipfile.ZipFile(source) as archive:
        old = etree.fromstring(archive.read("content.xml"), etree.XMLParser(huge_tree=True))
    root = etree.Element(f"{{{OFFICE}}}document-content", nsmap=spaces)
    root.set(f"{{{OFFICE}}}version", "1.3")
    book = etree.SubElement(etree.SubElement(root, f"{{{OFFICE}}}body"), f"{{{OFFICE}}}spreadsheet")
    for sheet in old.iter(f"{{{TABLE}}}table"):
        name = sheet.get(f"{{{TABLE}}}name")
        page = etree.SubElement(book, f"{{{TABLE}}}table")
        page.set(f"{{{TABLE}}}name", name)
        if table_of(name) in columns_ever():
            cut_ods_sheet(sheet, page, areas)
        else:
            etree.SubElement(etree.SubElement(page, f"{{{TABLE}}}table-row"), f"{{{TABLE}}}table-cell")
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    parts = {"mimetype": kind.encode(), "content.xml": etree.tostring(root), "META-INF/manifest.xml": manifest.encode()}
    write_zip(target, parts)


def cut_ods_sheet(sheet: etree._Element, page: etree._Element, areas: set[str]) -> None:
    repeated = f"{{{TABLE}}}number-rows-repeated"
    rows = list(sheet.iter(f"{{{TABLE}}}table-row"))
    first_cells = ["".join(row[0].itertext()).strip() if len(row) else "" for row in rows]
    keep = kept_rows(first_cells, areas)
    gap = 0
    for n, row in enumerate(rows):
        times = int(row.get(repeated, "1"))
        if n not in keep:
            gap += times
            continue
        if gap:
            filler = etree.SubElement(page, f"{{{TABLE}}}table-row")
            filler.set(repeated, str(gap))
            etree.SubElement(filler, f"{{{TABLE}}}table-cell")
            gap = 0
        cut_ods_row(row, page)


def cut_ods_row(row: etree._Element, page: etree._Element) -> None:
    made = etree.SubElement(page, f"{{{TABLE}}}table-row")
    for name in (f"{{{TABLE}}}number-rows-repeated", f"{{{TABLE}}}visibility"):
        if row.get(name):
            made.set(name, row.get(name))
    told = {
        *(f"{{{TABLE}}}number-{what}" for what in ("columns-repeated", "columns-spanned", "rows-spanned")),
        *(f"{{{OFFICE}}}{what}" for what in ("value-type", "value", "string-value")),
    }
    cells = [c for c in row if c.tag in (f"{{{TABLE}}}table-cell", f"{{{TABLE}}}covered-table-cell")]
    while cells and not len(cells[-1]) and f"{{{OFFICE}}}value" not in cells[-1].attrib:
        cells.pop()
    for cell in cells:
        copy = etree.SubElement(made, cell.tag)
        for name, value in cell.attrib.items():
            if name in told:
                copy.set(name, value)
        # The text beside a number is its rounded form, which no reader needs.
        if cell.get(f"{{{OFFICE}}}value-type") == "string" and not cell.get(f"{{{OFFICE}}}string-value"):
            for paragraph in cell.iterchildren(f"{{{TEXT}}}p"):
                etree.SubElement(copy, f"{{{TEXT}}}p").text = text_of(paragraph)
    if not len(made):
        etree.SubElement(made, f"{{{TABLE}}}table-cell")


def text_of(paragraph: etree._Element) -> str:
    """Text of a paragraph, with the spaces that ODS writes as elements."""
    text = paragraph.text or ""
    for node in paragraph:
        text += " " * int(node.get(f"{{{TEXT}}}c", "1")) if node.tag == f"{{{TEXT}}}s" else text_of(node)
        text += node.tail or ""
    return text


def main(folder: Path) -> None:
    for name, areas in AREAS.items():
        cut = cut_ods if name.endswith(".ods") else cut_xlsx
        cut(folder / name, HERE / name, set(areas))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
