"""The document as a Word file (DOCX), by python-docx."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipelines.emit.pages.words import clean
from pipelines.emit.workbooks.archive import entry
from pipelines.report.blocks import Bullets, Cards, Document, Heading, Paragraph, Picture, Quoted, Table
from pipelines.report.sentences import Said

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import _Cell

FONT = "Arial"
BODY, SMALL, LARGE = 12, 11, 22
IN_WORDS = 11
"""Letters from which a figure of the headlines is set as large as the text: ``fewer than 5``."""
"""Sizes in points; nothing that is read is smaller than 11, body text is 12."""
INK, QUIET, ACCENT, RULE, SHADE = "1F1F1F", "505A5F", "1D4E79", "B1B4B6", "F3F2F1"
_CELL_MARGIN = 108
"""Left of the words of a cell, in twentieths of a point: Word's own."""
WIDTH_CM = 17.0
"""Of the text on A4, between margins of 2 cm."""
NUMBER_CM = 2.9
"""Of a column of figures: what the name of a quarter needs, broken after its months."""
CM_OF_DOT = 0.0098
"""Of a chart's picture, three dots for each point of its letters."""
HIGHEST_CM = 16.0
"""Of a chart, so that its title stands on the same page."""
WIDE_CM = 6.0
"""Of the only column of figures."""
NARROW_CM = 2.8
"""Of a column of figures where there are four or more."""
ON_ONE_PAGE = 12
"""Rows of a table that is kept together."""


def word(document: Document, pictures: Mapping[str, tuple[str, bytes]], as_at: date) -> bytes:
    """The document as DOCX; the same document gives the same bytes. ``as_at`` stands as the day it was made.

    ``pictures``: its charts as SVG and PNG, by their names.
    """
    import docx

    made = docx.Document()
    _prepare(made, document, as_at)
    made.add_paragraph(clean(document.title), style="Title")
    made.add_paragraph(clean(f"{document.authority} · {document.edition}"), style="Subtitle")
    for block, after in pairwise((*document.blocks, None)):
        assert block is not None
        if isinstance(block, Picture):
            _picture(made, block, pictures[block.ident][1])
            continue
        _add(made, block, is_kept=isinstance(after, Table | Picture))
    unpacked = io.BytesIO()
    made.save(unpacked)
    return _with_fixed_times(unpacked.getvalue())


