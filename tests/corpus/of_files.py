"""Zips, workbooks, Parquet and other files as the export."""

from __future__ import annotations

import io
import shutil
import stat
import zipfile

import polars as pl

from tests.corpus.base import FILES, Call
from tests.corpus.edits import alone, option, save_workbook, several, sheets, text, workbook, zipped
from tests.corpus.entry import Entry
from tests.corpus.of_bytes import ENCRYPTED, OLE


def as_parquet(call: Call) -> None:
    """Every file as Parquet of text columns."""
    for name in FILES:
        frame = pl.read_csv(io.StringIO(call.text(name)), infer_schema=False)
        frame.write_parquet(call.export / f"{name}.parquet")
        call.path(name).unlink()


def cut_parquet(call: Call) -> None:
    """One of the Parquet files is cut off."""
    as_parquet(call)
    path = call.export / "relief.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def nested_parquet(call: Call) -> None:
    """A column of structures."""
    as_parquet(call)
    pl.DataFrame({"case_ref": ["A1"], "relief_start": [{"day": 1}]}).write_parquet(call.export / "relief.parquet")


def empty_parquet(call: Call) -> None:
    """Parquet without a column."""
    as_parquet(call)
    (call.export / "relief.parquet").write_bytes(b"")


def member(name: str, content: bytes = b"x") -> object:
    """Something more in the zip."""
    return lambda packed: packed.writestr(name, content)


