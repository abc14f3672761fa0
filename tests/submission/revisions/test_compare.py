"""What changed between two runs is told by case, field and total, each with the reason that was found, not guessed.

One signed-off run, and a revision in which each case of its own changed for another reason.
"""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

import sql
from pipelines.cli import app
from pipelines.emit.tables.build import compute_tables
from pipelines.errors import UsageError
from pipelines.extract import parsing
from pipelines.run import given, ledger
from pipelines.settings import Settings
from pipelines.submission import sent
from pipelines.submission.compare import Compared, compare
from pipelines.submission.compare.totals import counted_otherwise
from pipelines.submission.compare.words import compared_words
from pipelines.submission.named import named_pair
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from tests.submission.revisions.made import AUTHORITY, QUARTER, made, run_id_of, sign_off
from tests.submission.revisions.small import both, ref, set_in, small

LATE, GONE, CORRECTED, PLACED, RENAMED, UNTOUCHED = 20, 1, 2, 3, 4, 5
TO_LAST_DAY, PAST_LAST_DAY, READ_OTHERWISE, TO_THE_SAME_CODE = 6, 7, 8, 9
MENDED, WAIVED, FREED, FORCED = 10, 11, 12, 13
OLD_KEY, NEW_KEY = 14, 24
DAY = date(2025, 10, 6)
SETTINGS = Settings(gone_share_limit=1.0)
SECURED = {"relief_outcome": "secured", "relief_accom": "prs_self"}
# Assessed before the application, rule V-01; a second applicant, another rule.
ASSESSED_TOO_EARLY = {"assess_date": "2025-06-30"}


@dataclass(frozen=True)
class World:
    out: Path
    export: Path
    first: str
    second: str
    found: Compared


def run(out: Path, export: Path, **more: Any) -> str:
    ended = made(out, export, settings=more.pop("settings", SETTINGS), exclude_cases_with_errors="too late", **more)
    book = json.loads((ended.folder / "ledger.json").read_text(encoding="utf-8"))
    why = [one["rule_id"] for one in book["findings"]["by_rule"] if one["blocking"]] + book["return_problems"]
    assert ended.result == "clean", why
    return run_id_of(ended.folder)


def compared(out: Path, a: str, b: str) -> Compared:
    work = Path(mkdtemp(dir=out.parent))
    with Warehouse(out / "warehouse.duckdb", read_only=True) as store:
        return compare(store, *named_pair(store, AUTHORITY, a, b), work)


def read_otherwise(patch: pytest.MonkeyPatch) -> None:
    """A newer code list: what was the psychiatric hospital is the general one."""
    for name in ("exact_codes", "folded_codes"):
        read = getattr(parsing, name)

        def codes(of: str, read: Any = read) -> dict[str, str]:
            return dict(read(of)) | ({"inst_hosp_psych": "inst_hosp_general"} if of == "reasonloss" else {})

        patch.setattr(parsing, name, codes)


def without_rule(patch: pytest.MonkeyPatch, rule_id: str) -> None:
    """A newer rule set, without one rule."""
    rules, judge = tuple(one for one in given.RULES if one.rule_id != rule_id), given.validate
    patch.setattr(given, "validate", lambda *args, **more: judge(*args, **{"rules": rules, **more}))
    patch.setattr(ledger, "rules_version", lambda: "another")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    place = tmp_path_factory.mktemp("world")
    out, numbers = place / "out", range(1, 15)
    same = both(
        set_in(READ_OTHERWISE, reasonloss="inst_hosp_psych"),
        set_in(WAIVED, **ASSESSED_TOO_EARLY),
        set_in(FREED, php_date="2025-06-01"),
    )
    then = both(same, set_in(TO_THE_SAME_CODE, reasonloss="da_victim"), set_in(MENDED, **ASSESSED_TOO_EARLY))
    ended = [set_in(number, relief_end="2025-09-20", **SECURED) for number in (TO_LAST_DAY, PAST_LAST_DAY)]
    first = run(out, small(place / "first", numbers, main=then, relief=both(*ended)))
    sign_off(out / "warehouse.duckdb", first, out / AUTHORITY / "2025-Q3")
    now = both(
        same,
        set_in(CORRECTED, reasonloss="da_victim"),
        set_in(TO_THE_SAME_CODE, reasonloss="inst_hosp_general"),
    )
    ends = both(*ended, set_in(TO_LAST_DAY, relief_end="2025-09-30"), set_in(PAST_LAST_DAY, relief_end="2025-10-01"))
    placed = {"case_ref": ref(PLACED), "placement_no": "1", "entry_date": "2025-07-10", "taduty": "s188_1"}
    placed |= {"ta_type": "hostel", "ta_la": AUTHORITY}
    export = small(
        place / "second",
        [*numbers[1:-1], LATE, NEW_KEY],
        main=now,
        relief=ends,
        people=both(
            set_in(RENAMED, surname="Younger"), set_in(NEW_KEY, surname=f"Elder{OLD_KEY}", date_of_birth="1990-05-14")
        ),
        temporary_accommodation=lambda rows: [placed],
    )
    waivers, forced = place / "waivers.csv", place / "forced.csv"
    waivers.write_text(f"rule_id,case_ref,record_key,owner,reason,expires\nV-01,{ref(WAIVED)},,Lead,Known,2026-12-31\n")
    forced.write_text(f"case_ref,action,reason\n{ref(FORCED)},exclude,Not ours\n")
    with pytest.MonkeyPatch.context() as patch:
        read_otherwise(patch)
        without_rule(patch, RULE_OF_PLAN)
        second = run(out, export, as_at=DAY, revision="corrected", waivers=waivers, forced_cases=forced)
    return World(out, export, first, second, compared(out, first, second))


