"""What a screen cannot show or take ends no command, and changes no exit status."""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.commands.streams import NOT_SHOWN, forgiving

ROOT = Path(__file__).resolve().parents[2]
# Says what a run says of itself, and ends as a run does: what is done before it is in place.
SAYS = """
import sys
from pipelines import cli
def run(): print("MHCLG’s figures – £5 × 2 ☃"); raise SystemExit({status})
cli.app = run
sys.argv = ["hclic", *{words!r}]
cli.entry()
"""


def ended(
    words: list[str], *, status: int = 0, shell: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    script = SAYS.format(status=status, words=words)
    command = ["sh", "-c", f'exec "$0" -c "$1" {shell}', sys.executable, script]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env={**os.environ, **environment}, check=False)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_screen_that_lacks_a_sign_gets_another_and_the_run_keeps_its_status(encoding: str) -> None:
    done = ended(["run"], PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = done.stdout.decode(encoding)
    plain = "MHCLG's figures - GBP 5 x 2 ?\n"
    expected = {"ascii": plain, "latin-1": plain.replace("GBP ", "£").replace(" x ", " × ")}
    assert shown == expected.get(encoding, "MHCLG’s figures – £5 × 2 ?\n")


@pytest.mark.parametrize("shell", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (["run"], 0, 0),
        (["run"], 1, 1),
        (["check"], 0, 0),
        (["metrics", "--out", "x.csv"], 0, 0),
        # The answer itself is lost.
        (["query"], 0, 3),
        (["query"], 2, 2),
    ],
)
def test_standard_output_that_is_full_or_closed_is_told_and_is_not_the_result(
    shell: str, words: list[str], status: int, expected: int
) -> None:
    done = ended(words, status=status, shell=shell)
    assert done.returncode == expected
    assert done.stderr.decode() == f"hclic: {NOT_SHOWN}\n"


def test_a_reader_that_has_read_enough_lacks_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [sys.executable, "-c", SAYS.format(status=1, words=["run"])], stdout=writing, stderr=-1, cwd=ROOT
    ) as process:
        os.close(writing)
        assert process.stderr
        assert (process.stderr.read(), process.wait()) == (b"", 1)


@pytest.mark.parametrize("shell", [">/dev/full 2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-"])
def test_with_no_stream_at_all_the_status_is_all_that_is_told(shell: str) -> None:
    assert ended(["run"], status=1, shell=shell).returncode == 1


def test_a_stream_that_somebody_put_in_place_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    own = io.StringIO()
    monkeypatch.setattr(sys, "stdout", own)
    with forgiving() as shown:
        sys.stdout.write("words")
        assert sys.stdout is own
    assert (own.getvalue(), shown.is_lost) == ("words", False)
    assert codecs.lookup_error("hclic-plain")
