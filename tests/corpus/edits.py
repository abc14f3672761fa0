"""The ways in which an export is broken: each gives a function that breaks one thing of a call."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

from tests.corpus.base import FILES, Call

Fault = Callable[[Call], None]
Rows = list[list[str]]


def rows_of(name: str) -> Rows:
    """The cells of a file of the base, headings first; it holds neither quotation marks nor line breaks."""
    return [line.split(",") for line in FILES[name].splitlines()]


def csv_text(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def several(*faults: Fault) -> Fault:
    """One fault after the other: one mistake of a user that touches more than one place."""

    def apply(call: Call) -> None:
        for fault in faults:
            fault(call)

    return apply


def rows(name: str, edit: Callable[[Rows], object]) -> Fault:
    """Change the rows of a file."""

    def apply(call: Call) -> None:
        def changed(text: str) -> str:
            parsed = list(csv.reader(io.StringIO(text)))
            edit(parsed)
            return csv_text(parsed)

        call.change(name, changed)

    return apply


def cell(name: str, row: int, column: str, value: str) -> Fault:
    """Put a value into one cell; row 1 holds the headings."""

    def edit(parsed: Rows) -> None:
        parsed[row - 1][parsed[0].index(column)] = value

    return rows(name, edit)


def cells(name: str, column: str, value: str) -> Fault:
    """Put a value into every cell of a column."""

    def edit(parsed: Rows) -> None:
        for row in parsed[1:]:
            row[parsed[0].index(column)] = value

    return rows(name, edit)


def heading(name: str, old: str, new: str) -> Fault:
    """Write another heading."""
    return rows(name, lambda parsed: parsed[0].__setitem__(parsed[0].index(old), new))


def without_column(name: str, column: str) -> Fault:
    """Leave a column out."""

    def edit(parsed: Rows) -> None:
        place = parsed[0].index(column)
        for row in parsed:
            del row[place]

    return rows(name, edit)


def with_column(name: str, column: str, value: str) -> Fault:
    """Add a column at the end."""

    def edit(parsed: Rows) -> None:
        parsed[0].append(column)
        for row in parsed[1:]:
            row.append(value)

    return rows(name, edit)


def row(name: str, *values: str) -> Fault:
    """Add a row of these cells, as they are."""
    return rows(name, lambda parsed: parsed.append(list(values)))


def double(name: str, number: int = 2, times: int = 1) -> Fault:
    """Repeat a row."""
    return rows(name, lambda parsed: parsed.extend(list(parsed[number - 1]) for _ in range(times)))


def without_row(name: str, number: int) -> Fault:
    """Leave a row out."""
    return rows(name, lambda parsed: parsed.pop(number - 1))


def text(name: str, content: str | bytes) -> Fault:
    """Give a file other content."""
    return lambda call: _written(call, name, content)


def _written(call: Call, name: str, content: str | bytes) -> None:
    call.write(name, content)


def edit(name: str, change: Callable[[str], str]) -> Fault:
    """Change the text of a file."""
    return lambda call: call.change(name, change)


def everywhere(change: Callable[[str], str]) -> Fault:
    """Change the text of every file."""

    def apply(call: Call) -> None:
        for name in FILES:
            call.write(name, change(call.text(name)))

    return apply


def encoded(name: str, codec: str) -> Fault:
    """Write a file in another encoding."""

    def apply(call: Call) -> None:
        call.write(name, call.text(name).encode(codec))

    return apply


def raw(name: str, change: Callable[[bytes], bytes]) -> Fault:
    """Change the bytes of a file."""
    return lambda call: _written(call, name, change(call.path(name).read_bytes()))


def gone(name: str) -> Fault:
    """Take a file away."""
    return lambda call: call.path(name).unlink()


def renamed(name: str, new: str) -> Fault:
    """Give a file another name."""

    def apply(call: Call) -> None:
        call.path(name).rename(call.export / new)

    return apply


def option(name: str, value: str | None) -> Fault:
    """Give an option another value; none takes it away. ``{folder}`` is the call's folder."""

    def apply(call: Call) -> None:
        if value is None:
            del call.options[name]
        else:
            call.options[name] = value.replace("{folder}", str(call.folder))

    return apply


def beside(name: str, content: str | bytes, file: str = "side.csv") -> Fault:
    """Write a file beside the export and give it as an option."""

    def apply(call: Call) -> None:
        call.beside(name, file, content)

    return apply


def sheets(tables: Mapping[str, Sequence[Sequence[object]]] | None = None) -> dict[str, list[list[object]]]:
    """The base as sheets, some of them given anew."""
    found: dict[str, list[list[object]]] = {name: [list(one) for one in rows_of(name)] for name in FILES}
    for name, given in (tables or {}).items():
        found[name] = [list(one) for one in given]
    return found


def save_workbook(path: Path, tables: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write an XLSX file of these sheets."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(table):
                sheet.write_row(number, 0, line)


def workbook(tables: Mapping[str, Sequence[Sequence[object]]], name: str = "export.xlsx") -> Fault:
    """The export is one workbook of these sheets."""

    def apply(call: Call) -> None:
        shutil.rmtree(call.export)
        call.export = call.folder / name
        save_workbook(call.export, tables)

    return apply


def alone(content: str | bytes, name: str) -> Fault:
    """The export is one file of that name."""

    def apply(call: Call) -> None:
        shutil.rmtree(call.export)
        call.export = call.folder / name
        call.export.write_bytes(content if isinstance(content, bytes) else content.encode())

    return apply


def zipped(change: Callable[[zipfile.ZipFile], None] | None = None, *, leave_out: Sequence[str] = ()) -> Fault:
    """The export is a zip of its files, with what else is put into it."""

    def apply(call: Call) -> None:
        target = call.folder / "export.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in FILES:
                if name not in leave_out:
                    packed.writestr(f"{name}.csv", call.path(name).read_bytes())
            if change:
                change(packed)
        call.export = target

    return apply


def profile(toml: str) -> Fault:
    """Read the export by this source profile."""

    def apply(call: Call) -> None:
        call.options["source"] = str(call.folder / "own.toml")
        (call.folder / "own.toml").write_text(toml, encoding="utf-8")

    return apply
