"""Folders in which the commands of the guides are run: a small export, a run of it, and one that is signed off."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SAMPLE = ROOT / "data" / "sample" / "native"
CASES = 80
SHOWN_CASE = "E06000034_000000000747"
"""The case that the guides show: the sample's family in bed and breakfast."""

_MARKED = re.compile(
    r"(?:^ *<!-- (?P<mark>(?:not )?run.*?) -->\n+)?^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^ *```", re.M | re.S
)
_MARK = re.compile(r"run(?: in (?P<folder>small|signed))?(?: exit (?P<status>\d))?")


@dataclass(frozen=True)
class Block:
    """One block of commands of a guide: in which ready ``folder`` it is run, or for which ``reason`` it is not."""

    page: str
    lines: tuple[str, ...]
    mark: str | None
    folder: str | None = None
    status: int = 0
    reason: str = ""

    @property
    def is_run(self) -> bool:
        """Whether a test runs it."""
        return self.mark is not None and not self.reason


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page that hold a command of hclic, in its order."""
    for found in _MARKED.finditer(page.read_text(encoding="utf-8")):
        text = found["text"].replace("\\\n", " ")
        lines = tuple(line.strip() for line in text.splitlines() if line.strip())
        if not any(line.startswith("hclic ") for line in lines):
            continue
        mark = found["mark"]
        if mark and mark.startswith("not run: "):
            yield Block(page.name, lines, mark, reason=mark.removeprefix("not run: "))
        elif mark:
            told = _MARK.fullmatch(mark)
            assert told, f"{page.name}: what does <!-- {mark} --> mean?"
            yield Block(page.name, lines, mark, told["folder"], int(told["status"] or 0))
        else:
            yield Block(page.name, lines, None)


def words(line: str) -> list[str]:
    """The words of a command, without a remark behind it."""
    return shlex.split(line, comments=True)


def small_export(folder: Path) -> None:
    """The sample's first cases and the one that is shown, with all that belongs to them."""
    folder.mkdir()
    with (SAMPLE / "main.csv").open(encoding="utf-8", newline="") as file:
        kept = {row["case_ref"] for row in list(csv.DictReader(file))[-CASES:]} | {SHOWN_CASE}
    for path in sorted(SAMPLE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            chosen = [row for row in rows if row["case_ref"] in kept]
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows.fieldnames or ())
            writer.writeheader()
            writer.writerows(chosen)
