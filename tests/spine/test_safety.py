"""Personal values stay where they belong, and nothing slow lies on the path of a check."""

from __future__ import annotations

import csv
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from pipelines.cli import main

ROOT = Path(__file__).resolve().parents[2]
NATIVE = ROOT / "data" / "sample" / "native"
# Enough households for every kind of row; what is shown does not depend on how many there are.
CASES = 60
SENTINEL = "Zqxsentinel"
PERSONAL = ("forename", "surname", "nino", "last_address")
# Files that may hold values: the findings, the rows set aside, and the personal-data file.
MAY_HOLD_VALUES = {"findings.csv", "findings.xlsx", "findings.html", "set_aside.csv"}
CALL = [sys.executable, "-m", "pipelines.cli"]
ARGUMENTS = ["--authority", "E06000034", "--quarter", "2025-Q3", "--source", "native"]


def rows_of(name: str) -> list[list[str]]:
    """The heading and the rows of the first cases of the sample."""
    with (NATIVE / name).open(encoding="utf-8", newline="") as handle:
        head, *rows = csv.reader(handle)
    return [head, *(row for row in rows if row[head.index("case_ref")] in first_cases())]


@cache
def first_cases() -> frozenset[str]:
    with (NATIVE / "main.csv").open(encoding="utf-8", newline="") as handle:
        return frozenset(row["case_ref"] for row in itertools.islice(csv.DictReader(handle), CASES))


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The command's own entry in this process: its imports are paid for once."""
    monkeypatch.setattr(sys, "argv", ["hclic", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def write(folder: Path, name: str, rows: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    (folder / name).write_text(buffer.getvalue(), encoding="utf-8")


def with_sentinels() -> list[list[str]]:
    people = rows_of("people.csv")
    where = [people[0].index(field) for field in PERSONAL]
    for number, row in enumerate(people[1:]):
        for column in where:
            row[column] = f"{SENTINEL}{number}"
    return people


def plain(people: list[list[str]]) -> list[list[str]]:
    return people


def shifted(people: list[list[str]]) -> list[list[str]]:
    return [people[0], *([row[0], row[1], *row[3:], "x"] if n % 3 == 0 else row for n, row in enumerate(people[1:]))]


def swapped(people: list[list[str]]) -> list[list[str]]:
    head = people[0]
    a, b = head.index("surname"), head.index("relationship")
    return [head, *([*row[:0], *_swap(row, a, b)] for row in people[1:])]


def _swap(row: list[str], a: int, b: int) -> list[str]:
    out = list(row)
    out[a], out[b] = out[b], out[a]
    return out


def renamed(people: list[list[str]]) -> list[list[str]]:
    return [[f"x_{name}" if name in PERSONAL else name for name in people[0]], *people[1:]]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    for path in NATIVE.glob("*.csv"):
        write(folder, path.name, rows_of(path.name))
    return folder


@pytest.mark.parametrize("spoil", [plain, shifted, swapped, renamed])
def test_a_personal_value_reaches_no_screen_log_or_ledger(
    spoil: Callable[[list[list[str]]], list[list[str]]],
    export: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write(export, "people.csv", spoil(with_sentinels()))
    out = tmp_path / "out"
    status = call(monkeypatch, "run", str(export), *ARGUMENTS, "--out", str(out), "--personal")
    screen, errors = capfd.readouterr()
    assert status in {0, 1}, errors
    assert screen and SENTINEL not in screen + errors
    silent = [
        path
        for path in out.rglob("*")
        if path.is_file()
        and path.name not in MAY_HOLD_VALUES
        and path.suffix != ".duckdb"
        and "personal" not in path.name
    ]
    assert {"ledger.json", "official.csv"} <= {path.name for path in silent}
    assert [path.name for path in silent if SENTINEL.encode() in path.read_bytes()] == []
    findings = next(out.rglob("findings.csv")).read_text(encoding="utf-8")
    page = next(out.rglob("findings.html")).read_text(encoding="utf-8")
    stories = page.split('"stories":')[1]
    assert '"Relief duty began"' in stories and SENTINEL not in stories, "a case is told without what nobody understood"
    if spoil in (plain, renamed):
        assert SENTINEL not in findings, "a personal field's value is masked in the findings file too"
        assert SENTINEL not in page


def test_check_prints_no_value_whatever_the_form(
    export: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write(export, "people.csv", swapped(with_sentinels()))
    for form in ("table", "csv", "json"):
        status = call(monkeypatch, "check", str(export), *ARGUMENTS, "--format", form)
        screen, errors = capfd.readouterr()
        assert status == 1, errors
        assert screen and SENTINEL not in screen + errors
    assert json.loads(screen), "findings are there to be read"


def test_an_unforeseen_fault_shows_its_place_and_no_value(export: Path) -> None:
    script = (
        "import sys; import pipelines.run.check, pipelines.cli\n"
        f"def broken(*a, **k): raise RuntimeError('{SENTINEL}')\n"
        "pipelines.run.check.check_export = broken\n"
        f"sys.argv = ['hclic', 'check', {str(export)!r}, *{ARGUMENTS!r}]\n"
        "pipelines.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 4
    assert SENTINEL not in done.stdout + done.stderr
    assert "RuntimeError" in done.stderr and "Traceback" not in done.stderr


def test_check_works_without_and_never_asks_for_the_slow_libraries() -> None:
    # The core install has no pandas; pandera takes it where it finds it, so it is hidden here as there.
    script = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pandas': raise ModuleNotFoundError(\"No module named 'pandas'\")\n"
        "sys.meta_path.insert(0, Hidden()); import pipelines.cli\n"
        f"sys.argv = ['hclic', 'check', {str(NATIVE)!r}, *{ARGUMENTS!r}]\n"
        "try: sys.exit(pipelines.cli.in_this_process())\n"
        "except SystemExit as end: print('exit', end.code, file=sys.stderr)\n"
        "slow = {'pandas', 'prefect', 'altair', 'matplotlib', 'lightgbm', 'saxonche', 'rapidfuzz', 'splink'}\n"
        "print(sorted(name for name in slow if sys.modules.get(name)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr.strip().splitlines()[-2:] == ["exit 0", "[]"]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["run", "nowhere", *ARGUMENTS, "--out", "{out}"], 3, "no export at that path"),
        (["check", str(NATIVE), "--authority", "E06000034", "--quarter", "2025", "--source", "native"], 2, "2025-Q4"),
        (
            ["check", str(NATIVE), "--authority", "W06000001", "--quarter", "2025-Q3", "--source", "native"],
            2,
            "authority",
        ),
        (["check", str(NATIVE), "--authority", "E06000034", "--quarter", "2025-Q3", "--source", "nativ"], 2, "nativ"),
        (["check", "postgresql://u:p@db/x", *ARGUMENTS], 2, "database"),
        (["check", str(NATIVE), *ARGUMENTS, "--as-at", "soon"], 2, "--as-at"),
        (["rules", "L-99"], 2, "L-99"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_its_status(
    arguments: list[str],
    status: int,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert call(monkeypatch, *(part.format(out=tmp_path / "out") for part in arguments)) == status
    errors = capfd.readouterr().err
    assert sentence in errors
    assert "Traceback" not in errors


def test_a_wrong_call_of_the_installed_command_ends_with_its_status() -> None:
    done = subprocess.run([*CALL, "rules", "L-99"], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "L-99" in done.stderr and "Traceback" not in done.stderr


def test_the_three_packages_belong_to_us_alone() -> None:
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    others = {name: set(owners.get(name, [])) - {"hclic"} for name in ("pipelines", "schemas", "sql")}
    assert others == {"pipelines": set(), "schemas": set(), "sql": set()}
