"""The list of errors that a portal returned, as a table: one thing said of one case a row."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InputError, UsageError
from pipelines.extract.decoding import UnreadableError
from pipelines.extract.delimited import read_csv
from pipelines.extract.tabular import TextTable
from pipelines.extract.workbooks import Workbook

COLUMNS = ("case", "field", "message", "rule")
_KNOWN = {
    "case": (
        "case",
        "case ref",
        "case reference",
        "case reference number",
        "case id",
        "case number",
        "h-clic reference",
        "h-clic case reference",
        "application reference",
        "reference",
        "reference number",
        "ref",
    ),
    "field": (
        "field",
        "field name",
        "element",
        "element name",
        "column",
        "item",
        "data item",
        "question",
        "xpath",
        "path",
    ),
    "message": (
        "message",
        "error message",
        "error",
        "error description",
        "error text",
        "description",
        "validation message",
        "rule description",
        "text",
        "details",
    ),
    "rule": ("rule", "rule id", "rule number", "error code", "validation code", "validation id", "code"),
}
"""Headings that are recognised without being named, by what they hold."""
_WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".xls", ".xlsb")
_HEADING_ROWS = 15
_LARGEST = 256 * 1024**2
_GIVEN = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^,=]*))\s*(?:,|$)')


@dataclass(frozen=True)
class Said:
    """One row of the response. Blank is ``""``; ``row`` as a spreadsheet numbers it."""

    row: int
    case: str
    field: str
    message: str
    rule: str


@dataclass(frozen=True)
class Response:
    """The rows of the response. ``left_out``: rows that say nothing, or cannot be laid under the headings."""

    said: tuple[Said, ...]
    rows_read: int
    left_out: int
    sheet: str | None


def parse_columns(text: str | None) -> dict[str, str]:
    """The headings as an officer names them: ``case="Case Ref", field=Element``, or a TOML file with ``[columns]``.

    Raises:
        UsageError: it is neither, or names a column that is none of case, field, message and rule.
    """
    if not text:
        return {}
    if text.lower().endswith(".toml"):
        return _known_only(_from_toml(Path(text)))
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        part = _GIVEN.match(text, at)
        if part is None or part.end() == at:
            raise UsageError('--columns is written like case="Case Ref", field=Element, message="Error text".')
        found[part[1]] = next(value for value in part.groups()[1:] if value is not None).strip()
        at = part.end()
    return _known_only(found)


def _from_toml(path: Path) -> dict[str, str]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise UsageError(f"The file of columns {path.name} could not be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UsageError(f"The file of columns {path.name} is not valid TOML.") from None
    given = raw.get("columns", raw)
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UsageError(f'The file of columns {path.name} needs [columns] with lines like case = "Case Ref".')
    return given


def _known_only(given: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(set(given) - set(COLUMNS))
    if unknown or not all(given.values()):
        raise UsageError(f"--columns names what is not known or leaves it blank. Known: {', '.join(COLUMNS)}.")
    return dict(given)


def read_response(path: Path, columns: Mapping[str, str], sheet: str | None = None) -> Response:
    """Read a CSV file or a workbook; the headings may stand below a title.

    Args:
        path: the file.
        columns: headings by what they hold (case, field, message, rule); others are looked for by usual names.
        sheet: of the workbook; by default the first one that has the headings.

    Raises:
        InputError: the file cannot be read, has no such headings, or says nothing.
    """
    what = f"The response {path.name}"
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{what} is far larger than a list of errors can be.")
        data = path.read_bytes()
    except OSError:
        raise InputError(f"{what} could not be read.") from None
    try:
        found = _with_headings(path, data, columns, sheet)
    except UnreadableError as error:
        raise InputError(f"{what} cannot be read: {error}.") from None
    if found is None:
        named = "; ".join(f'{name} "{heading}"' for name, heading in columns.items())
        raise InputError(
            f"{what} has no row of headings with the case reference and the message"
            + (f" (asked for: {named})" if named else "")
            + '. Name its headings: --columns case="…",message="…",field="…".'
        )
    table, at, name = found
    said = list(_rows(table, at))
    told = [one for one in said if one.message or one.rule or one.field]
    if not told:
        raise InputError(f"{what} has the headings and no row under them: there is nothing to compare.")
    read = len(said) + len(table.bad)
    return Response(tuple(told), read, read - len(told), name)


def _with_headings(
    path: Path, data: bytes, columns: Mapping[str, str], sheet: str | None
) -> tuple[TextTable, dict[str, int], str | None] | None:
    if path.suffix.lower() in _WORKBOOKS:
        book = Workbook(data)
        if sheet is not None and sheet not in book.sheets:
            raise UnreadableError(f"it has no sheet of the name given, but {len(book.sheets)} of other names")
        for name in [sheet] if sheet is not None else book.sheets:
            for row in range(1, _HEADING_ROWS + 1):
                table = book.read(name, name, row)
                if (at := _places(table.headings, columns)) is not None:
                    return table, at, name
        return None
    if sheet is not None:
        raise UnreadableError("it is not a workbook, and has no sheets")
    names = [*columns.values(), *(one for known in _KNOWN.values() for one in known)]
    expected = frozenset(name.casefold() for name in names)
    for row in range(1, _HEADING_ROWS + 1):
        table = read_csv(data, path.name, expected=expected, header_row=row)
        if (at := _places(table.headings, columns)) is not None:
            return table, at, None
    return None


def _places(headings: tuple[str, ...], columns: Mapping[str, str]) -> dict[str, int] | None:
    """Positions of the columns; None unless there are the case reference and something that is said of it."""
    folded = [_fold(heading) for heading in headings]
    found: dict[str, int] = {}
    for name in COLUMNS:
        wanted = [columns[name]] if name in columns else list(_KNOWN[name])
        places = [folded.index(_fold(one)) for one in wanted if _fold(one) in folded]
        if places:
            found[name] = places[0]
        elif name in columns:
            return None
    return found if "case" in found and ("message" in found or "rule" in found) else None


def _fold(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", heading.casefold())


def _rows(table: TextTable, at: Mapping[str, int]) -> Iterator[Said]:
    for block in table.blocks():
        cells = {name: block[f"c{place}"].to_list() for name, place in at.items()}
        for index, row in enumerate(block["_row"].to_list()):
            given = {name: (cells[name][index] or "").strip() if name in cells else "" for name in COLUMNS}
            yield Said(row=row, **given)