RULE_OF_PLAN = "L-01q"


def fields(world: World, number: int) -> list[dict[str, Any]]:
    return world.found.fields.filter(pl.col("case_ref") == ref(number)).to_dicts()


def told(world: World, number: int) -> dict[str | None, str]:
    """Reason by field of a case; under None of the case or a row as a whole."""
    return {row["field"]: row["reason"] for row in fields(world, number)}


def case(found: Compared, number: int) -> tuple[str, str] | None:
    rows = found.cases.filter(pl.col("case_ref") == ref(number)).rows()
    return (rows[0][1], rows[0][3]) if rows else None


def test_a_case_recorded_late_comes_in(world: World) -> None:
    assert case(world.found, LATE) == ("new", "late case")


def test_a_case_that_is_gone_from_the_export_is_withdrawn(world: World) -> None:
    assert case(world.found, GONE) == ("gone", "withdrawn")


def test_a_household_under_another_reference_is_re_keyed_and_not_corrected(world: World) -> None:
    assert case(world.found, OLD_KEY) == ("gone", "re-keyed")
    assert case(world.found, NEW_KEY) == ("new", "re-keyed")


def test_a_case_in_which_nothing_changed_is_not_told(world: World) -> None:
    assert case(world.found, UNTOUCHED) is None


def test_a_corrected_value_is_told_with_before_and_after(world: World) -> None:
    (row,) = fields(world, CORRECTED)
    wanted = ("reasonloss", "family_friends", "da_victim", "corrected value")
    assert (row["field"], row["before"], row["after"], row["reason"]) == wanted


def test_a_row_that_was_added_is_a_correction(world: World) -> None:
    assert told(world, PLACED) == {None: "corrected value"}


def test_a_personal_value_is_told_and_not_shown(world: World) -> None:
    (row,) = fields(world, RENAMED)
    assert (row["field"], row["reason"]) == ("surname", "corrected value")
    assert "Elder" not in str(row)
    assert "Younger" not in str(row)


def test_an_ending_moved_to_the_quarters_last_day_is_a_correction(world: World) -> None:
    assert told(world, TO_LAST_DAY) == {"relief_end": "corrected value"}


def test_an_ending_moved_past_the_last_day_is_masked_with_what_depends_on_it(world: World) -> None:
    assert told(world, PAST_LAST_DAY) == {
        "relief_end": "corrected value; masking",
        "relief_outcome": "masking",
        "relief_accom": "masking",
    }


def test_the_same_spelling_read_as_another_code_is_told_apart_from_a_correction_to_that_code(world: World) -> None:
    assert told(world, READ_OTHERWISE) == {"reasonloss": "code"}
    assert told(world, TO_THE_SAME_CODE) == {"reasonloss": "corrected value"}


def test_a_case_left_out_with_its_errors_comes_in_when_it_is_corrected(world: World) -> None:
    assert case(world.found, MENDED) == ("new", "corrected value")


def test_a_waiver_lets_a_case_in_as_a_matter_of_rules(world: World) -> None:
    assert case(world.found, WAIVED) == ("new", "rule")
    assert fields(world, WAIVED)[0]["why"] == "waiver: V-01 is waived in one run and not in the other"


def test_another_rule_set_lets_a_case_in_as_a_matter_of_rules(world: World) -> None:
    assert case(world.found, FREED) == ("new", "rule")
    assert fields(world, FREED)[0]["why"] == f"rule set: {RULE_OF_PLAN} is judged otherwise"


def test_a_case_forced_out_is_told_as_a_rule(world: World) -> None:
    assert case(world.found, FORCED) == ("gone", "rule")
    assert "forced cases" in fields(world, FORCED)[0]["why"]


def test_totals_are_told_with_the_cases_that_moved_them(world: World) -> None:
    totals = {(row["table"], row["column_path"]): row for row in world.found.totals.to_dicts()}
    placed = totals["return", "Temporary accommodation"]
    assert (placed["before"], placed["after"]) == (0, 1)
    assert (placed["came"], placed["went"], placed["reason"]) == (ref(PLACED), "", "corrected value")
    main = totals["return", "Main"]
    # In came one late, three that were left out and one under another reference; out went two and its older one.
    assert main["difference"] == 2
    assert set(main["came"].split("; ")) == {ref(n) for n in (LATE, MENDED, WAIVED, FREED, NEW_KEY)}
    assert set(main["went"].split("; ")) == {ref(n) for n in (GONE, FORCED, OLD_KEY)}
    assert main["reason"] == "late case; withdrawn; re-keyed; corrected value; rule"
    assert all(row["reason"] != "not known" for row in totals.values())


