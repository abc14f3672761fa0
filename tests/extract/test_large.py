"""An export that is larger than what is held of it at once, with parts of a few bytes in the place of large ones."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.commands.console import progress, rows_read
from pipelines.errors import InputError, PassingError
from pipelines.extract import Extracted, delimited, exports, extract, parquet, records, tabular

Read = Callable[..., Extracted]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is read at once."""
    monkeypatch.setattr(exports, "WHOLE", 0)
    monkeypatch.setattr(exports, "PART", 31)
    monkeypatch.setattr(records, "BLOCK_CHARS", 100)
    monkeypatch.setattr(parquet, "BLOCK_BYTES", 100)


def assert_same(found: Extracted, expected: Extracted) -> None:
    assert_frame_equal(found.findings, expected.findings)
    assert_frame_equal(found.set_aside, expected.set_aside)
    for name, frame in expected.sections.items():
        assert_frame_equal(found.sections[name], frame)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "spoilt", ["", '"never closed\nE06000034_000000000001,eet\n', "one,cell,too many\n,,\n", "\xe9,1\n"]
)
def test_an_export_read_in_parts_gives_what_it_gives_at_once(
    export: Path, read: Read, packed: bool, spoilt: str, request: pytest.FixtureRequest
) -> None:
    path = export / "support_needs.csv"
    path.write_bytes(path.read_bytes() + spoilt.encode("latin-1"))
    if packed:
        with zipfile.ZipFile(export.parent / "export.zip", "w", zipfile.ZIP_DEFLATED) as out:
            for file in export.iterdir():
                out.write(file, file.name)
        export = export.parent / "export.zip"
    expected = read(export)
    request.getfixturevalue("small_parts")
    found = read(export)
    assert_same(found, expected)
    assert found.files == expected.files
    assert bool(spoilt) == bool(found.findings.height - found.findings.filter(pl.col("rule_id") == "X-46").height)


def test_no_more_of_a_file_is_read_at_a_time_than_a_part(
    export: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del small_parts
    monkeypatch.setattr(exports, "LARGEST_FILE", 0)  # what is read as a whole is refused
    (file,) = (one for one in exports.files_of(export) if one.name == "people.csv")
    assert {len(part) for part in file.parts()} <= {31, file.digest.bytes % 31}
    assert max(map(len, file.text().pieces())) <= 32
    table = delimited.read_csv(file.text(), file.name, expected=frozenset(["case_ref"]))
    assert table.frame.is_empty()
    assert [block.height for block in table.blocks()] == [2, 2, 1]


def test_the_rows_read_are_told_while_a_file_is_read(export: Path, small_parts: None) -> None:
    del small_parts
    told: list[tuple[str, int]] = []
    extract(
        export,
        "native",
        authority="E06000034",
        as_at=date(2025, 12, 31),
        progress=lambda name, rows: told.append((name, rows)),
    )
    rows = [rows for name, rows in told if name == "people.csv"]
    assert rows == sorted(rows) and len(rows) > 1
    assert rows[-1] == 5
    assert max(rows for name, rows in told if name == "people.csv, first look") == 6  # the headings are a line too


def test_rows_are_shown_once_a_second_and_not_for_a_file_that_is_read_by_then() -> None:
    seconds = iter([0.0, 1.9, 2.0, 2.5, 3.1, 3.2])
    shown: list[str] = []
    tell = rows_read(shown.append, first=2.0, every=1.0, clock=lambda: next(seconds))
    for rows in range(1_000, 6_000, 1_000):
        tell("people.csv", rows)
    assert shown == ["people.csv: 2,000 rows read", "people.csv: 4,000 rows read"]


def test_nothing_is_shown_where_no_terminal_is_attached(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(at_once=False) as show:
        rows_read(show, first=0.0)("people.csv", 1_000)
    assert capsys.readouterr() == ("", "")


def test_a_parquet_file_read_in_parts_gives_what_it_gives_at_once(
    tmp_path: Path, read: Read, sections: dict[str, pl.DataFrame], request: pytest.FixtureRequest
) -> None:
    for name, frame in sections.items():
        frame.write_parquet(tmp_path / f"{name}.parquet", row_group_size=2)
    expected = read(tmp_path)
    request.getfixturevalue("small_parts")
    assert_same(read(tmp_path), expected)


def test_a_large_parquet_file_that_is_none_says_so(export: Path, read: Read, small_parts: None) -> None:
    del small_parts
    (export / "reviews.csv").unlink()
    (export / "reviews.parquet").write_bytes(b"PAR1 and no more")
    assert "not a whole Parquet file" in read(export).findings.get_column("message")[0]


def test_a_large_file_that_changes_between_two_readings_is_refused(export: Path, small_parts: None) -> None:
    del small_parts
    (file,) = (one for one in exports.files_of(export) if one.name == "main.csv")
    table = delimited.read_csv(file.text(), file.name, expected=frozenset(["case_ref"]))
    assert sum(block.height for block in table.blocks()) == 3
    path = export / file.name
    path.write_bytes(path.read_bytes().replace(b"2025-07-01", b"2025-07-02"))
    with pytest.raises(PassingError, match=r"^The file main\.csv of the export was changed while it was read"):
        list(table.blocks())


def test_a_file_whose_rows_hardly_fit_its_headings_is_refused(
    export: Path, read: Read, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del small_parts
    monkeypatch.setattr(tabular, "MOST_ASIDE", 10)
    path = export / "support_needs.csv"
    path.write_text(path.read_text(encoding="utf-8") + "only one cell\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^The file support_needs\.csv cannot be read: 1 of its first 5 rows"):
        read(export)


def test_a_quotation_mark_that_swallows_a_large_file_is_named(
    export: Path, read: Read, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del small_parts
    monkeypatch.setattr(records, "LONGEST_RECORD", 300)
    path = export / "support_needs.csv"
    row = "E06000034_000000000001,eet\n"
    path.write_text(path.read_text(encoding="utf-8") + f'E06000034_000000000001,"eet\n{row * 20}', encoding="utf-8")
    with pytest.raises(InputError, match=r"^The file support_needs\.csv cannot be read: a quotation mark .* row 5"):
        read(export)


def test_a_zip_is_still_refused_by_what_it_claims_to_unpack_to(export: Path, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(export / "main.csv", "main.csv")
        packed.infolist()[0].file_size = exports.LIMITS.total + 1
    with pytest.raises(InputError, match="far more than a case export"):
        exports.files_of(path)


def test_few_rows_of_a_block_do_not_hold_the_texts_of_all_of_it() -> None:
    block = pl.DataFrame({"x": [f"a text longer than twelve characters {number}" for number in range(5_000)]})
    few = tabular.apart(block.filter(pl.col("x").str.ends_with(" 7") | (pl.col("x") == "none")), block)
    assert few.get_column("x").to_list() == ["a text longer than twelve characters 7"]
    held = few.get_column("x").to_arrow(compat_level=pl.CompatLevel.newest()).buffers()
    assert sum(buffer.size for buffer in held if buffer is not None) < 1_000
