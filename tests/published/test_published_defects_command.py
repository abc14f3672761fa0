"""``hclic published --defects``: which printed figures contradict others, over a folder of workbooks."""

from __future__ import annotations

import csv
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import pipelines.cli
from pipelines.errors import InputError, UsageError
from pipelines.published.command import told
from pipelines.published.defects import COLUMNS, defects, sort_defects, write_defects
from pipelines.published.headings import DATA, read_data
from pipelines.published.identities import identities_for, known_defects
from pipelines.published.reader import read_workbook
from tests.published.excerpts.chosen import AREAS, WORKBOOKS
from tests.published.workbooks import EXCERPTS, KEPT

LISTED = DATA / "published_defects.csv"
FIRST, NEEDS_OF_2023 = "DetailedLA_201806.xlsx", "Detailed_LA_202309_fixed.ods"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two workbooks, one in a folder of its own and once more under another name, among files that are none."""
    top = tmp_path_factory.mktemp("downloads")
    (top / "2018").mkdir()
    shutil.copy(EXCERPTS / FIRST, top / "2018" / FIRST)
    shutil.copy(EXCERPTS / NEEDS_OF_2023, top)
    shutil.copy(EXCERPTS / NEEDS_OF_2023, top / "a copy.ods")
    (top / "README.md").write_text("# Downloads\n")
    (top / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    (top / "~$open.xlsx").write_bytes(b"")
    return top


def listed(files: set[str]) -> list[dict[str, str]]:
    """The rows kept for these workbooks, of the areas that are in the excerpts."""
    return [row for row in read_data(LISTED.name) if row["file"] in files and row["authority"] in AREAS[row["file"]]]


def test_a_folder_gives_one_row_per_contradiction_and_says_what_was_not_read(folder: Path, tmp_path: Path) -> None:
    done = defects(folder, None, tmp_path / "out" / "defects.csv")
    with done.out.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    places = {FIRST: f"2018/{FIRST}", NEEDS_OF_2023: NEEDS_OF_2023}
    wanted = [{**row, "file": places[row["file"]]} for row in listed(set(places))]
    assert rows == wanted and done.rows == len(wanted)
    assert [(book.file, book.quarter, book.rows, book.untested) for book in done.workbooks] == [
        ("2018/" + FIRST, "2018-Q2", 2, ()),
        (NEEDS_OF_2023, "2023-Q3", 3, ()),
    ]
    assert dict(done.not_read) == {
        "a copy.ods": f"It is the same file as {NEEDS_OF_2023}.",
        "README.md": "It is neither an ODS nor an XLSX file.",
        "broken.xlsx": "broken.xlsx is not a readable XLSX or ODS workbook.",
        "~$open.xlsx": "It is a hidden file, or one that an office programme left behind.",
    }


def test_identities_whose_columns_were_not_read_are_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = read_workbook(folder / NEEDS_OF_2023)
    without = replace(whole, tidy=whole.tidy.filter(pl.col("column_path") != "Total number of households in TA"))
    monkeypatch.setattr("pipelines.published.defects.read_workbook", lambda *_: without)
    assert run(monkeypatch, folder / NEEDS_OF_2023, "--defects", "--out", tmp_path / "defects.csv") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if "could not be tested" in line)
    # The total of TA1 stands in five of them, that of TA2 in one more of its own.
    assert line.startswith("  6 of ") and "TA2: total of the table" in line and line.endswith("and 1 more")


def test_of_a_layout_that_is_not_known_it_is_said_how_its_columns_were_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = replace(read_workbook(folder / NEEDS_OF_2023), quarter="2026-Q1")
    monkeypatch.setattr("pipelines.published.defects.read_workbook", lambda *_: later)
    (book,) = defects(folder / NEEDS_OF_2023, None, tmp_path / "out.csv").workbooks
    assert book.columns == told(later.matched, len(later.unread))


def test_what_is_known_of_a_contradiction_is_said(tmp_path: Path) -> None:
    known = {
        name: defects(EXCERPTS / name, None, tmp_path / "out.csv").workbooks[0].known
        for name in (FIRST, NEEDS_OF_2023, "DetailedLA_202009_REVISED.ods")
    }
    assert known == {
        FIRST: ("TA1: Temporary accommodation figures of the first years miss their totals.",),
        NEEDS_OF_2023: ("A3 Total number of support needs: leaves out care leavers aged 21-24 and 25+.",),
        "DetailedLA_202009_REVISED.ods": (
            "A8 White > Total: leaves out Gypsy or Irish Traveller.",
            "TA1 and TA2: Temporary accommodation figures of the first years miss their totals.",
            "A8: The five groups miss the total by what White > Total leaves out.",
        ),
    }


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    outs = [defects(folder, None, tmp_path / name).out.read_bytes() for name in ("one.csv", "two.csv")]
    assert outs[0] == outs[1]


def test_one_authority_of_one_workbook(tmp_path: Path) -> None:
    done = defects(EXCERPTS / FIRST, "E09000024", tmp_path / "merton.csv")
    assert done.out.read_text(encoding="utf-8").splitlines()[1:] == [
        "2018-Q2,first,A3,Households with one or more support needs > 3+,E09000024,0,at least,1,"
        f"A3: households with 3+ needs beside each need,{FIRST}"
    ]


def test_a_folder_without_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here")
    with pytest.raises(InputError, match="holds no detailed local authority workbook"):
        defects(tmp_path, None, tmp_path / "out.csv")
    with pytest.raises(InputError, match="There is no file or folder gone"):
        defects(tmp_path / "gone", None, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["hclic", "published", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        pipelines.cli.main()
    return int(ended.value.code or 0)


def test_a_wrong_call_is_refused_in_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", tmp_path / "out.csv")
    calls = {
        (folder, *out): (2, f"{folder.name} is a folder: give one workbook, or --defects"),
        (folder, "--defects", "--propose-headings", tmp_path / "h.csv", *out): (2, "--propose-headings is for one"),
        (folder / "README.md", "--defects", *out): (3, "README.md: It is neither an ODS nor an XLSX file."),
        (folder / "broken.xlsx", "--defects", *out): (3, "broken.xlsx is not a readable XLSX or ODS workbook."),
        (folder, "--defects", "--headings", tmp_path / "gone.csv", *out): (3, "gone.csv"),
    }
    for call, (code, words) in calls.items():
        assert run(monkeypatch, *call) == code, call
        assert words in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        defects(EXCERPTS / FIRST, "E09000024", tmp_path / "file" / "out.csv")


def test_the_command_says_what_it_read_and_what_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "defects.csv"
    assert run(monkeypatch, folder, "--defects", "--out", out) == 0
    said = capsys.readouterr().out.splitlines()
    assert f"2018/{FIRST}: quarter 2018-Q2, edition first, 2 contradictions" in said
    assert "Not read: README.md. It is neither an ODS nor an XLSX file." in said
    assert said[-1].endswith(f"in 2 workbooks. Written: {out}")


def test_the_list_is_as_the_command_writes_it(tmp_path: Path) -> None:
    # That its rows are those of each whole workbook stands in test_published_identities.
    columns = [*COLUMNS, "file"]
    numbers = {name: pl.Int64 if name in ("printed", "sum") else pl.String for name in columns}
    rows = pl.DataFrame(list(read_data(LISTED.name)), schema_overrides=dict.fromkeys(columns, pl.String))
    write_defects(
        sort_defects([rows.select(pl.col(name).cast(numbers[name]) for name in columns)]), tmp_path / "out.csv"
    )
    assert (tmp_path / "out.csv").read_bytes() == LISTED.read_bytes()
    assert set(rows["file"]) <= {*WORKBOOKS.values(), KEPT.name}


def test_every_note_on_a_contradiction_names_identities_of_its_quarter_and_meets_one() -> None:
    quarters = sorted({"2018-Q2", "2020-Q4", "2021-Q2", "2025-Q4", *known_defects()["quarter"]})
    met = set(known_defects()["note"])
    for note in read_data("published_defect_notes.csv"):
        names = {
            i.name
            for q in quarters
            if note["valid_from_quarter"] <= q <= note["valid_to_quarter"]
            for i in identities_for(q)
        }
        assert set(note["identities"].split(";")) <= names, note
        assert note["source"], note
        # Of a quarter whose workbook is not at hand only the documents tell.
        assert note["source"].startswith("documented") or note["note"] in met, note