def test_the_screen_shows_counts_and_references_and_no_value(world: World) -> None:
    shown = compared_words(world.found)
    assert "late case" in shown
    assert ref(LATE) in shown
    for value in ("da_victim", "Younger", "Elder"):
        assert value not in shown
    assert len(shown.splitlines()) <= 50


def test_the_files_hold_the_values_for_their_owner_alone(world: World, tmp_path: Path) -> None:
    command = ["compare", world.first, world.second, "--warehouse", str(world.out / "warehouse.duckdb")]
    ended = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "changes")])
    assert ended.exit_code == 0, ended.output
    assert "da_victim" not in ended.output
    files = {path.name: path for path in (tmp_path / "changes").iterdir()}
    assert set(files) == {"changed_cases.csv", "changed_fields.csv", "changed_totals.csv", "changes.xlsx"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    with files["changed_fields.csv"].open(encoding="utf-8", newline="") as handle:
        assert "da_victim" in {row["after"] for row in csv.DictReader(handle)}


def test_nothing_changed_between_a_run_and_itself(world: World) -> None:
    found = compared(world.out, world.second, world.second)
    assert found.is_same
    assert "Nothing: cases, fields and totals are the same." in compared_words(found)


def test_a_reference_never_moves_between_a_run_and_its_revision(world: World) -> None:
    above = world.out / AUTHORITY
    before, after = (
        dict(pl.read_csv(above / name / "reference_map.csv").select("local_ref", "case_ref").iter_rows())
        for name in ("2025-Q3", "2025-Q3-revision-1")
    )
    assert {name: after.get(name) for name in before} == before


def test_a_setting_is_told_by_its_name(world: World) -> None:
    third = run(
        world.out,
        world.export,
        as_at=DAY,
        revision="shown",
        settings=Settings(gone_share_limit=1.0, mask_after_quarter_end=False),
        waivers=world.out.parent / "waivers.csv",
        forced_cases=world.out.parent / "forced.csv",
    )
    found = compared(world.out, world.second, third)
    told = found.fields.filter(pl.col("case_ref") == ref(PAST_LAST_DAY))
    assert set(told["reason"]) == {"setting"}
    assert set(told["why"]) == {"another mask_after_quarter_end"}


def test_other_software_is_told_apart_from_what_was_corrected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's software leaves a date out of the return that it had then; another case was corrected as well."""
    text = sql.text
    was = "if(php_date > mask_after, null, php_date)"

    def other(name: str) -> str:
        return text(name).replace(was, "null::date") if name == "staging/main.sql" else text(name)

    monkeypatch.setattr(sql, "text", other)
    # Both were sent with the date: whatever today's software writes, nothing of it changed.
    assert compared(world.out, world.first, world.first).fields.is_empty()
    with Warehouse(world.out / "warehouse.duckdb") as store:
        store.connection.execute("delete from run_request where run_id = ?", [world.second])
    # What the later run sent is not kept now: it is as today's software makes it.
    found = compared(world.out, world.first, world.second)
    assert "Today's software makes other bytes" in found.notes[0]
    told = {
        number: dict(found.fields.filter(pl.col("case_ref") == ref(number)).select("field", "reason").iter_rows())
        for number in (UNTOUCHED, CORRECTED)
    }
    assert told == {
        UNTOUCHED: {"php_date": "software"},
        CORRECTED: {"php_date": "software", "reasonloss": "corrected value"},
    }
    assert case(found, CORRECTED) == ("changed", "corrected value; software")


def test_only_runs_of_one_quarter_are_compared(world: World) -> None:
    from pipelines.period import Quarter
    from pipelines.warehouse.store import StoredRun

    runs = [StoredRun(name, AUTHORITY, Quarter(2025, number), DAY, True) for name, number in (("a", 3), ("b", 4))]
    with (
        Warehouse(world.out / "warehouse.duckdb", read_only=True) as store,
        pytest.raises(UsageError, match="only runs of one quarter"),
    ):
        compare(store, *runs, world.out.parent / "none")


def test_a_table_that_today_s_software_counts_otherwise_is_told_as_software(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_quarter(world.out / "warehouse.duckdb", AUTHORITY, QUARTER) as opened:
        side: Any = SimpleNamespace(opened=opened, book=None)
        cells = compute_tables(opened.connection)
        for wrote, told in (
            (cells, []),
            (
                cells.with_columns(value=pl.when(pl.col("table") == "A1").then(pl.col("value") + 1).otherwise("value")),
                ["A1"],
            ),
            (cells.filter(pl.col("table") != "TA1"), ["TA1"]),
        ):
            monkeypatch.setattr(sent, "output_of", lambda book, name, wrote=wrote: wrote.write_csv().encode())
            assert counted_otherwise(side) == told