def link_member(packed: zipfile.ZipFile) -> None:
    """A link to a file outside."""
    entry = zipfile.ZipInfo("link.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed.writestr(entry, "/etc/hostname")


def encrypted_zip(call: Call) -> None:
    """The flag of every member says that it is encrypted."""
    zipped()(call)
    data = bytearray(call.export.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    call.export.write_bytes(bytes(data))


def cut_zip(call: Call) -> None:
    """The zip ends in its middle."""
    zipped()(call)
    data = call.export.read_bytes()
    call.export.write_bytes(data[: len(data) // 2])


def damaged_member(call: Call) -> None:
    """The content of a member does not fit its checksum."""
    with zipfile.ZipFile(call.folder / "export.zip", "w", zipfile.ZIP_STORED) as packed:
        for name in FILES:
            packed.writestr(f"{name}.csv", call.text(name))
    data = (call.folder / "export.zip").read_bytes()
    (call.folder / "export.zip").write_bytes(data.replace(b"family_friends", b"family_foesxxx", 1))
    call.export = call.folder / "export.zip"


def empty_zip(call: Call) -> None:
    """A zip without a member."""
    with zipfile.ZipFile(call.folder / "export.zip", "w"):
        pass
    call.export = call.folder / "export.zip"


def bomb(call: Call) -> None:
    """Twenty megabytes of one byte."""
    zipped(lambda packed: packed.writestr("reviews_old.csv", bytes(20 * 1024**2)))(call)


def crowded(packed: zipfile.ZipFile) -> None:
    """More files than an export has."""
    for number in range(1_100):
        packed.writestr(f"page{number}.csv", b"")


def workbook_beside(call: Call) -> None:
    """One of the files is an encrypted workbook."""
    call.path("relief").unlink()
    call.write("relief.xlsx", ENCRYPTED)


def old_workbook_beside(call: Call) -> None:
    """One of the files is an old workbook."""
    call.path("relief").unlink()
    call.write("relief.xls", OLE)


def ods(call: Call) -> None:
    """Every section a sheet of an OpenDocument workbook."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    for name, lines in sheets().items():
        table = Table(name=name)
        for line in lines:
            row = TableRow()
            for value in line:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=str(value)))
                row.addElement(cell)
            table.addElement(row)
        book.spreadsheet.addElement(table)
    shutil.rmtree(call.export)
    call.export = call.folder / "export.ods"
    book.save(str(call.export))


def sheet_with(name: str, change: object) -> object:
    """The workbook with one sheet changed."""
    tables = sheets()
    change(tables[name])  # type: ignore[operator]
    return workbook(tables)


def sheets_without(*names: str) -> object:
    """The workbook without these sheets."""
    return workbook({name: lines for name, lines in sheets().items() if name not in names})


def workbook_and_files(call: Call) -> None:
    """A workbook of the same sections beside the files."""
    save_workbook(call.export / "export.xlsx", sheets())


def numbers_in(lines: list[list[object]]) -> None:
    """References as numbers, which lost their zeros."""
    for line in lines[1:]:
        line[0] = 1


def formula_error(lines: list[list[object]]) -> None:
    """A cell that shows an error."""
    lines[1][1] = "#REF!"


ENTRIES = (
    Entry("files-no-such-path", lambda call: shutil.rmtree(call.export), 3, ("no export at that path",)),
    Entry("files-an-empty-csv", alone("", "main.csv"), 1, ("X-05", "main.csv")),
    Entry("files-a-text-document", alone("hello\n", "export.docx"), 3, ("is not a CSV, XLSX",)),
    Entry("files-a-pdf", alone("%PDF-1.7\n", "export.pdf"), 3, ("is not a CSV, XLSX",)),
    Entry("files-a-database", alone(b"SQLite format 3\0", "export.db"), 3, ("is not a CSV, XLSX",)),
    Entry("files-no-suffix", alone("case_ref\n", "export"), 3, ("is not a CSV, XLSX",)),
    Entry("files-an-old-workbook", alone(OLE, "export.xls"), 3, ("export.xls", "old Excel format")),
    Entry("files-a-binary-workbook", alone(b"PK\x03\x04", "export.xlsb"), 3, ("XLSX",)),
    Entry("files-an-old-workbook-named-xlsx", alone(OLE, "export.xlsx"), 3, ("export",)),
    Entry("files-a-password-workbook", alone(ENCRYPTED, "export.xlsx"), 3, ("export.xlsx", "password")),
    Entry("files-a-password-workbook-among-others", workbook_beside, 1, ("relief.xlsx", "password")),
    Entry("files-an-old-workbook-among-others", old_workbook_beside, 1, ("relief.xls",)),
    Entry("files-a-workbook-of-noise", alone(bytes(range(256)), "export.xlsx"), 3, ("cannot be read",)),
    Entry("files-a-csv-named-xlsx", alone(FILES["main"], "export.xlsx"), 3, ("cannot be read",)),
    Entry("files-a-zip-named-xlsx", lambda call: _renamed_zip(call, "export.xlsx"), 3, ("cannot be read",)),
    Entry("files-a-workbook-named-zip", lambda call: _workbook_as(call, "export.zip"), 3, ("no CSV",)),
    Entry("files-an-empty-workbook", workbook({"Sheet1": []}), 3, ("export.xlsx",)),
    Entry("files-a-workbook", workbook(sheets()), 0),
    Entry("files-a-workbook-without-a-sheet", sheets_without("reviews"), 1, ("X-01", "reviews")),
    Entry("files-a-workbook-with-one-sheet", sheets_without(*[n for n in FILES if n != "main"]), 1, ("X-01", "people")),
    Entry("files-a-workbook-with-an-empty-sheet", workbook(sheets({"reviews": []})), 1, ("X-05", "reviews")),
    Entry(
        "files-a-workbook-with-a-title-row",
        sheet_with("relief", lambda s: s.insert(0, ["Relief duties"])),
        1,
        ("export.xlsx [relief]",),
    ),
    Entry(
        "files-a-workbook-with-a-strange-sheet",
        workbook({**sheets(), "Notes": [["read me"]]}),
        0,
        ("X-02", "Notes"),
    ),
    Entry("files-a-workbook-whose-references-are-numbers", sheet_with("relief", numbers_in), 1, ("relief",)),
    Entry("files-a-workbook-with-an-error-cell", sheet_with("relief", formula_error), 1, ("X-30", "[relief]", "row 2")),
    Entry(
        "files-a-workbook-with-a-total",
        sheet_with("relief", lambda s: s.append(["Total", 2, *[""] * 6])),
        1,
        ("[relief]", "row 4"),
    ),
    Entry("files-a-workbook-beside-the-files", workbook_and_files, 0, ("X-02", "export.xlsx [main]")),
    Entry("files-ods", ods, 0),
    Entry("files-parquet", as_parquet, 0),
    Entry("files-parquet-cut-off", cut_parquet, 1, ("X-03", "relief.parquet")),
    Entry("files-parquet-nested", nested_parquet, 1, ("X-03", "relief.parquet")),
    Entry("files-parquet-empty", empty_parquet, 1, ("relief.parquet",)),
    Entry("files-zip", zipped(), 0),
    Entry("files-zip-cut-off", cut_zip, 3, ("damaged or cut off",)),
    Entry("files-zip-of-noise", alone(bytes(range(256)), "export.zip"), 3, ("damaged",)),
    Entry("files-zip-empty-file", alone(b"", "export.zip"), 3, ("damaged",)),
    Entry("files-zip-empty", empty_zip, 3, ("no CSV",)),
    Entry("files-zip-encrypted", encrypted_zip, 3, ("export.zip", "password")),
    Entry("files-zip-damaged-member", damaged_member, 3, ("damaged",)),
    Entry("files-zip-outside", zipped(member("../evil.csv")), 3, ("path outside",)),
    Entry("files-zip-absolute", zipped(member("/tmp/evil.csv")), 3, ("path outside",)),
    Entry("files-zip-drive-letter", zipped(member("C:\\evil.csv")), 3, ("path outside",)),
    Entry("files-zip-link", zipped(link_member), 3, ("link",)),
    Entry("files-zip-bomb", bomb, 3, ("unpack",)),
    Entry("files-zip-crowded", zipped(crowded), 3, ("more files",)),
    Entry("files-zip-without-a-section", zipped(leave_out=["people"]), 1, ("X-01", "people")),
    Entry("files-zip-in-a-zip", lambda call: _zip_in_zip(call), 3, ("no CSV",)),
    Entry("files-zip-with-mac-litter", zipped(member("__MACOSX/._main.csv")), 0),
    Entry(
        "files-zip-same-name-twice",
        zipped(member("old/relief.csv", FILES["relief"].encode())),
        3,
        ("relief.csv", "old/relief.csv"),
    ),
    Entry("files-database-address", lambda call: _database(call), 2, ("holds a user or password",)),
    Entry("files-lock-file-beside", text("~$relief.csv", "x"), 0),
    Entry("files-export-is-the-out-folder", several(option("out", "{folder}/export")), 0, command="run"),
)


def _renamed_zip(call: Call, name: str) -> None:
    zipped()(call)
    call.export = call.export.rename(call.folder / name)


def _workbook_as(call: Call, name: str) -> None:
    workbook(sheets())(call)
    call.export = call.export.rename(call.folder / name)


def _zip_in_zip(call: Call) -> None:
    zipped()(call)
    inner = call.export.read_bytes()
    with zipfile.ZipFile(call.folder / "outer.zip", "w") as packed:
        packed.writestr("export.zip", inner)
    call.export = call.folder / "outer.zip"


class _Address(str):
    """What is typed instead of a path."""


def _database(call: Call) -> None:
    call.export = _Address("postgresql://officer:secret@host/db")  # type: ignore[assignment]
