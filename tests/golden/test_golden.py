"""Golden scenarios: the real command on small inputs, every output compared byte for byte.

``make golden`` writes the expected files again; the git diff is then the review.
"""

from __future__ import annotations

import difflib
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main
from tests.golden.figures import figures

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent.name for path in HERE.glob("*/cmd.txt"))
# Only these carry the time of the run; the workbooks and the page are compared by their own tests.
NOT_COMPARED = {".xlsx", ".ods", ".html", ".svg", ".png", ".duckdb", ".parquet"}
COMPARED_FOLDERS = {"return", "findings", "return.superseded"}


def arguments_of(scenario: Path, out: Path) -> list[str]:
    places = {"input": str(scenario / "input"), "out": str(out), "scenario": str(scenario)}
    command = (scenario / "cmd.txt").read_text(encoding="utf-8").strip()
    return [part.format(**places) for part in shlex.split(command)]


def run(
    scenario: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The command's own entry, in this process: its imports are paid for once."""
    monkeypatch.setattr(sys, "argv", ["hclic", *arguments_of(scenario, out)])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0), capsys.readouterr().err


def comparable(path: Path) -> bytes:
    """The file's bytes; of the ledger, what does not depend on the time or the software's files."""
    if path.name != "ledger.json":
        return path.read_bytes()
    book = json.loads(path.read_text(encoding="utf-8"))
    for volatile in (
        "times",
        "outputs",
        "rule_set_version",
        "codes_version",
        "rules",
        "software_version",
        "software",
        "run_id",
        "made_from",
        "settings",
    ):
        book.pop(volatile)
    for profile in ("source_profile", "return_profile"):
        book[profile].pop("sha256")
    return (json.dumps(book, indent=2, ensure_ascii=False) + "\n").encode()


def outputs(out: Path) -> dict[str, bytes]:
    """Compared files by their path below the quarter's folder."""
    found = {}
    for folder in out.glob("E*/*-Q*"):
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            wanted = name.parts[0] in COMPARED_FOLDERS or name.name in {"ledger.json", "reference_map.csv"}
            if path.is_file() and wanted and path.suffix not in NOT_COMPARED:
                found[name.as_posix()] = comparable(path)
        if shown := figures(folder):
            found["figures.txt"] = shown.encode()
    return found


def changes(expected: bytes, got: bytes) -> list[str]:
    """The lines that went (-) and came (+)."""
    before, after = (content.decode(errors="replace").splitlines() for content in (expected, got))
    return list(difflib.unified_diff(before, after, "expected", "got", lineterm="", n=0))


@pytest.mark.parametrize("name", SCENARIOS)
def test_golden_scenario(
    name: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scenario, out = HERE / name, tmp_path / "out"
    status, stderr = run(scenario, out, monkeypatch, capsys)
    got = {"exit_status": f"{status}\n".encode(), "stderr": stderr.encode()}
    got |= outputs(out)
    expected_folder = scenario / "expected"
    if request.config.getoption("--rewrite-golden"):
        for old in sorted(expected_folder.rglob("*"), reverse=True):
            old.rmdir() if old.is_dir() else old.unlink()
        for file, content in got.items():
            target = expected_folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    expected = {
        path.relative_to(expected_folder).as_posix(): path.read_bytes()
        for path in expected_folder.rglob("*")
        if path.is_file()
    }
    assert sorted(got) == sorted(expected)
    differing = {
        file: changes(content, got[file]) for file, content in sorted(expected.items()) if content != got[file]
    }
    assert not differing, "\n".join(f"{name}: {file}\n" + "\n".join(lines) for file, lines in differing.items())


def test_the_installed_command_gives_the_same_bytes_and_status(tmp_path: Path) -> None:
    scenario = HERE / "one-bad-case-blocks"
    command = str(Path(sys.executable).with_name("hclic"))
    done = subprocess.run([command, *arguments_of(scenario, tmp_path)], capture_output=True, timeout=120, check=False)
    assert done.returncode == int((scenario / "expected" / "exit_status").read_text())
    for name, content in outputs(tmp_path).items():
        assert content == (scenario / "expected" / name).read_bytes(), name


def test_no_scenario_was_lost() -> None:
    assert len(SCENARIOS) == 17
