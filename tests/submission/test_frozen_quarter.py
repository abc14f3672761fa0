"""A run does not overwrite what was signed off, by the warehouse and by the folder; a revision goes beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.emit.tables.several import write_each
from pipelines.errors import UsageError
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.submission import sign_off
from pipelines.submission.sign_off import check, sign
from pipelines.warehouse import chain
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.returned import newest
from pipelines.warehouse.sign_offs import signed_runs
from pipelines.warehouse.store import Warehouse
from tests.few import without
from tests.submission.returns import EVERY, FIT, QUARTER, of, says

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "golden" / "prevention-secured-alternative" / "input"
REFUSED = (
    r"The return of July to September 2025 was signed off by Ben on 8 October 2025 and is not overwritten\."
    r" To correct it, make a revision with: hclic revise 2025-Q3\."
)


def request(place: Path, **given: Any) -> Request:
    typed = {"export": str(TINY), "authority": "E06000034", "quarter": "2025-Q3", "source": "native", "pages": False}
    more = {"out": str(place / "out"), "warehouse": str(place / "w.duckdb"), "personal": True, **given}
    return Request.read({**typed, **more}, started=datetime(2025, 10, 8, tzinfo=UTC))


@pytest.fixture(scope="module", autouse=True)
def _lean() -> Iterator[None]:
    with without():
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A return that a real run wrote, signed off by two people."""
    place = tmp_path_factory.mktemp("signed")
    assert make(request(place)).result == "clean"
    the = of(place, out=place / "out")
    check(the, says("Ann", *EVERY))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_off, "missing_explanations", lambda *_, **__: [])
        sign(the, says("Ben"), FIT)
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "place"))


def everything(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "given",
    [{"note": "other"}, {"out": "elsewhere"}, {"export": "no such file"}, {"as_at": "2025-10-07"}],
    ids=lambda given: next(iter(given)),
)
def test_a_run_of_a_signed_off_quarter_is_refused_before_anything_is_read(place: Path, given: dict[str, str]) -> None:
    before = everything(place)
    if "out" in given:
        given = {"out": str(place / given["out"])}
    with pytest.raises(UsageError, match=REFUSED) as refused:
        make(request(place, **given))
    assert refused.value.exit_code == 2
    assert everything(place) == before and not (place / "elsewhere").exists()


def test_it_is_refused_too_when_the_files_were_deleted(place: Path) -> None:
    shutil.rmtree(place / "out" / "E06000034" / "2025-Q3")
    with pytest.raises(UsageError, match=REFUSED):
        make(request(place))


def test_the_same_run_again_answers_that_its_outputs_stand(place: Path) -> None:
    before = everything(place)
    ended = make(request(place))
    assert (ended.result, ended.is_unchanged) == ("clean", True)
    assert everything(place) == before


def test_a_folder_that_holds_a_signed_off_return_is_not_written_with_another_warehouse(place: Path) -> None:
    before = everything(place)
    with pytest.raises(UsageError, match="holds a return that was signed off, and is not overwritten"):
        make(request(place, warehouse=str(place / "other.duckdb")))
    assert everything(place) == before


def test_another_quarter_of_the_authority_is_written_as_ever(place: Path) -> None:
    with Warehouse(place / "w.duckdb", read_only=True) as store:
        lines = len(list(chain.lines(store.connection)))
    make(request(place, quarter="2025-Q2", as_at="2025-06-30"))
    with Warehouse(place / "w.duckdb", read_only=True) as store:
        assert len(list(chain.lines(store.connection))) > lines
        assert chain.verify(store.connection) == []


def test_a_revision_goes_beside_what_was_signed_off(place: Path) -> None:
    folder = place / "out" / "E06000034" / str(QUARTER)
    before = everything(folder)
    ended = make(request(place, revision="a late case"))
    assert ended.folder.name == "2025-Q3-revision-1" and ended.result == "clean"
    assert everything(folder) == before
    with Warehouse(place / "w.duckdb", read_only=True) as store:
        assert chain.verify(store.connection) == []


def test_findings_of_the_same_export_leave_what_is_known_of_the_signed_off_run(place: Path) -> None:
    """A nightly check reads what the signed-off run read: under the same id it would take its ledger away."""
    with Warehouse(place / "w.duckdb", read_only=True) as store:
        (signed,) = signed_runs(store.connection, "E06000034", QUARTER)
        before = store.ledger_of(signed)
    make(request(place, only="check"))
    with Warehouse(place / "w.duckdb", read_only=True) as store:
        assert store.newest_run("E06000034") != signed
        assert store.ledger_of(signed) == before
        assert newest(store.connection, "E06000034", QUARTER) == (signed, "clean")
        assert chain.verify(store.connection) == []


def test_tables_of_a_signed_off_quarter_are_counted_from_what_was_signed_off(place: Path) -> None:
    with Warehouse(place / "w.duckdb", read_only=True) as store:
        (signed,) = signed_runs(store.connection, "E06000034", QUARTER)
    tables = [place / "before", place / "after"]
    list(write_each(place / "w.duckdb", "E06000034", [QUARTER], lambda each: tables[0]))
    make(request(place, only="check", as_at="2025-10-07"))
    with open_quarter(place / "w.duckdb", "E06000034", QUARTER) as opened:
        assert opened.run.run_id != signed
    ((made, _),) = write_each(place / "w.duckdb", "E06000034", [QUARTER], lambda each: tables[1])
    assert signed in made.run
    before, after = ((folder / "official_internal.csv").read_bytes() for folder in tables)
    assert before == after
