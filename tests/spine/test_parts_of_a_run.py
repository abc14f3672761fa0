"""A part of a run that is made alone, and a run that is only wanted until its quarter is signed off."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipelines.alerts.after_run import after_run
from pipelines.cli import main
from pipelines.errors import UsageError
from pipelines.published.cells import plain_number
from pipelines.run import ending
from pipelines.run.request import Request
from pipelines.run.run import Ended, make
from pipelines.run.summary import summarise
from pipelines.warehouse import official_cells
from pipelines.warehouse.store import Warehouse

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "golden" / "prevention-secured-alternative" / "input"


def request(out: Path, **given: Any) -> Request:
    typed = {"export": str(TINY), "authority": "E06000034", "source": "native", "out": str(out), "pages": False}
    return Request.read({**typed, "quarter": "2025-Q3", **given}, started=datetime(2026, 4, 8, tzinfo=UTC))


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str | None, Ended]]:
    """The bytes of the whole run's outputs before the two parts were made, and how all three ended."""
    out = tmp_path_factory.mktemp("out")
    whole = make(request(out))
    before = bytes_of(whole.folder)
    return before, {
        None: whole,
        "check": make(request(out, only="check")),
        "metrics": make(request(out, only="metrics")),
    }


def test_a_part_of_a_run_leaves_the_return_and_the_outputs_of_the_quarter_as_they_were(three: Any) -> None:
    before, ended = three
    assert any(name.startswith("return/") for name in before)
    assert bytes_of(ended[None].folder) == before


def test_a_check_alone_writes_findings_and_worklists_and_no_return_tables_or_metrics(three: Any) -> None:
    _, ended = three
    folder = ended["check"].folder
    assert folder.name == "2025-Q3-check" and ended["check"].result == "clean"
    assert sorted(path.name for path in folder.iterdir()) == [
        "findings",
        "ledger.json",
        "reference_map.csv",
        "worklists",
    ]
    book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    assert book["only"] == "check" and "freeze" in book["steps"] and "emit_return" not in book["steps"]


def test_the_warehouse_holds_the_official_cells_of_the_whole_run_and_none_of_a_part(three: Any) -> None:
    _, ended = three
    with (ended[None].folder / "tables" / "official_internal.csv").open(encoding="utf-8", newline="") as file:
        written = sorted((row["table"], row["column_path"], row["measure"], row["value"], row["note"])
                         for row in csv.DictReader(file))  # fmt: skip
    with Warehouse(ended[None].folder.parents[1] / "warehouse.duckdb", read_only=True) as store:
        kept = {
            only: official_cells.read(store.connection, json.loads((one.folder / "ledger.json").read_text())["run_id"])
            for only, one in ended.items()
        }
    plain = [(*key, plain_number(value), note) for *key, value, note in kept[None].rows()]
    assert plain == written and len(written) > 500
    assert [kept[only].height for only in ("check", "metrics")] == [0, 0]


def test_metrics_alone_are_metrics_alone(three: Any) -> None:
    _, ended = three
    folder = ended["metrics"].folder
    assert folder.name == "2025-Q3-metrics"
    assert sorted(path.name for path in folder.iterdir()) == ["ledger.json", "metrics", "reference_map.csv"]


def test_the_findings_of_a_check_are_those_of_the_whole_run(three: Any) -> None:
    _, ended = three
    books = [json.loads((ended[part].folder / "ledger.json").read_text(encoding="utf-8")) for part in (None, "check")]
    whole, check = ({**book["findings"], "life": None} for book in books)
    assert whole == check


def test_a_part_of_a_run_says_on_screen_that_it_wrote_no_return(three: Any) -> None:
    _, ended = three
    said = summarise(ended["check"].folder)
    assert "not written: only findings and worklists were asked for; nothing blocks it" in said
    assert "XSD" not in said and "valid against" not in said
    assert "not written: only metrics and pages were asked for" in summarise(ended["metrics"].folder)


def test_each_ends_in_a_sentence_that_says_what_was_made(three: Any, tmp_path: Path) -> None:
    _, ended = three
    said = {part: ending.of_run(request(tmp_path, only=part), one).sentence for part, one in ended.items()}
    assert said == {
        None: "The return of E06000034 for July to September 2025 is written and checked.",
        "check": "The cases of E06000034 for July to September 2025 are checked, and nothing blocks the return.",
        "metrics": "The metrics and pages of E06000034 for July to September 2025 are written, and nothing blocks the"
        " return.",
    }


def test_another_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--only is check or metrics"):
        request(tmp_path, only="return")


def test_a_check_alone_does_not_tell_that_the_return_is_blocked(tmp_path: Path) -> None:
    config = tmp_path / "alerts.toml"
    config.write_text(
        '[recipients]\ndefault = "front@example.org"\nreturns = "returns@example.org"\n'
        f'[[notifier]]\nkind = "file"\nfolder = "{tmp_path / "told"}"\n'
    )
    now = datetime(2026, 4, 8, tzinfo=UTC)
    blocked = {"quarter": "2026-Q1", "alerts": str(config)}
    check = request(tmp_path / "out", only="check", **blocked)
    assert make(check).result == "blocked"
    told = after_run(check, now)
    assert (told.sent, told.failed) == (0, 0)
    whole = request(tmp_path / "out", **blocked)
    assert make(whole).result == "blocked"
    assert after_run(whole, now).sent == 1


def signed_off(path: Path, run_id: str) -> None:
    with Warehouse(path) as store:
        store.connection.execute(
            "insert into sign_off (la_code, quarter, state_no, run_id, state, said_by, said_at, line_no)"
            " values ('E06000034', '2025-Q3', 1, ?, 'signed_off', 'head', '2025-10-20T09:00:00+01:00', 1)",
            [run_id],
        )


def test_a_run_wanted_until_the_sign_off_makes_nothing_after_it_and_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = request(tmp_path, until_signed_off=True)
    assert ending.signed_off_already(asked) is None, "there is no warehouse"
    folder = make(asked).folder
    assert ending.signed_off_already(asked) is None, "nobody has signed it off"
    signed_off(asked.store, "run")
    before = bytes_of(folder)
    given = ["run", str(TINY), "--authority", "E06000034", "--quarter", "2025-Q3", "--source", "native"]
    monkeypatch.setattr(sys, "argv", ["hclic", *given, "--out", str(tmp_path), "--until-signed-off"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "is signed off already: there is nothing to make" in capsys.readouterr().out
    assert bytes_of(folder) == before
    # Another quarter is another matter.
    assert ending.signed_off_already(request(tmp_path, quarter="2025-Q4", until_signed_off=True)) is None


def test_faults_end_in_a_sentence_and_those_that_nobody_foresaw_tell_their_kind_alone() -> None:
    known = ending.of_error(UsageError("There is no such file."))
    assert (known.name, known.sentence, known.exit_code) == ("Failed", "There is no such file.", 2)
    unknown = ending.of_error(ValueError("Zqxsentinel"))
    assert unknown.exit_code == 4 and "ValueError" in unknown.sentence and "Zqxsentinel" not in unknown.sentence
