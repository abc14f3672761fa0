"""Books as ODS. The same book gives the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from pipelines import shown
from pipelines.emit.workbooks.archive import entry
from pipelines.emit.workbooks.model import (
    DAY,
    DECIMAL,
    MONEY,
    MONTH,
    NUMBER,
    ON_A4,
    PERCENT,
    Book,
    Cell,
    Column,
    Sheet,
    Style,
)

STYLENS = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text")
)
_XLINK = "{http://www.w3.org/1999/xlink}"
_DEFAULT_WIDTH = 100
_CM = 0.2
"""Centimetres a character."""

_SHOWN: dict[str, Callable[[Any], str]] = {
    NUMBER: lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,}",
    PERCENT: shown.percentage,
    DECIMAL: lambda value: f"{shown.rounded(value, 2):,}",
    MONEY: shown.money_pence,
    "": str,
}


def write_ods(book: Book, path: Path) -> None:
    """Write the book as ODS; every style used is among ``book.styles``."""
    from odf import dc, meta
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import DatabaseRange, DatabaseRanges
    from xlsxwriter.utility import xl_rowcol_to_cell

    doc = OpenDocumentSpreadsheet()
    doc.meta.addElement(dc.Title(text=book.title))
    if book.author:
        doc.meta.addElement(meta.InitialCreator(text=book.author))
    if book.language:
        doc.meta.addElement(dc.Language(text=book.language))
    doc.meta.addElement(meta.CreationDate(text=book.created.replace(tzinfo=None).isoformat()))
    # Cells are read twice.
    sheets = [replace(sheet, cells=tuple(sheet.every_cell()), listing=None) for sheet in book.sheets]
    _say_text(doc, book)
    styles = _styles(doc, book)
    widths = _widths(doc, {column.width for sheet in sheets for column in _columns(sheet)})
    ranges = DatabaseRanges()
    pages = _pages(doc) if any(sheet.is_fitted for sheet in sheets) else {}
    for sheet in sheets:
        page = pages.get(_page_of(sheet)) if sheet.is_fitted else None
        doc.spreadsheet.addElement(_sheet(sheet, styles, widths, page))
        if (table := sheet.table) is not None:
            first = xl_rowcol_to_cell(table.row, 0)
            last = xl_rowcol_to_cell(table.row + table.height, len(table.headings) - 1)
            address = f"'{sheet.name}'.{first}:'{sheet.name}'.{last}"
            ranges.addElement(DatabaseRange(name=table.name, targetrangeaddress=address, containsheader="true"))
    doc.spreadsheet.addElement(ranges)
    buffer = BytesIO()
    doc.write(buffer)
    _repack(buffer, path, sheets)


def _columns(sheet: Sheet) -> tuple[Column, ...]:
    return sheet.columns or (Column(_DEFAULT_WIDTH),)


def _say_text(doc: Any, book: Book) -> None:
    """Font, size and language of every cell that says nothing else."""
    from odf.style import DefaultStyle, FontFace, TextProperties

    looks = {"fontsize": f"{book.size}pt"}
    if book.font:
        doc.fontfacedecls.addElement(FontFace(name=book.font, fontfamily=book.font, fontfamilygeneric="swiss"))
        looks["fontname"] = book.font
    if book.language:
        looks["language"], _, looks["country"] = book.language.partition("-")
    default = DefaultStyle(family="table-cell")
    default.addElement(TextProperties(**looks))
    doc.styles.addElement(default)


def _styles(doc: Any, book: Book) -> dict[Style, Any]:
    from odf.number import DateStyle, Day, Month, NumberStyle, PercentageStyle, Text, Year
    from odf.number import Number as Digits
    from odf.style import ParagraphProperties, TableCellProperties, TextProperties
    from odf.style import Style as Declared

    whole = NumberStyle(name="N_whole")
    whole.addElement(Digits(decimalplaces="0", minintegerdigits="1", grouping="true"))
    decimal = NumberStyle(name="N_decimal")
    decimal.addElement(Digits(decimalplaces="2", minintegerdigits="1", grouping="true"))
    percent = PercentageStyle(name="N_percent")
    percent.addElement(Digits(decimalplaces="0", minintegerdigits="1"))
    percent.addElement(Text(text="%"))
    money = NumberStyle(name="N_money")
    money.addElement(Text(text="£"))
    money.addElement(Digits(decimalplaces="2", minintegerdigits="1", grouping="true"))
    day = DateStyle(name="N_day")
    for part in (Day(style="long"), Text(text="/"), Month(style="long"), Text(text="/"), Year(style="long")):
        day.addElement(part)
    month = DateStyle(name="N_month")
    for part in (Month(textual="true", style="long"), Text(text=" "), Year(style="long")):
        month.addElement(part)
    for number in (whole, decimal, percent, money, day, month):
        doc.automaticstyles.addElement(number)
    data = {
        NUMBER: "N_whole",
        DECIMAL: "N_decimal",
        PERCENT: "N_percent",
        MONEY: "N_money",
        DAY: "N_day",
        MONTH: "N_month",
    }
    declared = {}
    for style in book.styles:
        # A named style is one that the reader finds among the program's own: it is no automatic one.
        named = {"displayname": f"Heading {style.level}"} if style.level else {}
        found = Declared(
            **{"name": _name(style), "family": "table-cell", **named},
            **({"datastylename": data[style.number]} if style.number else {}),
        )
        off = {"paddingright": "0.3cm"} if style.is_right else {}
        found.addElement(TableCellProperties(wrapoption="wrap" if style.wrap else "no-wrap", **off))
        found.addElement(ParagraphProperties(textalign="end" if style.is_right else "start"))
        size = f"{style.size or book.size}pt"
        found.addElement(TextProperties(fontsize=size, **({"fontweight": "bold"} if style.bold else {})))
        (doc.styles if style.level else doc.automaticstyles).addElement(found)
        declared[style] = found
    return declared


def _name(style: Style) -> str:
    return f"Heading_20_{style.level}" if style.level else style.name


def _widths(doc: Any, widths: set[float]) -> dict[float, Any]:
    from odf.style import Style as Declared
    from odf.style import TableColumnProperties

    declared = {}
    for width in sorted(widths):
        found = Declared(name=f"width_{width}", family="table-column")
        found.addElement(TableColumnProperties(columnwidth=f"{width * _CM:.1f}cm"))
        doc.automaticstyles.addElement(found)
        declared[width] = found
    return declared


def _page_of(sheet: Sheet) -> str:
    return "A4" if sheet.width <= ON_A4 else "A3" if sheet.width <= 2 * ON_A4 else "wide"


def _pages(doc: Any) -> dict[str, Any]:
    """Style of a table by its page: landscape, without the header and footer that LibreOffice else adds."""
    from odf.style import (
        FooterStyle,
        HeaderStyle,
        MasterPage,
        PageLayout,
        PageLayoutProperties,
        TableProperties,
    )
    from odf.style import Style as Declared

    declared = {}
    for name, size, is_one_wide in (
        ("A4", (29.7, 21.0), True),
        ("A3", (42.0, 29.7), True),
        ("wide", (42.0, 29.7), False),
    ):
        layout = PageLayout(name=f"layout_{name}")
        across, down = (f"{length}cm" for length in size)
        properties = PageLayoutProperties(pagewidth=across, pageheight=down, printorientation="landscape")
        if is_one_wide:
            # odfpy does not know that a page may be scaled to a width alone (ODF 1.2, 20.339).
            properties.setAttrNS(STYLENS, "scale-to-X", "1")
            properties.setAttrNS(STYLENS, "scale-to-Y", "0")
        layout.addElement(properties)
        layout.addElement(HeaderStyle())
        layout.addElement(FooterStyle())
        doc.automaticstyles.addElement(layout)
        doc.masterstyles.addElement(MasterPage(name=f"page_{name}", pagelayoutname=layout))
        found = Declared(name=f"table_{name}", family="table", masterpagename=f"page_{name}")
        found.addElement(TableProperties(display="true"))
        doc.automaticstyles.addElement(found)
        declared[name] = found
    return declared


def _sheet(sheet: Sheet, styles: dict[Style, Any], widths: dict[float, Any], page: Any = None) -> Any:
    """The sheet with its columns, and one row of the styles that it uses in place of its own rows."""
    from odf.table import Table as Grid
    from odf.table import TableCell, TableColumn, TableRow

    grid = Grid(name=sheet.name, **({"stylename": page} if page is not None else {}))
    for column in _columns(sheet):
        grid.addElement(TableColumn(stylename=widths[column.width]))
    used = {cell.style for cell in _all_cells(sheet)}
    row = TableRow()
    for style in styles:
        if style in used:
            # odfpy writes the styles that it finds in use.
            row.addElement(TableCell(stylename=styles[style]))
    grid.addElement(row)
    return grid


def _all_cells(sheet: Sheet) -> tuple[Cell, ...]:
    return (*sheet.cells, *(sheet.table.cells() if sheet.table else ()))


def _fill(root: Any, sheets: Sequence[Sheet]) -> None:
    """Put the rows of each sheet where its row of styles stands: element by element odfpy takes ten times as long."""
    from lxml.etree import SubElement

    for grid, sheet in zip(root.iter(f"{_TABLE}table"), sheets, strict=True):
        grid.remove(grid[-1])
        rows: dict[int, dict[int, Cell]] = {}
        for cell in _all_cells(sheet):
            rows.setdefault(cell.row, {})[cell.column] = cell
        for number in range(max(rows, default=-1) + 1):
            is_heading = sheet.table is not None and number == sheet.table.row
            parent = SubElement(grid, f"{_TABLE}table-header-rows") if is_heading else grid
            row = SubElement(parent, f"{_TABLE}table-row")
            cells = rows.get(number, {})
            for column in range(max(cells, default=-1) + 1):
                out = SubElement(row, f"{_TABLE}table-cell")
                if (found := cells.get(column)) is not None and found.value is not None:
                    _write(out, found)


def _write(out: Any, cell: Cell) -> None:
    from lxml.etree import SubElement

    value, number = cell.value, "" if cell.style is None else cell.style.number
    if cell.style is not None:
        out.set(f"{_TABLE}style-name", _name(cell.style))
    said = SubElement(out, f"{_TEXT}p")
    if isinstance(value, str):
        out.set(f"{_OFFICE}value-type", "string")
        if cell.is_link:
            said = SubElement(said, f"{_TEXT}a")
            said.set(f"{_XLINK}type", "simple")
            said.set(f"{_XLINK}href", f"#'{value}'.A1")
        said.text = value
    elif isinstance(value, date):
        out.set(f"{_OFFICE}value-type", "date")
        out.set(f"{_OFFICE}date-value", value.isoformat())
        said.text = f"{value:%B %Y}" if number == MONTH else f"{value:%d/%m/%Y}"
    else:
        out.set(f"{_OFFICE}value-type", "percentage" if number == PERCENT else "float")
        out.set(f"{_OFFICE}value", repr(value))
        said.text = _SHOWN[number](value)


def _repack(buffer: BytesIO, path: Path, sheets: Sequence[Sheet]) -> None:
    """Write the zip again with fixed times, the media type first and not compressed as ODF requires."""
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w") as target:
        for item in sorted(source.infolist(), key=lambda item: (item.filename != "mimetype", item.filename)):
            part = entry(item.filename, is_packed=item.filename != "mimetype")
            part.external_attr = 0o600 << 16
            content = source.read(item.filename)
            rows = sheets if item.filename == "content.xml" else None
            target.writestr(part, _canonical(content, rows) if item.filename.endswith(".xml") else content)


def _canonical(xml: bytes, sheets: Sequence[Sheet] | None = None) -> bytes:
    """The document, filled with the rows of ``sheets``, without unused namespaces.

    odfpy declares those of all documents written before it.
    """
    from lxml import etree

    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    if sheets is not None:
        _fill(root, sheets)
    etree.cleanup_namespaces(root, top_nsmap=None if sheets is None else {"xlink": _XLINK[1:-1]})
    return bytes(etree.tostring(root, method="c14n"))
