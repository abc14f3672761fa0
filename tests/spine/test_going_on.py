"""What a run finds in its folder: a stopped run to go on with, another one that it clears, or its own outputs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import HeldError, InputError
from pipelines.run import lock, run, storing
from pipelines.run.database import RunDatabase
from pipelines.run.request import Request
from pipelines.run.run import Ended, make
from pipelines.run.steps import STEPS
from pipelines.warehouse.store import Warehouse

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
AUTHORITY, QUARTER = "E06000034", "2025-Q3"
NAMES = [step.name for step in STEPS]


class Stopped(Exception):  # noqa: N818
    """Stands for a fault, or for a kill: the work folder stays."""


def request(tmp_path: Path, **given: object) -> Request:
    export = tmp_path / "export"
    if not export.exists():
        shutil.copytree(GOLDEN / "main-duty-accepted-in-accommodation" / "input", export)
    typed = {"export": str(export), "authority": AUTHORITY, "quarter": QUARTER, "source": "native", "pages": False}
    return Request.read({**typed, "out": str(tmp_path / "out"), **given}, started=datetime(2025, 10, 8, tzinfo=UTC))


def work_of(tmp_path: Path) -> Path:
    return tmp_path / "out" / AUTHORITY / f".{QUARTER}.new"


def steps_of(wanted: Request, *, stop: str | None = None) -> list[str]:
    """Make the run, stopped before a step where one is named; the steps that were begun."""
    begun: list[str] = []

    def before(step: run.Step) -> None:
        if step.name == stop:
            raise Stopped
        begun.append(step.name)

    if stop is None:
        make(wanted, before=before)
    else:
        with pytest.raises(Stopped):
            make(wanted, before=before)
    return begun


def begins_anew(wanted: Request) -> bool:
    """Whether the run begins with its first step; it is stopped after that."""
    return steps_of(wanted, stop=NAMES[1]) == NAMES[:1]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a run was stopped before it wrote the return, and beside it a copy."""
    tmp_path = tmp_path_factory.mktemp("stopped") / "here"
    tmp_path.mkdir()
    steps_of(request(tmp_path), stop="emit_return")
    shutil.copytree(tmp_path, tmp_path.with_name("kept"))
    return tmp_path


@pytest.fixture
def stopped(stopped_once: Path) -> Path:
    """As it was left, in the same place: a stopped run goes on where it began."""
    shutil.rmtree(stopped_once)
    return Path(shutil.copytree(stopped_once.with_name("kept"), stopped_once))


# --- going on ----------------------------------------------------------------------------------------------------


def test_a_stopped_run_goes_on_where_it_stood_and_its_folder_goes_when_it_has_ended(tmp_path: Path) -> None:
    assert steps_of(request(tmp_path), stop="emit_tables") == NAMES[: NAMES.index("emit_tables")]
    assert steps_of(request(tmp_path)) == NAMES[NAMES.index("emit_tables") :]
    assert sorted(path.name for path in (tmp_path / "out" / AUTHORITY).iterdir()) == [QUARTER]
    book = json.loads((tmp_path / "out" / AUTHORITY / QUARTER / "ledger.json").read_text())
    assert book["steps"] == NAMES


def test_only_its_owner_can_read_what_a_stopped_run_left(tmp_path: Path) -> None:
    steps_of(request(tmp_path), stop="finish")
    assert work_of(tmp_path).stat().st_mode & 0o777 == 0o700
    assert (work_of(tmp_path) / "run.duckdb").stat().st_mode & 0o777 == 0o600


def test_a_run_stopped_before_its_first_step_leaves_nothing(tmp_path: Path) -> None:
    steps_of(request(tmp_path), stop=NAMES[0])
    assert not (tmp_path / "out").exists()


def change_the_export(tmp_path: Path) -> Request:
    with (tmp_path / "export" / "main.csv").open("a") as handle:
        handle.write("\n")
    return request(tmp_path)


def give_waivers(tmp_path: Path) -> Request:
    (tmp_path / "waivers.csv").write_text("rule_id,case_ref,record_key,owner,reason,expires\n")
    return request(tmp_path, waivers=str(tmp_path / "waivers.csv"))


