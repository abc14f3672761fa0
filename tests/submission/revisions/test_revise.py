"""A signed-off return is corrected by a run of its own; what was sent stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import InputError, UsageError
from pipelines.run.outputs import OutputFolder
from pipelines.run.remembered import from_anywhere
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.submission.revise import Planned, plan, record
from pipelines.warehouse import chain
from pipelines.warehouse.store import Warehouse
from tests.few import without
from tests.submission.revisions.made import (
    AUTHORITY,
    FIRST,
    LATER,
    QUARTER,
    export_with,
    request,
    run_id_of,
    sign_off,
)
from tests.submission.revisions.small import set_in, small

WHY = "Two cases were recorded late"


@pytest.fixture(autouse=True)
def _lean() -> Iterator[None]:
    with without():
        yield


def planned(signed: Path, why: str = WHY, **given: object) -> Planned:
    return plan(signed / "warehouse.duckdb", QUARTER, given, authority=None, why=why, started=LATER)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_revision_is_asked_for_as_the_last_run_of_the_quarter_was(signed_off_out: Path) -> None:
    found = planned(signed_off_out)
    was = request(signed_off_out)
    for name in ("export", "authority", "quarter", "source", "out", "return_profile", "personal", "pages"):
        assert getattr(found.request, name) == getattr(was, name), name
    assert found.request.revision == WHY
    assert found.corrects == found.remembered


def test_an_export_of_the_same_bytes_keeps_its_day_and_another_has_that_of_today(
    signed_off_out: Path, tmp_path: Path
) -> None:
    assert planned(signed_off_out).request.day == QUARTER.last_day
    changed = export_with(tmp_path / "export", main=lambda rows: rows[:-1])
    assert planned(signed_off_out, export=str(changed)).request.day == LATER.date()
    assert planned(signed_off_out, export=str(changed), as_at="2025-10-31").request.day.isoformat() == "2025-10-31"


def test_a_path_that_was_typed_from_one_folder_means_the_same_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "native").mkdir()
    typed = {"export": "export", "source": "native", "return_profile": "pack", "waivers": "w.csv", "note": "a/b"}
    assert from_anywhere(typed) == {
        "export": str(tmp_path / "export"),
        "source": "native",
        "return_profile": str(tmp_path / "pack"),
        "waivers": str(tmp_path / "w.csv"),
        "note": "a/b",
    }
    assert from_anywhere({"export": "postgresql://server/cases", "source": "my.toml"}) == {
        "export": "postgresql://server/cases",
        "source": str(tmp_path / "my.toml"),
    }


def test_a_revision_stands_beside_what_was_signed_off_under_an_id_of_its_own(out: Path) -> None:
    signed = out / AUTHORITY / "2025-Q3"
    before = bytes_of(signed)
    found = planned(out, out=str(out))
    record(found, WHY, "B. Officer")
    ended = make(found.request)
    assert ended.folder == out / AUTHORITY / "2025-Q3-revision-1"
    assert ended.result == "clean"
    # The same export: the same return, and yet another run.
    assert run_id_of(ended.folder) != run_id_of(signed)
    assert bytes_of(signed) == before
    assert (ended.folder / "return").is_dir()
    with Warehouse(out / "warehouse.duckdb") as store:
        (line,) = [one for one in chain.lines(store.connection) if one.kind == "revised"]
    assert line.facts == {"quarter": "2025-Q3", "revision": 1, "corrects": run_id_of(signed)}
    assert WHY not in str(line.facts)


def test_each_signing_off_begins_another_revision(out: Path) -> None:
    found = planned(out, out=str(out))
    first = make(found.request)
    sign_off(out / "warehouse.duckdb", run_id_of(first.folder), first.folder)
    again = planned(out, out=str(out))
    assert again.corrects == run_id_of(first.folder)
    assert OutputFolder.of(again.request).final.name == "2025-Q3-revision-2"


def test_a_quarter_that_was_not_signed_off_is_run_as_any_other_and_says_so(out: Path) -> None:
    with Warehouse(out / "warehouse.duckdb") as store:
        store.connection.execute("delete from sign_off")
    found = planned(out, out=str(out))
    assert found.request.revision is None
    assert "has not been signed off" in " ".join(found.sentences())
    assert OutputFolder.of(found.request).final.name == "2025-Q3"


def test_a_run_as_a_revision_is_refused_before_the_quarter_was_signed_off(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has not been signed off"):
        make(request(tmp_path / "out", revision=WHY))


def test_a_revision_needs_a_reason(signed_off_out: Path) -> None:
    with pytest.raises(UsageError, match="--why is needed"):
        planned(signed_off_out, why=" ")
    with pytest.raises(UsageError, match="--revision needs a reason"):
        Request.read({**request(signed_off_out).typed(), "revision": " "}, started=FIRST)


def test_runs_without_remembered_options_say_what_to_do(out: Path) -> None:
    with Warehouse(out / "warehouse.duckdb") as store:
        store.connection.execute("delete from run_request")
    with pytest.raises(InputError, match="before their options were kept"):
        planned(out)


def test_a_quarter_without_a_run_cannot_be_revised(signed_off_out: Path) -> None:
    with pytest.raises(InputError, match="holds no run of E06000034 for January to March 2025"):
        plan(
            signed_off_out / "warehouse.duckdb",
            QUARTER.shift(-2),
            {},
            authority=None,
            why=WHY,
            started=LATER,
        )


def test_the_command_ends_with_what_changed_against_what_was_signed_off(tmp_path: Path) -> None:
    out = tmp_path / "out"
    signed = make(request(out, small(tmp_path / "export"))).folder
    sign_off(out / "warehouse.duckdb", run_id_of(signed), signed)
    later = small(tmp_path / "later", range(1, 8), main=set_in(2, reasonloss="da_victim"))
    command = ["revise", "2025-Q3", str(later), "--as-at", "2025-10-06", "--warehouse", str(out / "warehouse.duckdb")]
    ended = CliRunner().invoke(app, [*command, "--why", WHY, "--by", "B. Officer"])
    assert ended.exit_code == 0, ended.output
    assert "1  cases came in: E06000034_000000000007" in ended.output
    assert "1  cases changed: E06000034_000000000002" in ended.output
    assert "da_victim" not in ended.output
    changes = out / AUTHORITY / "2025-Q3-revision-1" / "changes"
    assert "da_victim" in (changes / "changed_fields.csv").read_text(encoding="utf-8")
    # Asked again it has nothing to do, and says the same.
    again = CliRunner().invoke(app, [*command, "--why", WHY, "--by", "B. Officer"])
    assert "UNCHANGED" in again.output
    assert "1  cases came in: E06000034_000000000007" in again.output
