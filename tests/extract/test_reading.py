"""The same rows come out of every encoding, delimiter, file format and packing."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from odf import table as ods
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P
from polars.testing import assert_frame_equal

from pipelines.errors import InputError
from pipelines.extract import Extracted, exports, records, workbooks
from pipelines.extract.decoding import HAS_PASSWORD, OLD_WORKBOOK, WEB_PAGE
from pipelines.extract.layouts import write_layout
from pipelines.extract.records import Block, Layout, Lines, Records
from schemas.sections import SECTION, SECTIONS

Read = Callable[..., Extracted]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def assert_same(found: Extracted, sections: dict[str, pl.DataFrame]) -> None:
    """The export gives exactly these sections and has nothing to say."""
    # A small export does not have all codes that a profile spells.
    assert set(found.findings.get_column("rule_id")) <= {"X-46"}
    for name, frame in sections.items():
        assert_frame_equal(found.sections[name].drop("_file", "_row"), frame.sort(SECTION[name].key))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("codec", "name"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with BOM"), ("cp1252", "Windows-1252")]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(
    export: Path, read: Read, sections: dict[str, pl.DataFrame], delimiter: str, codec: str, name: str, line_end: str
) -> None:
    for path in export.iterdir():
        frame = pl.read_csv(path, infer_schema=False)
        text = frame.write_csv(separator=delimiter, line_terminator="\n").replace("\n", line_end)
        path.write_bytes(text.encode(codec))
    found = read(export)
    assert_same(found, sections)
    people = next(count for count in found.files if count.name == "people.csv")
    assert (people.encoding, people.delimiter) == (name, delimiter)


@pytest.mark.parametrize(("line", "delimiter"), [("sep=;", ";"), ('"SEP=^" ', "^"), ("sep=\t", "\t")])
@pytest.mark.parametrize("header_row", [1, 2])
def test_a_first_line_that_states_the_delimiter_is_obeyed(
    export: Path, read: Read, sections: dict[str, pl.DataFrame], line: str, delimiter: str, header_row: int
) -> None:
    path = export / "people.csv"
    path.write_text(f"{line}\n" + pl.read_csv(path, infer_schema=False).write_csv(separator=delimiter))
    profile = export.parent / "stated.toml"
    text = Path("schemas/sources/native.toml").read_text(encoding="utf-8")
    profile.write_text(text.replace('file = "people"', f'file = "people"\nheader_row = {header_row}'))
    found = read(export, str(profile))
    assert_same(found, sections)
    assert found.sections["people"].get_column("_row").to_list()[0] == header_row + 1
    assert {count.delimiter for count in found.files if count.name == "people.csv"} == {delimiter}


@pytest.mark.parametrize("chars", [1, 60, 500])
def test_a_long_file_read_in_blocks_gives_the_same_rows(
    export: Path, read: Read, sections: dict[str, pl.DataFrame], chars: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "BLOCK_CHARS", chars)
    assert_same(read(export), sections)


@pytest.mark.parametrize(
    "spoilt", ["one cell too many", "line break in a cell", "unknown code, odd date, no reference"]
)
def test_a_long_file_with_bad_rows_gives_the_same_findings_as_a_short_one(
    export: Path, read: Read, spoilt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = export / "main.csv"
    lines = main.read_text(encoding="utf-8").splitlines()
    if spoilt == "one cell too many":
        lines[-1] += ",x"
    elif spoilt == "line break in a cell":
        lines[-2] = lines[-2].replace(",", ',"a\nb",', 1).rpartition(",")[0]
    else:
        headings = lines[0].split(",")
        for number, (heading, value) in enumerate(
            [("assess1", "no such"), ("application_date", "soon"), ("case_ref", "")], start=1
        ):
            cells = lines[-number].split(",")
            cells[headings.index(heading)] = value
            lines[-number] = ",".join(cells)
    main.write_text("\n".join(lines) + "\n", encoding="utf-8")
    at_once = read(export)
    monkeypatch.setattr(records, "BLOCK_CHARS", 1)
    in_blocks = read(export)
    assert at_once.findings.height > 0
    assert_frame_equal(in_blocks.findings, at_once.findings)
    assert_frame_equal(in_blocks.set_aside, at_once.set_aside)
    assert in_blocks.files == at_once.files
    for name, frame in at_once.sections.items():
        assert_frame_equal(in_blocks.sections[name], frame)


@pytest.mark.parametrize(
    ("broken", "careful"),
    [
        ("E06000034_000000000002,none,x", 0),
        ('"E06000034_000000000002",none,x', 1),
        ('"E06000034_00000000000\n2",none', 1),
    ],
)
def test_of_a_long_file_only_the_lines_about_a_broken_row_are_read_with_care(
    export: Path, read: Read, broken: str, careful: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export / "support_needs.csv"
    path.write_text(path.read_text(encoding="utf-8") + f"{broken}\n,eet\nE06000034_000000000001,\n", encoding="utf-8")
    at_once = read(export)
    rows = []
    slow = Layout._careful

    def seen(layout: Layout, rows_of: Records, *, damaged: bool) -> Block:
        block = slow(layout, rows_of, damaged=damaged)
        rows.append((layout.name, block.records))
        return block

    monkeypatch.setattr(records, "BLOCK_CHARS", 1)
    monkeypatch.setattr(Layout, "_careful", seen)
    found = read(export)
    assert set(rows) <= {("support_needs.csv", 1)}
    assert bool(rows) == bool(careful)
    assert found.set_aside.height == 3
    assert_frame_equal(found.set_aside, at_once.set_aside)
    assert_frame_equal(found.findings, at_once.findings)


def test_a_file_that_changes_while_it_is_read_is_refused(export: Path) -> None:
    file = exports.files_of(export)[0]
    file.read()
    (export / file.name).write_text("case_ref\n", encoding="utf-8")
    with pytest.raises(InputError, match="changed while it was read"):
        file.read()


@pytest.mark.parametrize("suffix", [".txt", ".tsv"])
def test_other_names_of_text_files(export: Path, read: Read, sections: dict[str, pl.DataFrame], suffix: str) -> None:
    for path in list(export.iterdir()):
        path.rename(path.with_suffix(suffix))
    assert_same(read(export), sections)


def test_line_breaks_and_quotation_marks_in_cells(export: Path, read: Read, sections: dict[str, pl.DataFrame]) -> None:
    address = 'The "Old" House,\n2 High Street'
    people = sections["people"].with_columns(last_address=pl.lit(address))
    people.with_columns(pl.col(pl.Boolean).cast(pl.String)).write_csv(export / "people.csv")
    found = read(export)
    assert_same(found, {**sections, "people": people})
    assert found.sections["people"].get_column("_row").to_list() == [2, 3, 4, 5, 6]


def test_parquet_files_with_typed_columns(tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame]) -> None:
    for name, frame in sections.items():
        frame.write_parquet(tmp_path / f"{name}.parquet")
    assert_same(read(tmp_path), sections)


def test_a_workbook_with_a_sheet_for_each_section(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame]
) -> None:
    path = tmp_path / "anything.xlsx"
    _workbook(path, sections)
    found = read(path)
    assert_same(found, sections)
    assert {count.name for count in found.files} == {f"anything.xlsx [{name}]" for name in sections}


def test_a_workbook_for_each_section(tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame]) -> None:
    for name, frame in sections.items():
        _workbook(tmp_path / f"{name}.xlsx", {"Sheet1": frame})
    assert_same(read(tmp_path), sections)


def test_an_ods_workbook_gives_the_same_rows(tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame]) -> None:
    book = OpenDocumentSpreadsheet()
    for name, frame in sections.items():
        sheet = ods.Table(name=name)
        for cells in [frame.columns, *frame.iter_rows()]:
            row = ods.TableRow()
            for cell in cells:
                row.addElement(_ods_cell(cell))
            sheet.addElement(row)
        book.spreadsheet.addElement(sheet)
    path = tmp_path / "export.ods"
    book.save(str(path))
    assert_same(read(path), sections)


def _ods_cell(value: object) -> ods.TableCell:
    if value is None:
        return ods.TableCell()
    if isinstance(value, bool):
        return ods.TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    if isinstance(value, (int, float)):
        return ods.TableCell(valuetype="float", value=str(value))
    if isinstance(value, date):
        return ods.TableCell(valuetype="date", datevalue=value.isoformat())
    cell = ods.TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


@pytest.mark.parametrize("name", ["main.xlsx", "main.ods", "main.xls"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), HAS_PASSWORD),
        (OLE + "Workbook".encode("utf-16-le"), OLD_WORKBOOK),
        (b"<html><table><tr><td>case_ref</td></tr></table></html>", WEB_PAGE),
        (b"case_ref,assess1\n", "it is a text file under the name of a workbook; name it .csv"),
    ],
)
def test_what_is_no_workbook_says_in_one_sentence_what_it_is(
    tmp_path: Path, read: Read, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refused:
        read(tmp_path)
    assert str(refused.value) == f"The file {name} cannot be read: {why}."


def test_an_ods_workbook_with_a_password_is_refused(tmp_path: Path, read: Read) -> None:
    with zipfile.ZipFile(tmp_path / "main.ods", "w") as packed:
        packed.writestr("content.xml", "\x81\x8d")
        packed.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    with pytest.raises(InputError, match=r"^The file main\.ods cannot be read: it is protected by a password"):
        read(tmp_path)


def test_a_sheet_that_spans_more_cells_than_fit_the_memory_is_refused(tmp_path: Path, read: Read) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "main.xlsx")) as book:
        book.add_worksheet("main").write("XFD1048576", "far away")
    with pytest.raises(InputError, match=r"^The file main\.xlsx cannot be read: a sheet spans 17,179,869,184 cells"):
        read(tmp_path)


def test_what_is_no_file_is_named_and_not_waited_for(export: Path, read: Read) -> None:
    (export / "main.csv").unlink()
    os.mkfifo(export / "main.csv")
    with pytest.raises(InputError, match=r"^In the export, main\.csv is no file"):
        read(export)
    (export / "main.csv").unlink()
    (export / "main.csv").symlink_to("gone.csv")
    with pytest.raises(InputError, match=r"^In the export, main\.csv is no file"):
        read(export)


def test_a_file_too_large_for_a_table_is_named_before_it_is_read(
    export: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LARGEST_TEXT", 100)
    with pytest.raises(InputError, match=r"^The file main\.csv of the export has more than"):
        read(export)


def test_rows_of_a_sheet_keep_the_numbers_that_a_user_sees(
    export: Path, read: Read, sections: dict[str, pl.DataFrame]
) -> None:
    (export / "reviews.csv").unlink()
    _workbook(export / "reviews.xlsx", {"reviews": sections["reviews"]}, first_row=3)
    profile = export.parent / "late.toml"
    text = Path("schemas/sources/native.toml").read_text(encoding="utf-8")
    profile.write_text(text.replace('file = "reviews"', 'file = "reviews"\nheader_row = 4'), encoding="utf-8")
    found = read(export, str(profile))
    assert found.findings.is_empty()
    assert found.sections["reviews"].get_column("_row").to_list() == [5]


def _workbook(path: Path, sheets: dict[str, pl.DataFrame], first_row: int = 0) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(first_row, 0, frame.columns)
            for number, row in enumerate(frame.iter_rows(), start=first_row + 1):
                for index, cell in enumerate(row):
                    if frame.dtypes[index] == pl.Date and cell is not None:
                        sheet.write_datetime(number, index, cell, day)
                    elif cell is not None:
                        sheet.write(number, index, cell)


@pytest.mark.parametrize("folder", ["", "export/of today/"])
def test_a_zip_of_the_files(
    tmp_path: Path, export: Path, read: Read, sections: dict[str, pl.DataFrame], folder: str
) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in export.iterdir():
            packed.write(file, folder + file.name)
        packed.writestr("__MACOSX/._main.csv", b"\0")
        packed.writestr("README.txt.md", "words")
    assert_same(read(path), sections)


def test_a_cut_off_zip_is_refused(tmp_path: Path, export: Path, read: Read) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in export.iterdir():
            packed.write(file, file.name)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"^The zip file export\.zip is damaged or cut off"):
        read(path)
    # A flipped byte in the packed content of a member: its checksum no longer fits.
    path.write_bytes(whole[:60] + bytes([whole[60] ^ 0xFF]) + whole[61:])
    with pytest.raises(InputError, match=r"^The zip file export\.zip is damaged or cut off"):
        read(path)


@pytest.mark.parametrize("name", ["../main.csv", "a/../../main.csv", "/etc/main.csv", "C:\\main.csv", "..\\main.csv"])
def test_a_zip_with_a_path_outside_it_is_refused(tmp_path: Path, read: Read, name: str) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(name, "case_ref\n")
    with pytest.raises(InputError, match="path outside it"):
        read(path)


def test_a_zip_with_a_link_is_refused(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "export.zip"
    entry = zipfile.ZipInfo("main.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="link"):
        read(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("main.csv", "case_ref\n")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # flag of the local header
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # and of the directory
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"zip file export\.zip is protected by a password"):
        read(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("main.csv", b"0" * (exports.LIMITS.ratio_from + 1))
    assert path.stat().st_size * (exports.LIMITS.ratio or 0) < exports.LIMITS.ratio_from
    with pytest.raises(InputError, match="far more than a case export"):
        read(path)


def test_a_zip_of_too_many_files_is_refused(
    tmp_path: Path, export: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in export.iterdir():
            packed.write(file, file.name)
    monkeypatch.setattr(exports, "LIMITS", replace(exports.LIMITS, members=8))
    with pytest.raises(InputError, match="more files than an export"):
        read(path)


def test_a_workbook_bomb_is_refused(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "main.xlsx"
    _workbook(path, {"main": SECTION["main"].empty()})
    monkeypatch.setattr(workbooks, "LIMITS", replace(workbooks.LIMITS, total=1_000))
    with pytest.raises(InputError, match="far larger"):
        read(path)


def test_a_cut_off_workbook_is_refused(tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame]) -> None:
    path = tmp_path / "export.xlsx"
    _workbook(path, sections)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(
        InputError, match=r"^The file export\.xlsx cannot be read: it is not a whole XLSX or ODS workbook"
    ):
        read(path)


@pytest.mark.parametrize("profile", ["native", "jigsaw-style", "civica-style"])
def test_every_layout_gives_the_same_sections(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame], profile: str
) -> None:
    write_layout(sections, profile, tmp_path / profile)
    assert_same(read(tmp_path / profile, profile), sections)


@pytest.mark.parametrize("profile", ["native", "jigsaw-style", "civica-style"])
def test_a_layout_is_written_to_the_same_bytes(tmp_path: Path, sections: dict[str, pl.DataFrame], profile: str) -> None:
    first, second = (write_layout(sections, profile, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_fast_and_the_careful_reader_agree(export: Path) -> None:
    files = sorted(export.iterdir())
    assert {path.stem for path in files} == {section.name for section in SECTIONS}
    for path in files:
        header, rest = path.read_text(encoding="utf-8").rstrip("\n").split("\n", 1)
        layout = Layout(path.name, ",", header.count(",") + 1)
        fast = records.fast(rest, ",", layout.width, 2)
        assert fast is not None, path.name
        slow = layout._careful(Records(Lines(iter(())), rest, layout, 2), damaged=False)
        assert_frame_equal(fast.frame, slow.frame.drop("_i"))


def test_a_parquet_file_of_nested_columns_says_so(export: Path, read: Read) -> None:
    (export / "reviews.csv").unlink()
    buffer = io.BytesIO()
    pl.DataFrame({"case_ref": ["E1"], "x": [{"a": 1}]}).write_parquet(buffer)
    (export / "reviews.parquet").write_bytes(buffer.getvalue())
    assert "not plain text, number or date" in read(export).findings.get_column("message")[0]
