"""Every broken input of the corpus ends with its status and in words, and nothing of it passes in silence."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from pipelines import validate
from pipelines.cli import main
from pipelines.run import run as running
from tests.corpus import table
from tests.corpus.base import PERSONAL, Call, base_call
from tests.corpus.entry import Entry

REFUSED = (2, 3)
MOST_LINES = 200
# They read what has been judged and frozen already, and take most of the time.
AFTER_THE_RETURN = ("emit_tables", "emit_worklists", "emit_metrics")

ENTRIES = table.entries()


def said(
    call: Call, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit status and everything on the screen."""
    steps = tuple(step for step in running.STEPS if step.name not in AFTER_THE_RETURN)
    monkeypatch.setattr(running, "STEPS", steps)
    monkeypatch.setattr(sys, "argv", ["hclic", *call.arguments(command)])
    with pytest.raises(SystemExit) as end:
        main()
    shown = capsys.readouterr()
    assert shown.out.count("\n") < MOST_LINES, "the screen is flooded"
    return int(end.value.code or 0), shown.out + shown.err


def judge(entry: Entry, status: int, screen: str) -> None:
    """The status and words of the entry; no fault of ours, nobody's data."""
    assert "Traceback" not in screen
    assert "unforeseen fault" not in screen, screen
    assert not [one for one in PERSONAL if one in screen], "personal data on the screen"
    folded = " ".join(screen.split())
    missing = [word for word in entry.words if word not in folded]
    assert (status, missing) == (entry.status, []), screen
    assert not [word for word in entry.unsaid if word in folded], screen


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(one, id=one.id, marks=pytest.mark.xfail(reason=one.pending, strict=True) if one.pending else ())
        for one in ENTRIES
    ],
)
def test_broken_input(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = base_call(tmp_path)
    entry.fault(call)
    if is_stopped_by_reading(entry):
        monkeypatch.setattr(validate, "sql_findings", lambda *_: ({}, {}))
    try:
        status, screen = said(call, entry.command, monkeypatch, capsys)
        judge(entry, status, screen)
        if takes_both(call, entry):
            other = "run" if entry.command == "check" else "check"
            again, screen = said(call, other, monkeypatch, capsys)
            judge(dataclasses.replace(entry, words=entry.words if again in REFUSED else ()), again, screen)
    finally:
        make_writable(tmp_path)


def is_stopped_by_reading(entry: Entry) -> bool:
    """Whether what stops it is found while the export is read: most of the checks add nothing."""
    return entry.command == "check" and entry.status == 1 and any(word.startswith("X-") for word in entry.words)


def takes_both(call: Call, entry: Entry) -> bool:
    """Whether check and run are asked the same: check has fewer options."""
    known = {"authority", "quarter", "source", "as-at", "waivers"}
    asked = entry.both or (entry.status in REFUSED and entry.command == "check")
    return asked and set(call.options) <= known


def make_writable(folder: Path) -> None:
    """What an entry forbade is allowed again, so that the folder can be removed."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o700)


@pytest.mark.parametrize("command", ["check", "run"])
def test_the_base_is_clean(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, screen = said(base_call(tmp_path), command, monkeypatch, capsys)
    assert status == 0, screen
    assert "0 warnings" in screen


def test_every_entry_has_a_name_of_its_own_and_words_where_it_is_stopped() -> None:
    names = [entry.id for entry in ENTRIES]
    assert len(set(names)) == len(names)
    assert [entry.id for entry in ENTRIES if entry.status and not entry.words] == []


def test_the_corpus_does_not_shrink() -> None:
    assert len(ENTRIES) >= table.AT_LEAST