def _with_fixed_times(packed: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            archive.writestr(entry(name), source.read(name))
    return target.getvalue()


def _prepare(made: WordDocument, document: Document, as_at: date) -> None:
    from docx.shared import Cm

    section = made.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    _styles(made)
    head = section.header.paragraphs[0]
    head.text = clean(f"{document.title} · {document.edition}")
    foot = section.footer.paragraphs[0]
    foot.add_run("Page ")
    _field(foot.add_run(), "PAGE")
    foot.add_run(" of ")
    _field(foot.add_run(), "NUMPAGES")
    properties, day = made.core_properties, datetime.combine(as_at, time())
    properties.title = clean(document.title)
    properties.subject = clean(document.period)
    properties.author = properties.last_modified_by = clean(document.authority)
    properties.comments = clean(document.edition)
    properties.keywords = ""
    properties.language = "en-GB"
    properties.created = properties.modified = properties.last_printed = day
    properties.revision = 1


def _styles(made: WordDocument) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styles = made.styles
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        defaults.append(language)
    for name in ("w:val", "w:eastAsia"):
        language.set(qn(name), "en-GB")
    for name, size, before, after, colour in (
        ("Normal", BODY, 0, 6, INK),
        ("Title", 26, 0, 4, ACCENT),
        ("Subtitle", BODY, 0, 10, QUIET),
        ("Heading 1", 18, 18, 6, ACCENT),
        ("Heading 2", 14, 12, 4, INK),
        ("Caption", BODY, 10, 4, INK),
        ("List Bullet", BODY, 0, 5, INK),
        ("Header", SMALL, 0, 0, QUIET),
        ("Footer", SMALL, 0, 0, QUIET),
    ):
        _set(styles[name], size, before, after, colour)
    aside = styles.add_style("Aside", WD_STYLE_TYPE.PARAGRAPH)
    aside.base_style = styles["Normal"]
    _set(aside, BODY, 0, 8, QUIET)
    for name in ("Heading 1", "Heading 2", "Caption"):
        styles[name].paragraph_format.keep_with_next = True
        styles[name].font.bold = True
    styles["Subtitle"].font.italic = False
    styles["Caption"].font.italic = False
    styles["Normal"].paragraph_format.widow_control = True
    styles["Normal"].paragraph_format.line_spacing = 1.15
    styles["Title"].font.size = Pt(26)
    border = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        styles["Title"].element.pPr.remove(border)


def _set(style: Any, size: int, before: int, after: int, colour: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    font = style.font
    font.name, font.size, font.color.rgb = FONT, Pt(size), RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # A font of the theme would win over the one that is named.
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for name in ("w:eastAsia", "w:cs"):
        fonts.set(qn(name), FONT)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _add(made: WordDocument, block: Heading | Paragraph | Bullets | Quoted | Cards | Table, *, is_kept: bool) -> None:
    if isinstance(block, Heading):
        made.add_heading(clean(block.text), block.level).paragraph_format.page_break_before = block.on_new_page
    elif isinstance(block, Paragraph):
        text = " ".join(sentence.text for sentence in block.sentences)
        paragraph = made.add_paragraph(clean(text), style="Aside" if block.is_aside else "Normal")
        # What leads to a table or chart stands on the same page.
        paragraph.paragraph_format.keep_with_next = is_kept
    elif isinstance(block, Bullets):
        for sentence in block.sentences:
            made.add_paragraph(clean(sentence.text), style="List Bullet")
    elif isinstance(block, Quoted):
        _quote(made, block)
    elif isinstance(block, Cards):
        _cards(made, block)
    else:
        made.add_paragraph(clean(block.caption), style="Caption")
        _table(made, block)


def _quote(made: WordDocument, block: Quoted) -> None:
    paragraph = made.add_paragraph()
    if block.term:
        paragraph.add_run(clean(f"{block.term}: ")).bold = True
    paragraph.add_run(clean(block.text)).bold = block.is_warning
    if block.is_warning:
        _shade(paragraph.paragraph_format.element.get_or_add_pPr(), SHADE)


def _cards(made: WordDocument, block: Cards) -> None:
    from docx.shared import Pt

    head: tuple[str, ...]
    widths: tuple[float, ...]
    head, widths = ("Figure", "What it counts", "What it changed from"), (3.2, 5.8, 8.0)
    if all(card.change is None for card in block.cards):
        head, widths = head[:2], (4.0, WIDTH_CM - 4.0)
    table = _new_table(made, head, len(block.cards), widths)
    for row, card in zip(table.rows[1:], block.cards, strict=True):
        figure = card.figure.printed
        run = _write(row.cells[0], figure)
        run.bold, run.font.size = True, Pt(LARGE if len(figure) < IN_WORDS else BODY)
        _write(row.cells[1], card.label).bold = True
        row.cells[1].add_paragraph(clean(card.detail.text)).paragraph_format.space_after = Pt(3)
        if len(head) > 2:
            _write(row.cells[2], card.change.text if card.change else "No earlier figure to compare with.")


def _table(made: WordDocument, block: Table) -> None:
    others = len(block.head) - 1
    wide = WIDE_CM if others == 1 else NUMBER_CM if others < 4 else NARROW_CM
    widths = (WIDTH_CM - others * wide, *([wide] * others))
    table = _new_table(made, block.head, len(block.rows), widths, is_right=True)
    # A row is kept with the next one: a short table is not torn, a long one not after its first rows.
    kept = len(block.rows) - 1 if len(block.rows) <= ON_ONE_PAGE else 2
    for number, (row, cells) in enumerate(zip(table.rows[1:], block.rows, strict=True)):
        for place, (cell, value) in enumerate(zip(row.cells, cells, strict=True)):
            text = value.printed if isinstance(value, Said) else value
            _write(cell, text, is_kept=number < kept, is_right=place > 0).bold = place == 0
    made.add_paragraph().paragraph_format.space_after = 0


def _new_table(
    made: WordDocument, head: tuple[str, ...], rows: int, widths: tuple[float, ...], *, is_right: bool = False
) -> Any:
    from docx.shared import Cm

    table = made.add_table(rows + 1, len(head))
    table.autofit = False
    _borders(table)
    # Words of the first column stand below the text above the table, not left of it.
    table._tbl.tblPr.append(_element("w:tblInd", w=str(_CELL_MARGIN), type="dxa"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
    table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
    for place, (cell, text) in enumerate(zip(table.rows[0].cells, head, strict=True)):
        _write(cell, text, is_kept=True, is_right=is_right and place > 0).bold = True
        _shade(cell._tc.get_or_add_tcPr(), SHADE)
    return table


def _borders(table: Any) -> None:
    borders = _element("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color=RULE))
    table._tbl.tblPr.append(borders)


def _element(tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _write(cell: _Cell, text: str, *, is_kept: bool = False, is_right: bool = False) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
    paragraph.paragraph_format.keep_with_next = is_kept
    if is_right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return paragraph.add_run(clean(text))


def _picture(made: WordDocument, block: Picture, png: bytes) -> None:
    from docx.shared import Cm

    made.add_paragraph(clean(block.title), style="Caption")
    paragraph = made.add_paragraph()
    shape = paragraph.add_run().add_picture(io.BytesIO(png))
    # Its letters are then as large as those of the text, unless it would not fit.
    scale = min(CM_OF_DOT, WIDTH_CM / _dots(png)[0], HIGHEST_CM / _dots(png)[1])
    shape.width, shape.height = (Cm(scale * dots) for dots in _dots(png))
    described = shape._inline.docPr
    described.set("name", clean(block.ident))
    described.set("title", clean(block.title))
    described.set("descr", clean(block.alternative))


def _dots(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, as its head says."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _shade(properties: Any, colour: str) -> None:
    properties.append(_element("w:shd", val="clear", color="auto", fill=colour))


def _field(run: Any, code: str) -> None:
    named = _element("w:instrText")
    named.text = code
    run._r.extend([_element("w:fldChar", fldCharType="begin"), named, _element("w:fldChar", fldCharType="end")])
