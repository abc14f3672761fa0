"""The pages say what the cases say, escape what the data holds, and are the same for the same cases."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import lxml.etree
import lxml.html
import polars as pl
import pytest

from pipelines import shown
from pipelines.emit.pages import Dashboard, prepare
from pipelines.emit.pages.page import without_repeats
from pipelines.emit.pages.parts import Section
from pipelines.emit.pages.view import View
from pipelines.emit.pages.words import change
from pipelines.link.references import empty_map
from pipelines.metrics.editions import Edition
from pipelines.period import Quarter
from schemas.sections import SECTION
from tests.dashboard import pages
from tests.transform.warehouse import LA, built, ref, section_frame

PAGES = ("dashboard.html", "dashboard_shareable.html", "quarter_in_numbers.html")
DASHBOARDS = PAGES[:2]


def tree(page: Path) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page.read_text(encoding="utf-8"))


def headline(page: Path, label: str) -> tuple[str, list[str]]:
    """A headline figure and the sentences about its change."""
    for card in tree(page).xpath("//ul[@class='cards']/li"):
        if card.xpath("./h3")[0].text_content() == label:
            return card.xpath("./p[@class='number']")[0].text_content(), [
                item.text_content() for item in card.xpath("./ul/li")
            ]
    raise AssertionError(f"there is no headline {label}")


def small_history() -> duckdb.DuckDBPyConnection:
    """Seven households: five placed on 10 May 2025, two on 5 August; one left on 20 August. Quarter: Q3 2025."""
    main, placed = [], []
    for number in range(1, 8):
        applied = date(2025, 5, 2) if number <= 5 else date(2025, 8, 1)
        main.append({"case_ref": number, "application_date": applied, "team": "North", "officer": "HO1"})
        entry = date(2025, 5, 10) if number <= 5 else date(2025, 8, 5)
        placed.append(
            {
                "case_ref": number,
                "placement_no": 1,
                "entry_date": entry,
                "exit_date": date(2025, 8, 20) if number == 7 else None,
                "ta_type": "hostel",
            }
        )
    con = built(quarter=Quarter(2025, 3), main=main, temporary_accommodation=placed)
    prepare(con)
    return con


def test_headline_figures_are_those_counted_by_hand(tmp_path: Path) -> None:
    with small_history() as con:
        pages.write(con, tmp_path)
    page = tmp_path / "dashboard.html"
    # 7 placed, 1 left: 6 on 30 September; 5 on 30 June.
    assert headline(page, "In temporary accommodation")[0] == "6"
    assert headline(page, "Moved into temporary accommodation")[0] == "2"
    assert headline(page, "New applications")[0] == "2"
    # Days to 30 September: five of 143 (from 10 May), one of 56 (from 5 August): median 143.
    assert headline(page, "Typical time so far in temporary accommodation")[0] == "143 days"


def test_a_change_is_said_in_a_sentence_and_of_rounded_counts_about() -> None:
    when = "on 30 June 2025"
    assert change(24, 20, when, missing="") == "Up 4 (20%) from 20 on 30 June 2025."
    # A percentage of fewer than 20, or of less than a half percent, would say more or less than there is.
    assert change(6, 5, when, missing="") == "Up 1 from 5 on 30 June 2025."
    assert change(604_900, 604_120, when, "£", missing="") == ("Up £780 (less than 1%) from £604,120 on 30 June 2025.")
    assert change(5, 5, when, missing="") == "The same as on 30 June 2025."
    assert change(700, 590, when, missing="", slack=4) == "Up about 110 from about 590 on 30 June 2025."
    # Each can be 4 from its count: a difference of 8 can come of that.
    assert change(10, 0, when, missing="", slack=4) == "Up about 10 from about 0 on 30 June 2025."
    assert change(8, 0, when, missing="", slack=4) == "About the same as on 30 June 2025."


def test_what_the_export_lacks_is_said_once_and_not_where_every_chart_begins_later(tmp_path: Path) -> None:
    with small_history() as con:
        view = View(Edition(con, internal=True))
        (why,) = con.execute("select reason from history_start where subject = 'ta'").fetchone() or ("",)
        parts = [Section(name, name, ("What counts.", why), ()) for name in ("one", "two")]
        assert [part.text for part in without_repeats(view, parts, ())] == [("What counts.", why), ("What counts.",)]
        assert [part.text for part in without_repeats(view, parts, (why,))] == [("What counts.",)] * 2
        con.execute("update history_start set first_quarter = date '2023-10-01'")
        view = View(Edition(con, internal=True))
        assert [part.text for part in without_repeats(view, parts, ())] == [("What counts.",)] * 2


def test_series_begin_where_the_export_is_complete_and_the_page_says_why(tmp_path: Path) -> None:
    with small_history() as con:
        pages.write(con, tmp_path)
        (start,) = con.execute("select first_quarter from history_start where subject = 'ta'").fetchone() or (None,)
    page = tree(tmp_path / "dashboard.html")
    rows = {
        row.xpath("./th")[0].text_content(): [cell.text_content() for cell in row.xpath("./td")]
        for row in page.xpath("//figure[@aria-labelledby='ta-stock']//tbody/tr")
    }
    # Of the seven households one has left, in the quarter: before it nothing is known to be whole.
    assert start == date(2025, 7, 1)
    assert rows == {"July 2025": ["5", "0", "0"], "August 2025": ["6", "2", "1"], "September 2025": ["6", "0", "0"]}
    assert headline(tmp_path / "dashboard.html", "In temporary accommodation") == ("6", [])
    said = " ".join(item.text_content() for item in page.xpath("//section[@aria-labelledby='headlines']/p"))
    assert "The export" in said


def test_in_the_edition_for_sharing_counts_are_rounded_and_0_is_not_claimed(tmp_path: Path) -> None:
    with small_history() as con:
        pages.write(con, tmp_path)
    assert headline(tmp_path / "dashboard.html", "New applications")[0] == "2"
    page = tmp_path / "dashboard_shareable.html"
    assert headline(page, "New applications")[0] in ("0 to 4", "5")
    assert headline(page, "Families in bed and breakfast over 6 weeks")[0] == "0 to 4"
    assert "No family" not in tree(page).text_content()
    assert "0 stands for 0 to 4" in tree(page).text_content()


def test_without_rates_the_page_says_that_there_is_no_cost(tmp_path: Path) -> None:
    with small_history() as con:
        pages.write(con, tmp_path)
    text = tree(tmp_path / "dashboard.html").text_content()
    assert "There is no cost: placements carry no rate, and no file of rates or invoices was given." in text
    assert "£" not in text


def test_a_cost_is_nights_times_rate(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    row = con.execute(
        "select sum(greatest(least(coalesce(exit_date, date '2025-10-01'), date '2025-10-01')"
        " - greatest(entry_date, date '2025-07-01'), 0)) from placements where not is_own_arrangements"
    ).fetchone()
    assert row is not None
    nights = row[0]
    # Every placement of the invented cases costs 61.50 a night.
    assert headline(folder / "dashboard.html", "Cost of temporary accommodation")[0] == shown.money(nights * 61.5)


def test_the_cost_of_few_households_is_left_out_though_none_is_left_at_the_end(tmp_path: Path) -> None:
    placed = {"placement_no": 1, "entry_date": date(2025, 8, 5), "exit_date": date(2025, 8, 9), "ta_type": "bb"}
    main = [{"case_ref": 1, "application_date": date(2025, 8, 1)}]
    with built(
        quarter=Quarter(2025, 3), main=main, temporary_accommodation=[{"case_ref": 1, "rate": 50.0, **placed}]
    ) as con:
        prepare(con)
        pages.write(con, tmp_path)
    # 4 nights at 50 pounds.
    assert headline(tmp_path / "dashboard.html", "Cost of temporary accommodation")[0] == "£200"
    assert "£200" not in tree(tmp_path / "dashboard_shareable.html").text_content()


def test_without_any_case_the_pages_are_written_without_figures(tmp_path: Path) -> None:
    with built(quarter=Quarter(2025, 3), main=[]) as con:
        prepare(con)
        paths = pages.write(con, tmp_path)
    assert {path.name for path in paths} == set(PAGES)
    assert headline(tmp_path / "dashboard.html", "Open cases") == ("[x]", ["No figure can be worked out."])


def test_before_the_quarter_has_ended_the_page_says_that_it_is_a_preview(tmp_path: Path) -> None:
    main = [{"case_ref": 1, "application_date": date(2025, 7, 2)}]
    with built(quarter=Quarter(2025, 3), as_at=date(2025, 9, 1), main=main) as con:
        prepare(con)
        pages.write(con, tmp_path)
    text = tree(tmp_path / "dashboard.html").text_content()
    assert "The export was taken before the quarter ended on 30 September 2025: a preview." in text


def test_the_internal_edition_counts_open_cases_by_staff_code(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    row = con.execute(
        "select count(*) from case_spells where officer = 'HO05' and from_date <= '2025-09-30'"
        " and coalesce(to_date > '2025-09-30', true)"
    ).fetchone()
    assert row is not None
    printed = tree(folder / "dashboard.html").xpath(
        "//figure[@aria-labelledby='caseload-by-officer']//tr[th='HO05']/td[6]"
    )
    assert printed[0].text_content() == str(row[0])


def test_no_staff_code_is_in_what_is_shared(folder: Path) -> None:
    shared = [path for path in sorted(folder.rglob("*")) if path.suffix in {".html", ".svg"}]
    shared.remove(folder / "dashboard.html")
    for path in shared:
        assert not re.search(r"HO\d\d", path.read_text(encoding="utf-8")), f"{path.name} names an officer"


@pytest.mark.parametrize("name", PAGES)
def test_no_reference_name_or_address_is_on_a_page(folder: Path, sections: dict[str, pl.DataFrame], name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert f"{LA}_0" not in text
    people = sections["people"]
    held = [value for column in ("surname", "nino", "last_address") for value in people[column].drop_nulls().unique()]
    assert len(held) > 100
    assert [value for value in held if value in text] == []


@pytest.mark.parametrize("name", PAGES)
def test_values_of_the_data_are_escaped(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    page = tree(folder / name)
    assert page.xpath("//script|//img|//*[@onload or @onerror]|//iframe|//object") == []
    if name == "dashboard.html":
        assert "&lt;svg onload=alert(3)&gt;" in text
        assert "&lt;img src=x onerror=alert(2)&gt;" in text
        assert "\x00" not in text
    else:
        assert "alert(" not in text, "no site or team that is not confirmed is on a page for sharing"


def test_pictures_are_well_formed_and_hold_no_script(folder: Path) -> None:
    pictures = sorted((folder / "charts").glob("*.svg"))
    assert "ta-stock" in {path.stem for path in pictures}
    for path in pictures:
        root = lxml.etree.fromstring(path.read_bytes())
        assert root.xpath("//*[local-name()='script' or local-name()='image' or local-name()='foreignObject']") == []
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_the_same_cases_give_the_same_bytes(con: duckdb.DuckDBPyConnection, folder: Path, tmp_path: Path) -> None:
    later = pages.MADE + timedelta(hours=3)
    for path in pages.write(con, tmp_path, made=later):
        name = path.relative_to(tmp_path)
        before, after = (folder / name).read_bytes(), path.read_bytes()
        if path.suffix == ".html":
            assert b" at 12:30 UTC." in after
            after = after.replace(b" at 12:30 UTC.", b" at 09:30 UTC.")
        assert before == after, f"{name} differs"


def test_the_shareable_edition_alone(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    written = {path.name for path in pages.write(con, tmp_path, internal=False) if path.suffix == ".html"}
    assert written == {"dashboard_shareable.html", "quarter_in_numbers.html"}
    assert not (tmp_path / "dashboard.html").exists()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_and_says_so(folder: Path, name: str) -> None:
    page = tree(folder / name)
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert [link for link in page.xpath("//@src|//@href") if not link.startswith(("#", "data:"))] == []
    assert "@import" not in (folder / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_aloud(folder: Path, name: str) -> None:
    page = tree(folder / name)
    assert page.get("lang") == "en-GB"
    assert [len(page.xpath(f"//{landmark}")) for landmark in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1|//h2|//h3|//h4")]
    assert all(later <= before + 1 for before, later in pairwise(levels))
    idents = page.xpath("//@id")
    assert len(idents) == len(set(idents))
    for named in page.xpath("//@aria-labelledby"):
        assert set(named.split()) <= set(idents)
    assert page.xpath("//svg"), "there are charts"
    for svg in page.xpath("//svg"):
        assert svg.get("role") == "img"
        assert svg.xpath("./title")[0].text_content() and len(svg.xpath("./desc")[0].text_content()) > 40


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_chart_has_its_table(folder: Path, name: str) -> None:
    for figure in tree(folder / name).xpath("//figure[.//svg]"):
        tables = figure.xpath(".//details//table")
        assert len(tables) == 1, figure.get("aria-labelledby")
        assert tables[0].xpath("./caption")[0].text_content()
        assert all(cell.get("scope") == "col" for cell in tables[0].xpath("./thead/tr/th"))
        assert all(cell.get("scope") == "row" for cell in tables[0].xpath("./tbody/tr/th"))


def test_a_forecast_of_a_short_history_is_the_last_value_and_says_so(tmp_path: Path) -> None:
    with small_history() as con:
        Dashboard(con, internal=True, software_version="0.0", made=pages.MADE, state=pages.CLEAN_RUN).write(tmp_path)
    text = tree(tmp_path / "dashboard.html").text_content()
    assert "Method: the last observed value" in text


def test_charts_are_loaded_only_when_a_page_is_written() -> None:
    code = (
        "import sys, pipelines.emit.pages.write, pipelines.emit.pages.page, pipelines.commands.dashboard;"
        "print(sorted({'altair', 'vl_convert', 'pandas', 'lightgbm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_writes_the_pages(sections: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    import typer
    from typer.testing import CliRunner

    from pipelines.commands.dashboard import dashboard
    from pipelines.warehouse.store import Warehouse

    with Warehouse(tmp_path / "w.duckdb") as store:
        run = {"run_id": "run-1", "la_code": LA, "quarter": "2025-Q3", "as_at": date(2025, 9, 30)}
        store.freeze(run, {name: section_frame(name, []) for name in SECTION} | sections, empty_map())
    app = typer.Typer()
    app.command()(dashboard)
    options = ["--warehouse", str(tmp_path / "w.duckdb"), "--authority", LA, "--quarter", "2025-Q3"]
    result = CliRunner().invoke(app, [*options, "--out", str(tmp_path / "out"), "--shareable", "--no-forecast"])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").glob("*.html")) == [
        "dashboard_shareable.html",
        "quarter_in_numbers.html",
    ]
    assert ref(1) not in result.output
