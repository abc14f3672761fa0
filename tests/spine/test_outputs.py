"""The output folder appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

from pipelines.run.outputs import OutputFolder


def folder(out: Path) -> OutputFolder:
    return OutputFolder(out, "E06000034", "2025-Q4")


def finish(out: Path, text: str) -> None:
    made = folder(out)
    made.begin()
    (made.outputs / "ledger.json").write_text(text)
    made.commit()


def test_a_stopped_run_leaves_the_older_outputs_as_they_were(tmp_path: Path) -> None:
    finish(tmp_path, "first")
    stopped = folder(tmp_path)
    stopped.begin()
    (stopped.outputs / "ledger.json").write_text("half")
    assert (folder(tmp_path).final / "ledger.json").read_text() == "first"
    finish(tmp_path, "second")
    assert (folder(tmp_path).final / "ledger.json").read_text() == "second"
    assert not stopped.outputs.exists()


def test_a_run_stopped_between_the_two_renames_is_recovered(tmp_path: Path) -> None:
    finish(tmp_path, "first")
    made = folder(tmp_path)
    made.final.rename(made.final.with_name(".2025-Q4.old"))
    made.begin()
    assert (made.final / "ledger.json").read_text() == "first"


def test_what_hclic_did_not_write_is_kept(tmp_path: Path) -> None:
    finish(tmp_path, "first")
    (folder(tmp_path).final / "sign-off.txt").write_text("checked by hand")
    finish(tmp_path, "second")
    assert (folder(tmp_path).final / "sign-off.txt").read_text() == "checked by hand"


def test_a_blocked_run_moves_the_older_return_aside(tmp_path: Path) -> None:
    first = folder(tmp_path)
    first.begin()
    (first.outputs / "return").mkdir()
    (first.outputs / "return" / "case.xml").write_text("<return/>")
    first.commit()
    blocked = folder(tmp_path)
    blocked.begin()
    assert blocked.keep_superseded()
    blocked.commit()
    assert not (blocked.final / "return").exists()
    assert (blocked.final / "return.superseded" / "case.xml").read_text() == "<return/>"
