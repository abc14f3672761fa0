"""Inputs that are large and wrong: seconds and peak memory of ``hclic check``; fails above 20 s or 2 GiB.

``make bench-bad``, or ``python bench/bad_inputs.py [NAME …] [--keep FOLDER]``. Each input is the small sample with one
file changed. What is measured is the whole process; how it must end stands beside each input.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample" / "native"
COMMON = ["--authority", "E06000034", "--quarter", "2025-Q3", "--source", "native"]
SECONDS, MEBIBYTES = 20.0, 2048.0
MILLION = 1_000_000


def _lines(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text(encoding="utf-8").splitlines()


def duplicates(folder: Path) -> None:
    """Two million rows of one case, the same key in each."""
    heading, first = _lines(folder, "main.csv")[:2]
    _repeat(folder / "main.csv", heading, first, 2 * MILLION)


def duplicates_without_number(folder: Path) -> None:
    """Two million rows of one person, which nothing tells apart."""
    ref = _lines(folder, "people.csv")[1].split(",")[0]
    heading, first = "case_ref,relationship", f"{ref},main_applicant"
    _repeat(folder / "people.csv", heading, first, 2 * MILLION)


def _repeat(path: Path, heading: str, row: str, times: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(heading + "\n")
        for _ in range(times // 1000):
            file.write(f"{row}\n" * 1000)


def one_line(folder: Path) -> None:
    """Three hundred megabytes without a line end."""
    with (folder / "main.csv").open("a", encoding="utf-8") as file:
        for _ in range(300):
            file.write("x" * MILLION)


def long_heading(folder: Path) -> None:
    """A heading of a million characters."""
    heading, *rows = _lines(folder, "main.csv")
    (folder / "main.csv").write_text("\n".join([f"{heading},{'x' * MILLION}", *(f"{one}," for one in rows)]))


def many_columns(folder: Path) -> None:
    """Two thousand columns, as many as are read, nearly all unknown."""
    heading, *rows = _lines(folder, "main.csv")
    more = 2_000 - len(heading.split(","))
    names = ",".join(f"column_{number}_of_many" for number in range(more))
    (folder / "main.csv").write_text("\n".join([f"{heading},{names}", *(one + "," * more for one in rows)]))


def unknown_codes(folder: Path) -> None:
    """Two hundred thousand codes that no list has, each another one."""
    ref = _lines(folder, "main.csv")[1].split(",")[0]
    rows = "".join(f"{ref},unknown need {number}\n" for number in range(200_000))
    (folder / "support_needs.csv").write_text(f"case_ref,support_need\n{rows}")


def broken_rows(folder: Path) -> None:
    """Two million rows, every thousandth with a cell too many."""
    ref = _lines(folder, "main.csv")[1].split(",")[0]
    rows = (f"{ref},{number},main_applicant{',x' * (number % 1000 == 0)}\n" for number in range(2 * MILLION))
    (folder / "people.csv").write_text("case_ref,person_no,relationship\n" + "".join(rows))


def unclosed_quotation_mark(folder: Path) -> None:
    """Two million rows after a quotation mark that is never closed."""
    ref = _lines(folder, "main.csv")[1].split(",")[0]
    rows = (f"{ref},{number},main_applicant\n" for number in range(2 * MILLION))
    (folder / "people.csv").write_text(f'case_ref,person_no,relationship\n{ref},0,"main\n' + "".join(rows))


def bad_dates(folder: Path) -> None:
    """Half a million dates in a form that no profile has, each another one."""
    draw = random.Random(1)
    ref = _lines(folder, "main.csv")[1].split(",")[0]
    rows = "".join(f"{ref},{number},main_applicant,{draw.random()} BC\n" for number in range(500_000))
    (folder / "people.csv").write_text(f"case_ref,person_no,relationship,date_of_birth\n{rows}")


def large_workbook(folder: Path) -> None:
    """A workbook of some 100 MB."""
    import xlsxwriter

    draw = random.Random(1)
    heading, *rows = _lines(folder, "people.csv")
    ref = rows[0].split(",")[0]
    (folder / "people.csv").unlink()
    with xlsxwriter.Workbook(str(folder / "people.xlsx"), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("people")
        names = heading.split(",")
        sheet.write_row(0, 0, names)
        for number in range(1, 400_000):
            cells = {"case_ref": ref, "person_no": number, "relationship": "other_adult"}
            for column, name in enumerate(names):
                cell = cells.get(name, f"{draw.getrandbits(64):x}" if name.endswith("name") else None)
                cell = f"{draw.getrandbits(900):x}" if name == "last_address" else cell
                if cell is not None:
                    sheet.write(number, column, cell)


def far_cell(folder: Path) -> None:
    """A sheet with a cell in its last row and column."""
    import xlsxwriter

    (folder / "people.csv").unlink()
    with xlsxwriter.Workbook(str(folder / "people.xlsx")) as book:
        book.add_worksheet("people").write("XFD1048576", "far")


INPUTS: dict[str, tuple[Callable[[Path], None], int]] = {
    made.__name__: (made, status)
    for made, status in (
        (duplicates, 1),
        (duplicates_without_number, 1),
        (one_line, 1),
        (long_heading, 1),
        (many_columns, 0),
        (unknown_codes, 1),
        (broken_rows, 1),
        (unclosed_quotation_mark, 1),
        (bad_dates, 1),
        (large_workbook, 1),
        (far_cell, 1),
    )
}
"""How each input is made, and the exit status of its check."""


def check(export: Path, errors: Path) -> tuple[int, float, float, float, int]:
    """Exit status, seconds, seconds of processor time, peak memory in MiB and lines on the screen."""
    before = time.perf_counter()
    with (export.parent / "screen.txt").open("w") as screen, errors.open("w") as stderr:
        command = [sys.executable, "-m", "pipelines.cli", "check", str(export), *COMMON]
        process = subprocess.Popen(command, cwd=ROOT, stdout=screen, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - before
    with (export.parent / "screen.txt").open("rb") as screen:
        lines = sum(1 for _ in screen)
    return process.returncode, spent, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines


def main() -> int:
    """Measure each input; the status is 1 where one is above the limits or ends otherwise than it must."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[*INPUTS, []], metavar="NAME")
    parser.add_argument("--keep", type=Path, help="Folder in which the inputs are kept.")
    given = parser.parse_args()
    failed = []
    print(
        "| input | seconds | of processor | peak MiB | lines on screen | exit |\n|---|--:|--:|--:|--:|--:|", flush=True
    )
    for name in given.names or INPUTS:
        make, expected = INPUTS[name]
        work = Path(tempfile.mkdtemp(prefix="hclic-bad-", dir=given.keep))
        try:
            export = work / name
            shutil.copytree(SAMPLE, export)
            make(export)
            status, seconds, busy, memory, lines = check(export, work / "errors.txt")
            said = (work / "errors.txt").read_text()[:300].strip()
        finally:
            if not given.keep:
                shutil.rmtree(work, ignore_errors=True)
        print(f"| {name} | {seconds:.1f} | {busy:.1f} | {memory:,.0f} | {lines:,} | {status} |", flush=True)
        if seconds > SECONDS or memory > MEBIBYTES or status != expected:
            failed.append(f"{name}: {seconds:.1f} s, {memory:,.0f} MiB, exit {status} (expected {expected}) {said}")
    for one in failed:
        print(f"ABOVE THE LIMITS OR WRONG  {one}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
