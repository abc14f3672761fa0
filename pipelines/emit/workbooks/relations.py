"""Relations as a workbook for pivot tables: one flat table a sheet, named, with typed dates and no merged cells.

The sheets are written as text, column by column: cell by cell it takes minutes for eight years of cases.
Text stands in the table of shared strings, so that none of it is ever taken for a formula.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import polars as pl
import pyarrow as pa

from pipelines.emit.workbooks.archive import entry

MAX_ROWS = 1_048_575
"""Rows under the header that a sheet can hold."""

_CHUNK = 20_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_DAY, _NAMES, _POUNDS, _IN_WORDS = 1, 2, 3, 4
"""Places in the list of cell formats of ``_STYLES``."""

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="&quot;£&quot;#,##0.00"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
    '<alignment vertical="top" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _clean(frame: pl.DataFrame) -> pl.DataFrame:
    """Text as a cell can hold it; what is no text, number, day or flag is written as text."""
    others = [
        name for name, dtype in frame.schema.items() if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Date))
    ]
    return frame.with_columns(
        pl.col(name).cast(pl.String).str.replace_all(_NOT_XML, "").str.slice(0, 32_767) for name in others
    )


def _shared(frames: Mapping[str, pl.DataFrame], headings: Iterable[str]) -> pl.Series:
    """Every text of the sheets once, headings first, in the order in which they come."""
    found = [pl.Series([*(name for frame in frames.values() for name in frame.columns), *headings], dtype=pl.String)]
    found += [frame[name] for frame in frames.values() for name in frame.columns if frame[name].dtype == pl.String]
    return pl.concat([part.rename("text") for part in found]).drop_nulls().unique(maintain_order=True)


def _cells(name: str, dtype: pl.DataType, *, is_money: bool = False) -> pl.Expr:
    """The cell of each row in one column, as XML. Cells stand in order, so they need no address."""
    value = pl.col(name)
    kind, content = "", value
    if dtype == pl.Boolean:
        kind, content = ' t="b"', value.cast(pl.Int8)
    elif dtype == pl.Date:
        kind, content = f' s="{_DAY}"', value.cast(pl.Int32) + 25569
    elif dtype == pl.String:
        kind = ' t="s"'
    elif dtype.is_float():
        content = pl.when(value.is_finite()).then(value)
    if is_money and dtype.is_numeric():
        kind = f' s="{_POUNDS}"'
    return pl.concat_str(pl.lit(f"<c{kind}><v>"), content.cast(pl.String), pl.lit("</v></c>")).fill_null("<c/>")


def _head(texts: Sequence[str], style: int, shared: pl.Enum) -> str:
    """A row above the rows."""
    places = pl.Series(texts, dtype=pl.String).cast(shared).to_physical()
    return "<row>" + "".join(f'<c s="{style}" t="s"><v>{place}</v></c>' for place in places) + "</row>"


def _sheet(
    rows: pl.DataFrame, shared: pl.Enum, headings: Sequence[str], money: Collection[str], *, has_table: bool
) -> Iterator[str]:
    """The sheet's XML, in parts: headings in words where there are any, the columns' names, the rows."""
    above = [(_IN_WORDS, headings)] if headings else []
    heads = "".join(_head(texts, style, shared) for style, texts in (*above, (_NAMES, rows.columns)))
    top = len(above) + 1
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{max(12, min(40, len(name) + 4))}" customWidth="1"/>'
        for n, name in enumerate(rows.columns, 1)
    )
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheetViews><sheetView workbookViewId="0">'
        f'<pane ySplit="{top}" topLeftCell="A{top + 1}" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>{heads}"
    )
    # The place of a text in the shared table stands for it.
    texts = [name for name, dtype in rows.schema.items() if dtype == pl.String]
    coded = rows.with_columns(rows[name].cast(shared).to_physical() for name in texts)
    cells = [_cells(name, dtype, is_money=name in money) for name, dtype in rows.schema.items()]
    for chunk in coded.iter_slices(_CHUNK):
        lines = chunk.select(pl.concat_str(pl.lit("<row>"), *cells, pl.lit("</row>"))).to_series()
        yield lines.str.join("").item()
    yield "</sheetData>" + ('<tableParts count="1"><tablePart r:id="rId1"/></tableParts>' if has_table else "")
    yield "</worksheet>"


def _strings(shared: pl.Series) -> Iterator[str]:
    """The table of shared strings, in parts."""
    yield f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{shared.len()}">'
    for chunk in shared.to_frame("text").iter_slices(_CHUNK):
        text = pl.col("text")
        for raw, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.str.replace_all(raw, entity, literal=True)
        item = pl.concat_str(pl.lit('<si><t xml:space="preserve">'), text, pl.lit("</t></si>"))
        yield chunk.select(item).to_series().str.join("").item()
    yield "</sst>"


def _table(number: int, name: str, rows: pl.DataFrame, first_row: int) -> str:
    from xlsxwriter.utility import xl_range

    area = xl_range(first_row, 0, first_row + rows.height, rows.width - 1)
    columns = "".join(
        f"<tableColumn id={quoteattr(str(n))} name={quoteattr(c)}/>" for n, c in enumerate(rows.columns, 1)
    )
    return (
        f'{_HEAD}<table xmlns="{_MAIN}" id="{number}" name="{name}" displayName="{name}" ref="{area}"'
        f' totalsRowShown="0"><autoFilter ref="{area}"/><tableColumns count="{rows.width}">{columns}</tableColumns>'
        '<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="1"'
        ' showColumnStripes="0"/></table>'
    )


def _relationships(targets: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def write_relations(
    path: Path,
    relations: Mapping[str, pa.Table | pl.DataFrame],
    *,
    headings: Mapping[str, Mapping[str, str]] | None = None,
    money: Mapping[str, Collection[str]] | None = None,
) -> Path:
    """Write each relation to a sheet of its name. Same rows, same bytes.

    Columns are text, numbers, dates or flags. The sheet of a relation with more rows than a sheet can hold says so.
    ``headings``: of a relation, each column in words, in a row above the table. ``money``: the columns in pounds.

    Raises:
        OSError: the file cannot be written.
    """
    frames, above = {}, {}
    for name, rows in relations.items():
        frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows)
        if frame.height > MAX_ROWS:
            frame = pl.DataFrame({"note": [f"{frame.height} rows are more than a sheet holds: see {name}.parquet."]})
        frames[name] = _clean(frame)
        words = (headings or {}).get(name, {})
        above[name] = [words.get(column, column) for column in frame.columns] if words else []
    shared = _shared(frames, (word for words in above.values() for word in words))
    places = pl.Enum(shared)
    names = list(frames)
    tabled = [name for name in names if frames[name].height]
    overrides = [
        ("/xl/workbook.xml", f"{_PART}.sheet.main+xml"),
        ("/xl/styles.xml", f"{_PART}.styles+xml"),
        ("/xl/sharedStrings.xml", f"{_PART}.sharedStrings+xml"),
        *((f"/xl/worksheets/sheet{n}.xml", f"{_PART}.worksheet+xml") for n in range(1, len(names) + 1)),
        *((f"/xl/tables/table{n}.xml", f"{_PART}.table+xml") for n in range(1, len(tabled) + 1)),
    ]
    types = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides)
    sheets = "".join(f'<sheet name="{name[:31]}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    with zipfile.ZipFile(path, "w") as book:

        def put(part: str, text: Iterable[str]) -> None:
            book.writestr(entry(part), "".join(text).encode(), compresslevel=1)

        put(
            "[Content_Types].xml",
            [
                f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
                ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
            ],
        )
        put("_rels/.rels", [_relationships([("officeDocument", "xl/workbook.xml")])])
        put(
            "xl/workbook.xml",
            [f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'],
        )
        targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(names) + 1)]
        targets += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        put("xl/_rels/workbook.xml.rels", [_relationships(targets)])
        put("xl/styles.xml", [_STYLES])
        put("xl/sharedStrings.xml", _strings(shared))
        for n, name in enumerate(names, 1):
            pounds = (money or {}).get(name, ())
            sheet_parts = _sheet(frames[name], places, above[name], pounds, has_table=name in tabled)
            put(f"xl/worksheets/sheet{n}.xml", sheet_parts)
        for n, name in enumerate(tabled, 1):
            put(f"xl/tables/table{n}.xml", [_table(n, name, frames[name], 1 if above[name] else 0)])
            sheet = names.index(name) + 1
            put(f"xl/worksheets/_rels/sheet{sheet}.xml.rels", [_relationships([("table", f"../tables/table{n}.xml")])])
    return path
