"""The small CSV files beside an export are all read alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import InputError, UsageError
from pipelines.side_files import SideRow, read_rows, rows_named


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "side.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_cells_are_stripped_and_rows_numbered_from_the_headings(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeffa,b\n 1 ,"x\ny"\n2\n')
    assert read_rows(path, ("a",), what="side file", optional=("b", "c")) == [
        SideRow(2, {"a": "1", "b": "x\ny", "c": ""}),
        SideRow(3, {"a": "2", "b": "", "c": ""}),
    ]


def test_comments_count_as_rows_and_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "# made up\na\n1\n")
    assert read_rows(path, ("a",), what="side file", comments=True) == [SideRow(3, {"a": "1"})]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("b\n1\n", "The side file side.csv has no column a. Its columns are a."),
        ("", "has no column a"),
        ("a\nsecret,more\n", "row 2, has more cells than there are headings"),
        ("a,b\n1,2\n", "has a column that is not known"),
        (b"a\n\xff\n", "is not text in UTF-8"),
        ("a\nsec\x00ret\n", "row 2, holds a control character"),
        ("a,A\n1,2\n", "has the column a twice"),
        ("\n", "is empty"),
        ('a\nx\n"secret\n', "row 3: a quotation mark opens there and is never closed"),
        ("a\n" + "secret" * 2000, "row 2, column a: the cell is longer"),
        (b"PK\x03\x04secret", "is a workbook or zip file, not text"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_without_its_values(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_rows(written(tmp_path, text), ("a",), what="side file", only=True)
    assert sentence in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_kind_of_fault_is_the_caller_s(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not be read"):
        read_rows(tmp_path / "none.csv", ("a",), what="side file", error=UsageError)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffa,b\n1,2\n".encode(),
        b"a;b\n1;2\n",
        b"sep=;\na;b\n1;2\n",
        "a\tb\n1\t2\n".encode("utf-16"),
        b"A , B\r\n1,2\r\n\r\n,,,\r\n",
    ],
)
def test_a_file_as_other_programs_save_it_is_read(tmp_path: Path, content: bytes) -> None:
    (row,) = read_rows(written(tmp_path, content), ("a", "b"), what="side file")
    assert row.cells == {"a": "1", "b": "2"}


def test_separators_within_a_cell_do_not_end_its_line(tmp_path: Path) -> None:
    (row,) = read_rows(written(tmp_path, "a,b\n1\u2028x,2\n"), ("a", "b"), what="side file")
    assert row.cells == {"a": "1\u2028x", "b": "2"}


def test_a_folder_given_for_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be read: it is a folder"):
        read_rows(tmp_path, ("a",), what="side file")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([2], "row 2"),
        ([5, 2], "rows 2 and 5"),
        ([2, 3, 5, 4], "rows 2, 3, 4 and 5"),
        (list(range(2, 102)), "rows 2, 3, 4 and 97 more"),
    ],
)
def test_rows_are_named_in_words(numbers: list[int], words: str) -> None:
    assert rows_named(numbers) == words