CHANGES: dict[str, Callable[[Path], Request]] = {
    "a byte of the export": change_the_export,
    "a file of waivers": give_waivers,
    "the note": lambda tmp_path: request(tmp_path, note="The households are invented."),
    "the personal-data file": lambda tmp_path: request(tmp_path, personal=True),
    "the day of the export": lambda tmp_path: request(tmp_path, as_at="2025-10-01"),
    "the warehouse": lambda tmp_path: request(tmp_path, warehouse=str(tmp_path / "other.duckdb")),
    "a setting": lambda tmp_path: replace(
        request(tmp_path), settings=replace(request(tmp_path).settings, stay_gap_nights=3)
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_run_whose_inputs_or_options_changed_clears_what_another_left_and_begins_anew(
    what: str, stopped: Path
) -> None:
    assert begins_anew(CHANGES[what](stopped))


def test_a_run_of_which_nothing_changed_goes_on(stopped: Path) -> None:
    assert steps_of(request(stopped), stop="emit_tables") == ["emit_return"]


def test_a_run_of_other_software_begins_anew(stopped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.run.ledger.software", lambda: {"files": "others"})
    assert begins_anew(request(stopped))


def test_a_run_that_another_of_the_authority_has_overtaken_begins_anew(stopped: Path) -> None:
    other = request(stopped, quarter="2025-Q2", as_at="2025-09-30")
    steps_of(other, stop="emit_return")
    assert begins_anew(request(stopped))


def test_a_damaged_run_database_is_begun_anew(stopped: Path) -> None:
    (work_of(stopped) / "run.duckdb").write_bytes(b"damaged")
    assert begins_anew(request(stopped))


def test_what_a_step_wrote_before_it_failed_is_written_again(
    tmp_path: Path, ended_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(database: RunDatabase, wanted: Request) -> None:
        (database.outputs / "tables").mkdir()
        (database.outputs / "tables" / "half.csv").write_text("half")
        database.keep("findings", pl.DataFrame({"case_ref": ["lost"]}))
        raise RuntimeError

    steps = tuple(replace(step, do=broken) if step.name == "emit_tables" else step for step in STEPS)
    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(run, "STEPS", steps)
        make(request(tmp_path))
    make(request(tmp_path))
    assert not (tmp_path / "out" / AUTHORITY / QUARTER / "tables" / "half.csv").exists()
    assert contents(tmp_path / "out" / AUTHORITY) == contents(ended_once / "out" / AUTHORITY)


# --- a return that fails its own check ---------------------------------------------------------------------------


def test_a_return_that_fails_its_own_check_is_not_written_and_its_run_database_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.emit.returns.check import CheckedReturn
    from pipelines.emit.returns.problems import Problem

    failed = CheckedReturn((Problem("recount", "the number of cases differs"),), {})
    monkeypatch.setattr("pipelines.emit.returns.check_return", lambda *given: failed)
    ended = make(request(tmp_path))
    assert ended.result == "failed"
    book = json.loads((ended.folder / "ledger.json").read_text())
    assert (book["exit_status"], book["return_problems"]) == (4, ["the number of cases differs"])
    assert not (ended.folder / "return").exists()
    assert (work_of(tmp_path) / "run.duckdb").exists()
    assert begins_anew(request(tmp_path))


# --- nothing changed ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ended_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a clean run has ended."""
    tmp_path = tmp_path_factory.mktemp("ended")
    assert make(request(tmp_path)).result == "clean"
    return tmp_path


@pytest.fixture
def ended(ended_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(ended_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def again(tmp_path: Path) -> Ended:
    return make(request(tmp_path))


def test_a_run_with_nothing_changed_does_no_step_and_changes_no_byte(ended: Path) -> None:
    before = contents(ended / "out" / AUTHORITY)
    made = again(ended)
    assert (made.is_unchanged, made.result) == (True, "clean")
    assert contents(ended / "out" / AUTHORITY) == before
    assert sorted(path.name for path in (ended / "out" / AUTHORITY).iterdir()) == [QUARTER]


def test_a_blocked_run_with_nothing_changed_is_blocked_again(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "one-bad-case-blocks" / "input", tmp_path / "export")
    assert [again(tmp_path).result, again(tmp_path).result] == ["blocked", "blocked"]
    assert again(tmp_path).is_unchanged


def test_a_changed_byte_in_any_output_is_noticed(ended: Path) -> None:
    folder = ended / "out" / AUTHORITY / QUARTER
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 30
    noticed = []
    for path in files:
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]) if before else b"x")
        noticed.append(_stands(ended))
        path.write_bytes(before)
    assert [path.name for path, stands in zip(files, noticed, strict=True) if stands] == []
    assert _stands(ended), "with every byte put back it stands"


def _stands(tmp_path: Path) -> bool:
    from pipelines.run.inputs import made_from
    from pipelines.run.outputs import OutputFolder
    from pipelines.run.unchanged import stands_unchanged

    wanted = request(tmp_path)
    try:
        digest = made_from(wanted).digest
    except InputError:
        # A workbook that cannot be read stops the run: an officer may have written in it.
        return False
    return stands_unchanged(OutputFolder.of(wanted), wanted, digest)


def remove_the_ledger(tmp_path: Path) -> None:
    (tmp_path / "out" / AUTHORITY / QUARTER / "ledger.json").unlink()


def remove_an_output(tmp_path: Path) -> None:
    (tmp_path / "out" / AUTHORITY / QUARTER / "tables" / "official.csv").unlink()


def add_an_output(tmp_path: Path) -> None:
    (tmp_path / "out" / AUTHORITY / QUARTER / "return" / "second.xml").write_text("<return/>")


def remove_the_warehouse(tmp_path: Path) -> None:
    (tmp_path / "out" / "warehouse.duckdb").unlink()


def edit_ledger_and_output_alike(tmp_path: Path) -> None:
    """What no digest in the ledger can show: the warehouse has another ledger."""
    folder = tmp_path / "out" / AUTHORITY / QUARTER
    text = (folder / "tables" / "p1e.csv").read_text()
    (folder / "tables" / "p1e.csv").write_text(text.replace("0", "1"))
    from pipelines.run.ledger import outputs, render

    book = json.loads((folder / "ledger.json").read_text())
    (folder / "ledger.json").write_text(render({**book, "outputs": outputs(folder)}))


def run_another_quarter(tmp_path: Path) -> None:
    other = request(tmp_path, quarter="2025-Q2", as_at="2025-09-30", out=str(tmp_path / "out"))
    steps_of(other, stop="emit_return")


@pytest.mark.parametrize(
    "spoil",
    [
        remove_the_ledger,
        remove_an_output,
        add_an_output,
        remove_the_warehouse,
        edit_ledger_and_output_alike,
        run_another_quarter,
    ],
)
def test_what_does_not_stand_as_it_was_written_is_made_anew(spoil: Callable[[Path], None], ended: Path) -> None:
    spoil(ended)
    assert begins_anew(request(ended))


def test_what_was_spoilt_is_brought_back_byte_for_byte(ended: Path) -> None:
    before = contents(ended / "out" / AUTHORITY)
    edit_ledger_and_output_alike(ended)
    assert not again(ended).is_unchanged
    assert contents(ended / "out" / AUTHORITY) == before


def test_what_hclic_did_not_write_is_no_change(ended: Path) -> None:
    (ended / "out" / AUTHORITY / QUARTER / "sign-off.txt").write_text("checked by hand")
    assert again(ended).is_unchanged


@pytest.mark.parametrize("what", [what for what in CHANGES if what != "the warehouse"])
def test_changed_inputs_or_options_are_made_anew(what: str, ended: Path) -> None:
    assert begins_anew(CHANGES[what](ended))


# --- several runs at once ----------------------------------------------------------------------------------------


def test_a_second_run_in_the_folder_waits_for_the_first(tmp_path: Path) -> None:
    inside, order = threading.Event(), []

    def slow(step: run.Step) -> None:
        if step.name == "emit_return":
            inside.set()
            time.sleep(0.5)

    def first() -> None:
        make(request(tmp_path), before=slow)
        order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(60)
    second = make(request(tmp_path))
    order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert second.is_unchanged


def test_a_run_that_waited_too_long_for_another_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with (
        lock.alone_in(tmp_path / "folder"),
        pytest.raises(HeldError, match=r"Another run is at work in .*, after a wait of 0 minutes"),
        lock.alone_in(tmp_path / "folder", seconds=0),
    ):
        pass


def test_a_warehouse_that_another_program_holds_is_waited_for_and_then_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    script = f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdin and other.stdout and other.stdout.readline() == "held\n"
        with pytest.raises(HeldError, match="Another program holds the warehouse"), storing.open_store(path, seconds=0):
            pass
        threading.Timer(0.5, other.stdin.close).start()
        with storing.open_store(path, seconds=60) as store:
            assert store.newest_run(AUTHORITY) is None


def test_two_runs_that_issue_references_at_once_give_each_number_to_one_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run freezes after this one has read the map and before it freezes."""
    # Both are let in, as on a machine or a file system without locks.
    monkeypatch.setattr(lock, "_taken", lambda descriptor: True)
    for name, ref in (("mine", "HB/2024/7"), ("theirs", "HB/2024/8")):
        export = tmp_path / name / "export"
        shutil.copytree(GOLDEN / "local-references-are-issued" / "input", export)
        for path in export.glob("*.csv"):
            path.write_text(path.read_text().replace("HB/2024/7", ref))
    shared = str(tmp_path / "warehouse.duckdb")
    begun: list[str] = []

    def before(step: run.Step) -> None:
        begun.append(step.name)
        if step.name == "freeze" and begun.count("freeze") == 1:
            steps_of(request(tmp_path / "theirs", warehouse=shared), stop="emit_return")
        if step.name == "emit_return":
            raise Stopped

    with pytest.raises(Stopped):
        make(request(tmp_path / "mine", warehouse=shared), before=before)
    once = NAMES[: NAMES.index("emit_return")]
    assert begun == [*once, *once, "emit_return"], "it begins anew when the map has changed under it"
    with Warehouse(Path(shared)) as store:
        known = store.reference_map(AUTHORITY)
    issued = dict(known.filter(pl.col("origin") == "issued").select("local_ref", "case_ref").iter_rows())
    assert sorted(issued) == ["HB/2024/7", "HB/2024/8"]
    assert len(set(issued.values())) == 2


def test_a_run_database_that_another_program_has_open_is_held(stopped: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pipelines.errors import HeldError\n"
        "from pipelines.run.database import RunDatabase\n"
        "try: RunDatabase(Path(sys.argv[1]))\n"
        "except HeldError as held: print(held)"
    )
    with RunDatabase(work_of(stopped)):
        command = [sys.executable, "-c", script, str(work_of(stopped))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Another run is at work in the same output folder."), done.stderr
