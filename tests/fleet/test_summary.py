"""What is said of a fleet: on screen, as CSV and as a page; what needs somebody first."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from pipelines.fleet.one import Outcome
from pipelines.fleet.summary import exit_status, screen, write
from pipelines.keeping.outputs import is_own

MADE = datetime(2025, 10, 8, 9, 30, tzinfo=UTC)
CLEAN = Outcome("E06000034", "2025-Q3", "clean", 0, "The return is written.", True, 51, 37, 0, 30, 0.4, 512)
BLOCKED = Outcome("E07000008", "2025-Q3", "blocked", 1, "3 errors block.", False, 50, 30, 3, 0, 4.0, 600)
FAILED = Outcome("E06000001", "2025-Q3", "failed", 3, "The export <cannot> be read.", seconds=1.0, tries=2)
EARLIER = Outcome("E06000001", "2025-Q2", "clean", 0, "The return is written.", False, 5, 5, 0, 0, 1.0, 400)
ALL = [CLEAN, BLOCKED, FAILED, EARLIER]


def test_each_quarter_has_a_table_with_those_first_that_need_somebody(tmp_path: Path) -> None:
    folders = write(ALL, tmp_path, software_version="0", made=MADE)
    assert folders == [tmp_path / "fleet" / "2025-Q2", tmp_path / "fleet" / "2025-Q3"]
    with (folders[1] / "summary.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(row["name"], row["result"], row["exit_status"]) for row in rows] == [
        ("Hartlepool", "failed", "3"),
        ("Cambridge", "blocked", "1"),
        ("Thurrock", "clean", "0"),
    ]
    # What is not known is no number.
    assert rows[0]["cases"] == rows[0]["errors"] == rows[0]["peak_mb"] == "" and rows[0]["tries"] == "2"
    assert (rows[2]["unchanged"], rows[2]["cases"], rows[2]["errors"]) == ("yes", "51", "0")
    assert {path.stat().st_mode & 0o077 for path in folders[1].iterdir()} == {0}


def test_the_page_says_the_same(tmp_path: Path) -> None:
    (folder,) = write(ALL[:3], tmp_path, software_version="0", made=MADE)
    page = (folder / "summary.html").read_text()
    assert "1 of 3 runs ended clean." in page and "<script" not in page
    places = [page.index(words) for words in ("Hartlepool (E06000001)", "Cambridge (E07000008)", "Thurrock")]
    assert places == sorted(places)
    assert "The export &lt;cannot&gt; be read." in page and "Made by hclic 0 on 8 October 2025 at 09:30 UTC." in page


def test_the_screen_names_those_that_are_not_clean(tmp_path: Path) -> None:
    shown = screen(ALL, 12.3)
    assert "E07000008 Cambridge, 2025-Q3: 3 errors block." in shown and "Thurrock" not in shown
    assert shown.endswith("4  in all: 3 made, 1 stood unchanged, in 12 seconds")


def test_the_command_ends_as_the_worst_of_its_runs_did() -> None:
    assert [exit_status(ALL[:n]) for n in (1, 2, 3)] == [0, 1, 3]


def test_a_purge_knows_the_outputs_beside_an_authoritys_own_warehouse() -> None:
    out = Path("/out")
    own = out / "E06000034" / "2025-Q3" / "findings" / "findings.csv"
    assert is_own(own, out) and is_own(own, out / "E06000034")
    assert not is_own(out / "E06000034" / "warehouse.duckdb", out / "E06000034")
    assert not is_own(out / "E06000034" / "2025-Q3" / "notes" / "of_mine.txt", out / "E06000034")
