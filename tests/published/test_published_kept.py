"""What was read of a workbook is kept in a cache folder: the same result sooner, never another, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import polars as pl
import pytest

from pipelines.published import kept, reader
from pipelines.published.command import published
from pipelines.published.figures import TIDY_SCHEMA, Figures, Remark
from pipelines.published.reader import PublishedWorkbook, read_workbook
from tests.published.test_published_2026_layout import as_xlsx
from tests.published.test_published_layouts import Sheet, a1, write
from tests.published.workbooks import EXCERPTS, by_quarter

# 0% beside suppressed counts, and a table that is the quarter's only as an exception.
MARCH_2024 = EXCERPTS / "Detailed_LA_202403.xlsx"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that copies go to."""
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "published"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The workbooks that were read themselves."""
    read: list[str] = []

    def noted(data: bytes, name: str, *given: object) -> Figures:
        read.append(name)
        return read_figures(data, name, *given)

    read_figures = reader.read_figures
    monkeypatch.setattr(reader, "read_figures", noted)
    return read


def content(book: PublishedWorkbook) -> dict[str, object]:
    said = {one.name: getattr(book, one.name) for one in fields(book)}
    return {**said, "tidy": book.tidy.rows(), "schema": book.tidy.schema}


@pytest.mark.parametrize("quarter", [quarter for quarter in by_quarter() if quarter != "2025-Q3"])
def test_a_kept_copy_is_what_the_workbook_says(place: Path, reads: list[str], quarter: str) -> None:
    path = by_quarter()[quarter]
    first, again = read_workbook(path), read_workbook(path)
    assert reads == [path.name]
    assert content(first) == content(again)


def test_how_sure_the_columns_of_an_assumed_layout_are_is_kept_too(
    place: Path, tmp_path: Path, reads: list[str]
) -> None:
    path = as_xlsx(tmp_path / "Detailed_Local_Authority_Data_202603.xlsx")
    first, again = read_workbook(path), read_workbook(path)
    assert len(reads) == 1
    assert first.matched
    assert content(first) == content(again)


def test_another_mapping_of_headings_is_another_reading(place: Path, tmp_path: Path, reads: list[str]) -> None:
    path = as_xlsx(tmp_path / "Detailed_Local_Authority_Data_202603.xlsx")
    mapping = tmp_path / "headings.csv"
    head = "table,column,heading,column_path,measure\n"
    said = []
    for line in ("", "TA1,,Households in TA Total,Total number of households in TA with children,count\n"):
        mapping.write_text(head + line)
        book = read_workbook(path, headings=mapping)
        ta1 = book.tidy.filter((pl.col("table") == "TA1") & (pl.col("value") == 702))
        said.append(ta1["column_path"].to_list())
    assert said == [["Total number of households in TA"], ["Total number of households in TA with children"]]
    assert len(reads) == 2


def test_the_csv_is_the_same_byte_for_byte_with_a_kept_copy_and_without(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = read_workbook(MARCH_2024).tidy["la_code"].to_list()[-1]
    for name, code in (("all", None), ("one", authority)):
        kept_copy = published(MARCH_2024, code, tmp_path / f"{name}-kept.csv")
        with monkeypatch.context() as context:
            context.setenv(kept.VARIABLE, "off")
            read = published(MARCH_2024, code, tmp_path / f"{name}-read.csv")
        assert (tmp_path / f"{name}-kept.csv").read_bytes() == (tmp_path / f"{name}-read.csv").read_bytes()
        assert kept_copy.problems == read.problems


def test_edition_and_quarter_said_by_a_file_name_are_not_taken_from_another_name(place: Path, tmp_path: Path) -> None:
    untitled = a1()
    untitled.cells["A1"] = "Table A1"
    first = write(tmp_path / "Detailed_LA_202412.xlsx", untitled)
    revised = first.with_name("Detailed_LA_202409_revised.xlsx")
    revised.write_bytes(first.read_bytes())
    books = [read_workbook(path) for path in (first, revised)]
    assert [(book.quarter, book.edition) for book in books] == [("2024-Q4", "first"), ("2024-Q3", "revised")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: b"",
        lambda good: good[: len(good) // 2],
        lambda good: good[:-40] + bytes(40),
        lambda good: good.replace(b"hclic", b"other", 1),
        lambda good: good[:-100] + bytes([good[-100] ^ 1]) + good[-99:],
        lambda good: b"not ours at all\n" * 100,
    ],
    ids=["empty", "cut off", "zeros at the end", "another program's", "another byte", "text"],
)
def test_a_spoilt_copy_is_read_anew_and_put_right(
    place: Path, reads: list[str], spoil: Callable[[bytes], bytes]
) -> None:
    book = read_workbook(MARCH_2024)
    (copy,) = place.iterdir()
    good = copy.read_bytes()
    copy.write_bytes(spoil(good))
    assert content(read_workbook(MARCH_2024)) == content(book)
    assert len(reads) == 2
    assert copy.read_bytes() == good


def test_the_copy_of_another_workbook_under_this_ones_name_is_not_believed(
    place: Path, tmp_path: Path, reads: list[str]
) -> None:
    one, other = (write(tmp_path / f"{name}.xlsx", a1().put(E6=figure)) for name, figure in (("one", 1), ("other", 2)))
    expected = content(read_workbook(one))
    (copy,) = place.iterdir()
    read_workbook(other)
    (of_other,) = set(place.iterdir()) - {copy}
    of_other.replace(copy)
    assert content(read_workbook(one)) == expected
    assert reads == ["one.xlsx", "other.xlsx", "one.xlsx"]


def test_another_version_of_the_program_reads_for_itself(
    place: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_workbook(MARCH_2024)
    monkeypatch.setattr(kept, "program", lambda: "another")
    read_workbook(MARCH_2024)
    assert len(reads) == 2


def test_a_changed_heading_or_line_of_the_reader_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.program.cache_clear()
    now = kept.program()
    (tmp_path / "cells.py").write_text("another = 1\n")
    for name in ("READER", "TABLES"):
        with monkeypatch.context() as context:
            context.setattr(kept, name, tmp_path)
            kept.program.cache_clear()
            assert kept.program() != now, name
    kept.program.cache_clear()
    assert kept.program() == now


def test_every_module_that_reading_needs_is_part_of_its_version() -> None:
    lines = (
        "import sys; from pathlib import Path; from pipelines.published.figures import read_figures; "
        "read_figures(Path(sys.argv[1]).read_bytes(), '', None); print(*sys.modules)"
    )
    command = [sys.executable, "-c", lines, str(MARCH_2024)]
    needed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in needed if name.startswith(("pipelines.", "schemas.", "sql."))}
    # The room that is in the digest whole, and the kinds of error.
    others = {name for name in ours if not name.startswith("pipelines.published")} - {"pipelines.errors"}
    assert others == {"pipelines.zips", "pipelines.sheet_reader", "pipelines.sheet_child", "schemas.tables"}


def test_nothing_is_kept_where_that_is_switched_off(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for said in ("off", "OFF", ""):
        monkeypatch.setenv(kept.VARIABLE, said)
        read_workbook(MARCH_2024)
    assert len(reads) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are those of Linux")
def test_copies_go_to_the_users_cache_folder_where_no_other_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(kept.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kept.folder() == tmp_path / "hclic" / "published"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kept.folder() == tmp_path / ".cache" / "hclic" / "published"


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_only_the_user_can_see_the_copies_and_one_that_others_may_write_is_not_believed(
    place: Path, reads: list[str]
) -> None:
    read_workbook(MARCH_2024)
    (copy,) = place.iterdir()
    assert (place.stat().st_mode & 0o777, copy.stat().st_mode & 0o777) == (0o700, 0o600)
    place.chmod(0o770)
    read_workbook(MARCH_2024)
    assert len(reads) == 2


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "file" / "cache"))
    assert content(read_workbook(MARCH_2024)) == content(read_workbook(MARCH_2024))
    assert len(reads) == 2


def test_a_disk_that_is_full_leaves_nothing_behind(
    place: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    read_workbook(MARCH_2024)
    assert list(place.iterdir()) == []


def figures(note: str) -> Figures:
    row = ["E06000034", "2024-Q4", "A1", "Total initial assessments", "count", 1.0, note, "A1", "E8"]
    return Figures(
        pl.DataFrame([row], schema=TIDY_SCHEMA, orient="row"), "2024-Q4", (Remark("kind", "A1", "A1", note),)
    )


def test_the_copies_used_longest_ago_go_where_there_would_be_too_many(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [kept.key(workbook=str(number)) for number in range(4)]
    for age, name in enumerate(names[:3]):
        kept.keep(name, figures(""))
        os.utime(place / f"{name}.read", (1000 + age, 1000 + age))
    monkeypatch.setattr(kept, "LIMIT_BYTES", 3 * (place / f"{names[0]}.read").stat().st_size)
    assert kept.fetch(names[0]) is not None
    kept.keep(names[3], figures(""))
    assert [name for name in names if kept.fetch(name)] == [names[0], names[2], names[3]]


def test_several_at_once_see_whole_copies_only(place: Path) -> None:
    name = kept.key(workbook="same")
    kept.keep(name, figures("0"))

    def keep_and_fetch(number: int) -> bool:
        kept.keep(name, figures(str(number)))
        found = kept.fetch(name)
        return found is not None and found.tidy["note"].item() == found.remarks[0].label

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(keep_and_fetch, range(40)))
    assert [path.name for path in place.iterdir()] == [f"{name}.read"]


def test_a_workbook_without_its_authority_is_said_so_from_a_copy_too(place: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "b.xlsx", a1(), Sheet("Contents"))
    said = []
    for _ in range(2):
        with pytest.raises(reader.InputError) as refused:
            read_workbook(path, "E09000005")
        said.append(str(refused.value))
    assert said[0] == said[1] == "b.xlsx has no row for that authority."
