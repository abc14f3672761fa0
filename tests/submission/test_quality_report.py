"""The quality report: totals from the XML on disk, beside earlier quarters, with what is to be explained."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.emit.tables.build import compute_tables
from pipelines.errors import HclicError, InputError
from pipelines.period import Quarter
from pipelines.submission.qa.asked import Change
from pipelines.submission.qa.catalogue import totals_for
from pipelines.submission.qa.counted import checks
from pipelines.submission.qa.earlier import FROZEN, ON_DISK, SIGNED, UNKNOWN, Earlier, earlier
from pipelines.submission.qa.missing import missing_explanations
from pipelines.submission.qa.report import Report, make
from pipelines.submission.qa.words import standing
from pipelines.submission.qa.write import write
from pipelines.warehouse import chain
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.sign_offs import SignOff
from pipelines.warehouse.store import Warehouse
from tests.submission import quality_runs
from tests.submission.quality_runs import AUTHORITY, LAST, NOW, QUARTER, YEAR_BEFORE, Place

REF = re.compile(rf"{AUTHORITY}_\d{{12}}")


@pytest.fixture(scope="module", autouse=True)
def _session() -> Iterator[None]:
    yield
    quality_runs.remove()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Report]:
    """Three quarters, and the report of the last; not to be changed."""
    place = quality_runs.place(tmp_path_factory.mktemp("whole"))
    return place, _made(place)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return quality_runs.place(tmp_path)


def _made(place: Place, given: Path | None = None, quarter: Quarter = QUARTER) -> Report:
    with Warehouse(place.warehouse, read_only=True) as store:
        return make(store, AUTHORITY, quarter, given or place.folder(quarter))


def _qa(place: Place, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["qa", *more, "--warehouse", str(place.warehouse)])
    if isinstance(done.exception, HclicError):
        return done.exception.exit_code, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done.exit_code, done.output


# --- totals ---------------------------------------------------------------------------------------------------------


def test_totals_counted_from_the_xml_are_those_of_the_official_tables(whole: tuple[Place, Report]) -> None:
    place, report = whole
    with open_quarter(place.warehouse, AUTHORITY, QUARTER) as opened:
        cells = compute_tables(opened.connection).filter(pl.col("measure") == "count")
    printed = {(table, path): value for table, path, value in cells.select("table", "column_path", "value").iter_rows()}
    ours = {(one.table, one.column_path): report.counted.values[one.ident] for one in report.totals if one.table}
    assert len(ours) > 70
    assert {key: printed[key] for key in ours} == ours


def test_each_row_of_the_file_is_in_the_count_of_its_section(whole: tuple[Place, Report]) -> None:
    place, report = whole
    text = place.case_file().read_text(encoding="utf-8")
    for element, total in (
        ("CASE", "rows-main"),
        ("PERSON", "rows-people"),
        ("PLACEMENT", "rows-temporary-accommodation"),
    ):
        assert report.counted.values[total] == text.count(f"<{element}>"), total
    personal = next(place.case_file().parent.glob("hclic_personal*")).read_text(encoding="utf-8")
    assert report.counted.values["people-personal"] == personal.count("<PERSON>")


def test_as_many_cases_stand_behind_a_total_as_it_counts(whole: tuple[Place, Report]) -> None:
    _, report = whole
    for total in report.totals:
        assert len(report.counted.references[total.ident]) == report.counted.values[total.ident], total.ident


def test_the_report_counts_what_is_in_the_file_and_not_what_the_warehouse_holds(place: Place) -> None:
    before = _made(place).counted.values
    with Warehouse(place.warehouse) as store:
        store.connection.execute("delete from history.relief")
    assert _made(place).counted.values == before


def test_without_a_personal_data_file_the_people_in_it_are_not_known_and_not_none(place: Place) -> None:
    next(place.case_file().parent.glob("hclic_personal*")).unlink()
    report = _made(place)
    assert report.counted.values["people-personal"] is None
    assert report.counted.values["rows-people"]


def test_every_total_of_the_catalogue_is_a_column_of_the_tables_and_has_a_definition() -> None:
    totals = totals_for(str(QUARTER))
    assert len({one.ident for one in totals}) == len(totals)
    for one in totals:
        assert one.label, one.ident
        assert one.definition.endswith("."), one.ident


def test_all_checks_hold_and_one_that_does_not_is_named(whole: tuple[Place, Report]) -> None:
    _, report = whole
    assert len(report.checks) > 30
    assert report.broken == ()
    values = dict(report.counted.values)
    values["TA1-nightly"] = (values["TA1-nightly"] or 0) + 1
    broken = [one for one in checks(replace(report.counted, values=values), QUARTER) if not one.holds]
    assert [one.name for one in broken] == ["TA1: types of accommodation"]


def test_a_row_outside_its_case_is_a_check_that_does_not_hold(whole: tuple[Place, Report]) -> None:
    _, report = whole
    behind = {**report.counted.references, "rows-relief": [f"{AUTHORITY}_999999999999"]}
    broken = [one for one in checks(replace(report.counted, references=behind), QUARTER) if not one.holds]
    assert [one.name for one in broken] == ["Rows of relief: within their cases"]


# --- what it is compared with ---------------------------------------------------------------------------------------


def test_it_is_compared_with_the_last_quarter_and_the_same_a_year_before(whole: tuple[Place, Report]) -> None:
    place, report = whole
    assert [one.quarter for one in report.compared] == [LAST, YEAR_BEFORE]
    assert [one.source for one in report.compared] == [ON_DISK, ON_DISK]
    for one in report.compared:
        assert one.counted is not None
        assert one.counted.values == _made(place, quarter=one.quarter).counted.values


def _earlier(place: Place) -> Earlier:
    with Warehouse(place.warehouse, read_only=True) as store:
        return earlier(store, AUTHORITY, LAST, "last quarter", place.out / AUTHORITY, totals_for(str(QUARTER)))


def test_a_return_that_was_signed_off_is_compared_before_that_on_disk(place: Place) -> None:
    path = place.case_file(LAST)
    with Warehouse(place.warehouse) as store:
        store.connection.execute(
            "insert into frozen_file values (?, ?, ?, ?, 'sha', ?)",
            [AUTHORITY, str(LAST), f"{AUTHORITY}-{LAST}-a", path.name, path.read_bytes()],
        )
        store.connection.execute(
            "insert into sign_off (la_code, quarter, state_no, run_id, state, said_by, said_at, line_no)"
            " values (?, ?, 1, ?, 'signed_off', 'A. Smith', '2025-10-20T10:00:00+00:00', 1)",
            [AUTHORITY, str(LAST), f"{AUTHORITY}-{LAST}-a"],
        )
    quality_runs.run(quality_runs.sections(), place.out, LAST, run_id="later", as_at=QUARTER.last_day)
    found = _earlier(place)
    assert found.source == SIGNED
    assert found.run_id == f"{AUTHORITY}-{LAST}-a"
    assert "signed off" in found.words


def test_a_return_changed_on_disk_is_not_compared_but_the_sections_that_were_frozen(place: Place) -> None:
    on_disk = _earlier(place)
    path = place.case_file(LAST)
    path.write_text(path.read_text(encoding="utf-8").replace("<ASSESS1>relief", "<ASSESS1>prevention", 1), "utf-8")
    found = _earlier(place)
    assert found.source == FROZEN
    assert found.counted is not None
    assert on_disk.counted is not None
    assert found.counted.values == on_disk.counted.values
    assert "froze in the warehouse" in found.words


def test_a_quarter_of_which_nothing_is_known_is_not_known_and_nothing_is_asked(place: Place) -> None:
    with Warehouse(place.warehouse) as store:
        store.connection.execute("delete from runs where quarter <> ?", [str(QUARTER)])
    report = _made(place)
    assert [one.source for one in report.compared] == [UNKNOWN, UNKNOWN]
    assert [one.value(report.totals[0]) for one in report.compared] == [None, None]
    assert report.changes == ()
    assert report.asked == ()
    code, text = _qa(place)
    assert code == 0
    assert "Nothing is known of either earlier quarter" in text
    rows = CalamineWorkbook.from_path(place.quality / "quality_report.xlsx").get_sheet_by_name("Totals").to_python()
    assert "[x]" in rows[-1]


# --- what is asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "was", "is_asked"),
    [
        (60, 50, True),  # exactly a fifth, exactly 10
        (59, 50, False),
        (49, 40, False),  # more than a fifth, fewer than 10
        (40, 50, True),
        (119, 100, False),  # 10 and more, less than a fifth
        (120, 100, True),
        (10, 0, True),
        (9, 0, False),
        (0, 10, True),
        (0, 9, False),
        (50, 50, False),
    ],
)
def test_a_change_is_asked_about_from_both_measures_on(
    whole: tuple[Place, Report], value: int, was: int, is_asked: bool
) -> None:
    _, report = whole
    change = Change(report.totals[0], value, report.compared[0], was)
    assert change.is_asked(report.settings) is is_asked


def test_the_measures_are_those_that_the_run_was_made_with(whole: tuple[Place, Report]) -> None:
    _, report = whole
    change = Change(report.totals[0], 112, report.compared[0], 100)
    assert not change.is_asked(report.settings)
    assert change.is_asked(replace(report.settings, qa_change_share=0.1))
    assert not change.is_asked(replace(report.settings, qa_change_share=0.1, qa_change_least=13))


# --- explaining -----------------------------------------------------------------------------------------------------


def _missing(place: Place) -> list[str]:
    with Warehouse(place.warehouse, read_only=True) as store:
        return missing_explanations(store, AUTHORITY, QUARTER, place.folder())


def _write_in(path: Path, target: Path, text: str, *, only: str | None = None) -> int:
    """The workbook as an officer gives it back: with a text in the column of explanations. Gives how many."""
    import xlsxwriter

    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("To explain").to_python(skip_empty_area=False)
    head = next(number for number, row in enumerate(rows) if row[0] == "Total")
    column = rows[head].index("Explanation")
    count = 0
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Renamed")
        for number, row in enumerate(rows):
            values = list(row)
            if number > head and (only is None or values[0] == only):
                values[column] = text
                count += 1
            for place, value in enumerate(values):
                sheet.write(number, place, value)
    return count


def test_a_workbook_with_explanations_is_read_and_nothing_is_missing_then(place: Place, tmp_path: Path) -> None:
    code, text = _qa(place)
    assert code == 1
    assert "still to be explained" in text
    assert _missing(place)
    many = _write_in(place.quality / "quality_report.xlsx", tmp_path / "mine.xlsx", "A hotel closed in July")
    code, text = _qa(place, "--explanations", str(tmp_path / "mine.xlsx"), "--by", "A. Smith")
    assert code == 0, text
    assert f"{many} explanations of mine.xlsx kept" in text
    assert _missing(place) == []
    with Warehouse(place.warehouse, read_only=True) as store:
        lines = [one for one in chain.lines(store.connection) if one.kind == "explanation"]
        assert chain.verify(store.connection) == []
    assert len(lines) == many
    assert {one.said_by for one in lines} == {"A. Smith"}
    assert all("hotel" not in str(one.facts) for one in lines)
    assert "A hotel closed in July" in (place.quality / "quality_report.html").read_text(encoding="utf-8")
    # Read again, it says nothing new.
    code, text = _qa(place, "--explanations", str(place.quality / "quality_report.xlsx"))
    assert "0 explanations of quality_report.xlsx kept" in text


def test_one_total_is_explained_by_its_name_beside_one_quarter_or_both(place: Place) -> None:
    asked = [one.change for one in _made(place).asked if one.change.total.ident == "TA1-total"]
    assert [one.earlier.quarter for one in asked] == [LAST, YEAR_BEFORE]
    name = asked[0].total.name
    code, text = _qa(place, "explain", "ta1-total", "More arrivals", "--by", "A. Smith", "--compared-with", str(LAST))
    assert code == 0
    assert "TA1-total beside 2025-Q2" in text
    assert name in _missing(place)
    _qa(place, "explain", "TA1-total", "More arrivals", "--by", "A. Smith")
    assert name not in _missing(place)


def test_an_explanation_lapses_when_a_figure_that_it_speaks_of_changes(place: Place) -> None:
    _qa(place, "explain", "TA1-total", "More arrivals", "--by", "A. Smith")
    fewer = dict(quality_runs.sections())
    gone = fewer["temporary_accommodation"]["case_ref"].unique().sort().head(3).implode()
    fewer["temporary_accommodation"] = fewer["temporary_accommodation"].filter(~pl.col("case_ref").is_in(gone))
    quality_runs.run(fewer, place.out, QUARTER, run_id="corrected")
    report = _made(place)
    of_total = [one for one in report.asked if one.change.total.ident == "TA1-total"]
    assert of_total
    assert all(one.explained is None for one in of_total)
    assert all(one.lapsed is not None for one in of_total)
    code, _ = _qa(place)
    assert code == 1
    assert "To explain again: the explanation given was for" in (place.quality / "quality_report.html").read_text(
        "utf-8"
    )


def test_an_answer_that_speaks_of_other_figures_is_not_taken_and_its_workbook_is_kept(place: Place) -> None:
    _qa(place)
    book = place.quality / "quality_report.xlsx"
    changed = book.with_name("changed.xlsx")
    _write_in(book, changed, "Of other figures", only="TA1-total")
    fewer = dict(quality_runs.sections())
    fewer["temporary_accommodation"] = fewer["temporary_accommodation"].head(120)
    quality_runs.run(fewer, place.out, QUARTER, run_id="corrected")
    changed.replace(book)
    code, text = _qa(place, "--explanations", str(book))
    assert code == 1
    assert "2 of its explanations were not taken" in text
    assert "It is kept" in text
    assert (place.quality / "quality_report-1.xlsx").is_file()


def test_explanations_that_were_not_read_in_are_not_written_over(place: Place, tmp_path: Path) -> None:
    _qa(place)
    book = place.quality / "quality_report.xlsx"
    _write_in(book, tmp_path / "mine.xlsx", "Not handed in yet")
    (tmp_path / "mine.xlsx").replace(book)
    _, text = _qa(place)
    assert "quality_report-1.xlsx" in text
    code, _ = _qa(place, "--explanations", str(book.with_name("quality_report-1.xlsx")), "--by", "A. Smith")
    assert code == 0


@pytest.mark.parametrize(
    ("total", "text", "said"),
    [
        ("TA9-none", "Why", "There is no total of that name"),
        ("TA1-total", "  ", "The explanation is empty"),
        ("TA1-total", "x" * 4_001, "more than 4,000 characters"),
        ("MD2-unknown", "Why", "No explanation of MD2-unknown (Not known) is asked for"),
    ],
)
def test_an_explanation_that_cannot_be_kept_is_refused_in_a_sentence(
    whole: tuple[Place, Report], total: str, text: str, said: str
) -> None:
    code, words = _qa(whole[0], "explain", total, text, "--by", "A. Smith")
    assert code == 2
    assert said in words


def test_a_workbook_of_something_else_is_refused(place: Place, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "other.xlsx") as book:
        book.add_worksheet().write(0, 0, "Total")
    code, words = _qa(place, "--explanations", str(tmp_path / "other.xlsx"))
    assert code == 3
    assert "no workbook of a quality report" in words


# --- which return ---------------------------------------------------------------------------------------------------


def _changed(place: Place, old: str, new: str) -> Place:
    path = place.case_file()
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return place


def test_a_file_changed_after_its_run_is_refused(place: Place) -> None:
    with pytest.raises(InputError, match="stand in no ledger"):
        _made(_changed(place, "<ASSESS1>relief", "<ASSESS1>prevention"))


def test_another_quarters_return_is_refused(place: Place) -> None:
    with pytest.raises(InputError, match="a return of another quarter than 2025-Q3"):
        _made(place, place.case_file(LAST))


def test_another_authoritys_return_is_refused(place: Place) -> None:
    _changed(place, f"<AUTHORITY>{AUTHORITY}", "<AUTHORITY>E09000030")
    with pytest.raises(InputError, match=f"a return of another authority than {AUTHORITY}"):
        _made(place)


def test_a_file_that_is_no_return_is_refused(place: Place, tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("<OTHER/>", encoding="utf-8")
    (tmp_path / "other.txt").write_text("", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("other.xml", "is no file of a return"),
        ("other.txt", "neither an XML file nor a folder"),
        ("empty", "holds no XML file"),
        ("nothing", "There is no return of July to September 2025"),
    ):
        with pytest.raises(InputError, match=said):
            _made(place, tmp_path / name)


def test_the_personal_data_file_alone_is_refused(place: Place) -> None:
    place.case_file().unlink()
    with pytest.raises(InputError, match="the personal data of a return only"):
        _made(place)


def test_a_return_that_a_newer_run_replaced_is_named_as_such(place: Place, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    place.folder().rename(kept)
    quality_runs.run(quality_runs.sections(), place.out, QUARTER, run_id="newer", as_at=QUARTER.last_day)
    report = _made(place, kept)
    assert report.returned.run.run_id == f"{AUTHORITY}-{QUARTER}-a"
    assert any("A newer run of the quarter, newer" in one for one in report.remarks)


# --- what is written ------------------------------------------------------------------------------------------------


def test_the_report_is_for_its_owner_alone_and_the_cases_stand_apart(whole: tuple[Place, Report]) -> None:
    place, report = whole
    paths, _ = write(report, place.quality, NOW, [])
    assert stat.S_IMODE(place.quality.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    page = (place.quality / "quality_report.html").read_text(encoding="utf-8")
    assert not REF.search(page)
    cases = (place.quality / "quality_cases.html").read_text(encoding="utf-8")
    for total in report.totals:
        assert f'id="{total.ident}"' in cases, total.ident
    expected = report.counted.references["TA1-bb"]
    assert expected
    assert ", ".join(expected) in cases
    book = CalamineWorkbook.from_path(place.quality / "quality_report.xlsx")
    for name in book.sheet_names:
        assert not REF.search(str(book.get_sheet_by_name(name).to_python())), name
    rows = CalamineWorkbook.from_path(place.quality / "quality_cases.xlsx").get_sheet_by_name("Cases").to_python()
    assert [row[2] for row in rows if row[0] == "TA1-bb"] == expected
    assert not [path for path in place.quality.iterdir() if path.name.endswith(".part")]


def test_the_same_return_gives_the_same_workbooks(whole: tuple[Place, Report], tmp_path: Path) -> None:
    _, report = whole
    for name in ("one", "two"):
        write(report, tmp_path / name, NOW, [])
    for file in ("quality_report.xlsx", "quality_cases.xlsx", "quality_report.html", "quality_cases.html"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_the_page_asks_for_nothing_from_a_network_and_runs_no_script(
    whole: tuple[Place, Report], tmp_path: Path
) -> None:
    _, report = whole
    write(report, tmp_path / "quality", NOW, [])
    for file in ("quality_report.html", "quality_cases.html"):
        text = (tmp_path / "quality" / file).read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"https?://", text)


def test_it_says_the_state_the_digests_and_that_it_is_provisional(whole: tuple[Place, Report], tmp_path: Path) -> None:
    _, report = whole
    write(report, tmp_path / "quality", NOW, [])
    page = (tmp_path / "quality" / "quality_report.html").read_text(encoding="utf-8")
    sheet = CalamineWorkbook.from_path(tmp_path / "quality" / "quality_report.xlsx").get_sheet_by_name("Report")
    for text in (page, str(sheet.to_python())):
        assert "Provisional" in text
        assert report.ledger_head in text
        for digest in report.returned.digests.values():
            assert digest in text
        assert "Nobody has checked or signed off this return yet." in text
    assert page.index("State of the return") < page.index("Changes to be explained")


@pytest.mark.parametrize(("details", "words"), [({"fit_to_publish": False}, "no."), ({"fit_to_publish": True}, "yes.")])
def test_it_says_who_signed_off_and_whether_the_data_are_fit_to_publish(
    whole: tuple[Place, Report], details: dict[str, bool], words: str
) -> None:
    _, report = whole
    run_id = report.returned.run.run_id
    signed = SignOff(run_id, "signed_off", "A. Smith", NOW.isoformat(), "Agreed", {"main": "audited"}, details)
    said = standing(replace(report, sign_off=signed))
    assert said[0] == "Signed off by A. Smith on 20 January 2026."
    assert "Level of checking: Main audited." in said
    assert said[-1] == f"Fit to publish, by that answer: {words}"
