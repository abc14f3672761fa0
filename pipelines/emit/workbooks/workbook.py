"""A workbook after the government's conventions for statistics in spreadsheets, as XLSX and ODS.

One tagged table a sheet, one heading row, nothing merged or hidden, notes and shorthand in sheets of their own
(Government Analysis Function, "Releasing statistics in spreadsheets"). The same book gives the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

NUMBER = "number"
PERCENT = "percent"
DECIMAL = "decimal"
TEXT = "text"

_XLSX_FORMAT = {NUMBER: "#,##0", PERCENT: "0%", DECIMAL: "#,##0.00", TEXT: "@"}
# Zip entries carry a time; no entry may carry the hour of writing.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)

Value = str | int | float


@dataclass(frozen=True)
class Sheet:
    """One sheet: a heading, lines of text, and at most one table."""

    name: str
    title: str
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    formats: tuple[str, ...] = ()
    """Format of each column, by name."""
    widths: tuple[int, ...] = ()
    links: bool = False
    """The first column names sheets of the book and links to them."""

    @property
    def header_row(self) -> int:
        """Row of the heading, from 0."""
        return 1 + len(self.lines)


@dataclass(frozen=True)
class Book:
    """All sheets; ``made_on`` is the day written into the file's properties, never the clock's."""

    title: str
    made_on: date
    sheets: tuple[Sheet, ...] = field(default_factory=tuple)


def write_xlsx(book: Book, path: Path) -> None:
    """Write the book as XLSX."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as file:
        file.set_properties(
            {"title": book.title, "author": "hclic", "created": datetime.combine(book.made_on, time(), UTC)}
        )
        title = file.add_format({"bold": True, "font_size": 14})
        heading = file.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        link = file.add_format({"underline": 1, "font_color": "#0563C1"})
        plain = file.add_format({"text_wrap": True, "valign": "top"})
        formats = {
            name: file.add_format({"num_format": code, "align": "left" if name == TEXT else "right", "valign": "top"})
            for name, code in _XLSX_FORMAT.items()
        }
        for sheet in book.sheets:
            _xlsx_sheet(file.add_worksheet(sheet.name), sheet, title, heading, link, plain, formats)


def _xlsx_sheet(
    out: Any, sheet: Sheet, title: Any, heading: Any, link: Any, plain: Any, formats: dict[str, Any]
) -> None:
    out.write_string(0, 0, sheet.title, title)
    for number, line in enumerate(sheet.lines, start=1):
        out.write_string(number, 0, line)
    if not sheet.header:
        out.set_column(0, 0, 100)
        return
    top = sheet.header_row
    for column, width in enumerate(sheet.widths):
        out.set_column(column, column, width)
    out.add_table(
        top,
        0,
        top + len(sheet.rows),
        len(sheet.header) - 1,
        {
            "name": f"table_{sheet.name.lower()}",
            "autofilter": False,
            "banded_rows": False,
            "style": None,
            "columns": [{"header": text, "header_format": heading} for text in sheet.header],
        },
    )
    for number, row in enumerate(sheet.rows, start=top + 1):
        for column, value in enumerate(row):
            if sheet.links and column == 0:
                out.write_url(number, column, f"internal:'{value}'!A1", link, str(value))
            elif isinstance(value, str):
                numeric = sheet.formats[column] != TEXT
                out.write_string(number, column, value, formats[NUMBER] if numeric else plain)
            else:
                out.write_number(number, column, value, formats[sheet.formats[column]])


def write_ods(book: Book, path: Path) -> None:
    """Write the book as ODS."""
    from odf import dc, meta
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import DatabaseRange, DatabaseRanges

    doc = OpenDocumentSpreadsheet()
    doc.meta.addElement(dc.Title(text=book.title))
    doc.meta.addElement(meta.CreationDate(text=datetime.combine(book.made_on, time()).isoformat()))
    styles = _ods_styles(doc)
    ranges = DatabaseRanges()
    for sheet in book.sheets:
        doc.spreadsheet.addElement(_ods_sheet(sheet, styles))
        if sheet.header:
            last = _letters(len(sheet.header) - 1)
            first_row, last_row = sheet.header_row + 1, sheet.header_row + 1 + len(sheet.rows)
            address = f"'{sheet.name}'.A{first_row}:'{sheet.name}'.{last}{last_row}"
            ranges.addElement(
                DatabaseRange(name=f"table_{sheet.name.lower()}", targetrangeaddress=address, containsheader="true")
            )
    doc.spreadsheet.addElement(ranges)
    buffer = BytesIO()
    doc.write(buffer)
    _repack(buffer, path)


def _ods_styles(doc: Any) -> dict[str, Any]:
    from odf.number import Number as Digits
    from odf.number import NumberStyle, PercentageStyle, Text
    from odf.style import ParagraphProperties, Style, TableCellProperties, TableColumnProperties, TextProperties

    def cell(name: str, data: str | None = None, bold: bool = False, size: str = "11pt", align: str = "start") -> Any:
        style = Style(name=name, family="table-cell", **({"datastylename": data} if data else {}))
        style.addElement(TableCellProperties(wrapoption="wrap" if name in ("heading", "plain") else "no-wrap"))
        style.addElement(ParagraphProperties(textalign=align))
        style.addElement(TextProperties(fontsize=size, **({"fontweight": "bold"} if bold else {})))
        doc.automaticstyles.addElement(style)
        return style

    whole = NumberStyle(name="N_whole")
    whole.addElement(Digits(decimalplaces="0", minintegerdigits="1", grouping="true"))
    decimal = NumberStyle(name="N_decimal")
    decimal.addElement(Digits(decimalplaces="2", minintegerdigits="1", grouping="true"))
    percent = PercentageStyle(name="N_percent")
    percent.addElement(Digits(decimalplaces="0", minintegerdigits="1"))
    percent.addElement(Text(text="%"))
    for style in (whole, decimal, percent):
        doc.automaticstyles.addElement(style)
    styles = {
        "title": cell("title", bold=True, size="14pt"),
        "heading": cell("heading", bold=True),
        "line": cell("line"),
        TEXT: cell("plain"),
        NUMBER: cell("number", "N_whole", align="end"),
        DECIMAL: cell("decimal", "N_decimal", align="end"),
        PERCENT: cell("percent", "N_percent", align="end"),
    }
    for width in (14, 20, 24, 30, 60, 100):
        column = Style(name=f"width_{width}", family="table-column")
        column.addElement(TableColumnProperties(columnwidth=f"{width * 0.2:.1f}cm"))
        doc.automaticstyles.addElement(column)
        styles[f"width_{width}"] = column
    return styles


def _ods_sheet(sheet: Sheet, styles: dict[str, Any]) -> Any:
    from odf.table import Table, TableCell, TableColumn, TableHeaderRows, TableRow
    from odf.text import A, P

    def text(value: str, style: str) -> Any:
        cell = TableCell(valuetype="string", stylename=styles[style])
        cell.addElement(P(text=value))
        return cell

    def row(cells: Sequence[Any]) -> Any:
        line = TableRow()
        for cell in cells:
            line.addElement(cell)
        return line

    def linked(name: str) -> Any:
        cell = TableCell(valuetype="string", stylename=styles[TEXT])
        paragraph = P()
        paragraph.addElement(A(href=f"#'{name}'.A1", type="simple", text=name))
        cell.addElement(paragraph)
        return cell

    def value(content: Value, column: int) -> Any:
        if sheet.links and column == 0:
            return linked(str(content))
        kind = sheet.formats[column]
        if isinstance(content, str):
            return text(content, NUMBER if kind != TEXT else TEXT)
        cell = TableCell(
            valuetype="percentage" if kind == PERCENT else "float", value=repr(content), stylename=styles[kind]
        )
        cell.addElement(P(text=_shown(content, kind)))
        return cell

    table = Table(name=sheet.name)
    for width in sheet.widths or (100,):
        table.addElement(TableColumn(stylename=styles[f"width_{width}"]))
    table.addElement(row([text(sheet.title, "title")]))
    for line in sheet.lines:
        table.addElement(row([text(line, "line")]))
    if sheet.header:
        head = TableHeaderRows()
        head.addElement(row([text(label, "heading") for label in sheet.header]))
        table.addElement(head)
        for content in sheet.rows:
            table.addElement(row([value(item, column) for column, item in enumerate(content)]))
    return table


_SHOWN: dict[str, Callable[[int | float], str]] = {
    NUMBER: lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,}",
    PERCENT: lambda value: f"{value:.0%}",
    DECIMAL: lambda value: f"{value:,.2f}",
    TEXT: str,
}


def _shown(value: int | float, kind: str) -> str:
    return _SHOWN[kind](value)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _repack(buffer: BytesIO, path: Path) -> None:
    """Write the zip again with fixed times, the media type first and not compressed as ODF requires."""
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w") as target:
        for item in sorted(source.infolist(), key=lambda item: (item.filename != "mimetype", item.filename)):
            entry = zipfile.ZipInfo(item.filename, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_STORED if item.filename == "mimetype" else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            content = source.read(item.filename)
            target.writestr(entry, _canonical(content) if item.filename.endswith(".xml") else content)


def _canonical(xml: bytes) -> bytes:
    """The same document without unused namespaces: odfpy declares those of all documents written before it."""
    from lxml import etree

    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    etree.cleanup_namespaces(root)
    return bytes(etree.tostring(root, method="c14n"))
