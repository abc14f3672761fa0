"""From the edition for sharing no small number can be read or worked out."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import duckdb
import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.disclosure.policies import Links, protect
from pipelines.emit.pages.content import sections
from pipelines.emit.pages.data import collect, edition
from pipelines.metrics.editions import Edition as Released
from tests.dashboard.solver import Equation, worked_out

BELOW = 5
Rows = dict[str, dict[str, str]]


def table(page: Path, figure: str) -> Rows:
    """A printed table: row heading → column heading → what is printed."""
    tree = lxml.html.document_fromstring(page.read_text(encoding="utf-8"))
    found = tree.xpath(f"//figure[@aria-labelledby='{figure}']//table")
    assert len(found) == 1, f"there is one table {figure}"
    head = [cell.text_content() for cell in found[0].xpath("./thead/tr/th")]
    return {
        row.xpath("./th")[0].text_content(): dict(
            zip(head[1:], (cell.text_content() for cell in row.xpath("./td")), strict=True)
        )
        for row in found[0].xpath("./tbody/tr")
    }


class Printed:
    """Every count that the page prints, by what it is of, and the equations that any reader knows."""

    def __init__(self, page: Path) -> None:
        self.known: dict[Hashable, int] = {}
        self.left_out: set[Hashable] = set()
        self.equations: list[Equation] = []
        self._read(page)

    def put(self, name: Hashable, text: str) -> None:
        if text == "[c]":
            self.left_out.add(name)
        elif text != "[x]":
            number = int(text.replace(",", ""))
            assert self.known.setdefault(name, number) == number, f"{name} is printed with two values"

    def adds_up(self, total: Hashable, parts: list[Hashable]) -> None:
        self.equations.append({total: -1, **dict.fromkeys(parts, 1)})

    def _read(self, page: Path) -> None:
        teams = table(page, "caseload-by-team")
        stages = [name for name in next(iter(teams.values())) if not name.startswith("Median")]
        for team, row in teams.items():
            for stage in stages:
                self.put(("open now", team, stage), row[stage])
            self.adds_up(("open now", team, "All"), [("open now", team, stage) for stage in stages if stage != "All"])
        for stage in stages:
            self.adds_up(("open now", "All", stage), [("open now", team, stage) for team in teams if team != "All"])
        by_stage = table(page, "caseload-by-stage")
        months = list(by_stage)
        for month, row in by_stage.items():
            for stage, text in row.items():
                name = ("open now", "All", stage) if month == months[-1] else ("open", month, stage)
                self.put(name, text)
            if month != months[-1]:
                self.adds_up(("open", month, "All"), [("open", month, stage) for stage in row if stage != "All"])
        open_cases = [("open", month, "All") for month in months[:-1]] + [("open now", "All", "All")]
        self._flow(table(page, "arrivals-and-closures"), "New applications", "Cases closed", open_cases)
        stock = table(page, "ta-stock")
        for month, row in stock.items():
            self.put(("in ta", month, "All"), row["At month end"])
        self._flow(stock, "Moved in", "Left", [("in ta", month, "All") for month in stock])
        for number, (quarter, row) in enumerate(table(page, "ta-flow").items()):
            for name, text in row.items():
                self.put((name, quarter), text)
                self.adds_up((name, quarter), [(name, month) for month in months[3 * number : 3 * number + 3]])
        for month, row in table(page, "ta-by-type").items():
            for name, text in row.items():
                self.put(("in ta", month, name), text)
            self.adds_up(("in ta", month, "All"), [("in ta", month, name) for name in row if name != "All"])
        for length, row in table(page, "length-bands").items():
            self.put(("in ta", months[-1], "All") if length == "All" else ("band", length), row["Households"])
        lengths = [("band", length) for length in table(page, "length-bands") if length != "All"]
        self.adds_up(("in ta", months[-1], "All"), list(lengths))
        for month, row in table(page, "bb-families").items():
            self.put(("families", month), row["Families"])
            self.put(("over 6 weeks", month), row["Over 6 weeks"])
            self.adds_up(("in ta", month, "Bed and breakfast"), [("families", month), ("others in b&b", month)])
            self.adds_up(("families", month), [("over 6 weeks", month), ("up to 6 weeks", month)])
        self._headlines(page, months)

    def _flow(self, rows: Rows, came: str, left: str, stocks: list[Hashable]) -> None:
        for month, row in rows.items():
            self.put((came, month), row[came])
            self.put((left, month), row[left])
        later = list(rows)[1:]
        for before, after, month in zip(stocks[:-1], stocks[1:], later, strict=True):
            self.equations.append({before: 1, after: -1, (came, month): 1, (left, month): -1})

    def _headlines(self, page: Path, months: list[str]) -> None:
        """A headline figure of the quarter is the sum of its months."""
        tree = lxml.html.document_fromstring(page.read_text(encoding="utf-8"))
        cards = {card.xpath("./h3")[0].text_content(): card for card in tree.xpath("//ul[@class='cards']/li")}
        for label, name in (
            ("New applications", "New applications"),
            ("Cases closed", "Cases closed"),
        ):
            self.put((name, "quarter"), cards[label].xpath("./p[@class='number']")[0].text_content())
            self.adds_up((name, "quarter"), [(name, month) for month in months[-3:]])


def test_no_small_count_is_printed(folder: Path) -> None:
    printed = Printed(folder / "dashboard_shareable.html")
    small = {name: value for name, value in printed.known.items() if 0 < value < BELOW}
    assert small == {}


def test_the_sums_that_a_reader_knows_hold_where_all_their_counts_are_printed(folder: Path) -> None:
    printed = Printed(folder / "dashboard_shareable.html")
    whole = [equation for equation in printed.equations if set(equation) <= set(printed.known)]
    wrong = [equation for equation in whole if sum(factor * printed.known[name] for name, factor in equation.items())]
    assert wrong == []
    assert len(whole) > 20, "the page has enough whole sums to know that they are read rightly"


def test_no_count_left_out_can_be_worked_out_from_the_printed_ones(folder: Path) -> None:
    printed = Printed(folder / "dashboard_shareable.html")
    assert len(printed.left_out) > 20, "the invented cases have enough small numbers to try this on"
    assert worked_out(printed.equations, printed.known).keys() & printed.left_out == set()


def test_what_is_left_out_of_a_printed_count_is_not_small_either(folder: Path) -> None:
    printed = Printed(folder / "dashboard_shareable.html")
    fixed = worked_out(printed.equations, printed.known)
    assert {name: value for name, value in fixed.items() if 0 < value < BELOW} == {}


def test_the_solver_finds_a_count_left_out_alone() -> None:
    # 3 = 20 - 17, and 4 follows from 9 = 4 + 5 only if the 5 is printed.
    equations: list[Equation] = [{"total": -1, "a": 1, "b": 1}, {"other": -1, "c": 1, "d": 1}]
    assert worked_out(equations, {"total": 20, "a": 17, "other": 9}) == {"b": 3}


def test_the_internal_edition_prints_every_count(folder: Path) -> None:
    assert "[c]" not in (folder / "dashboard.html").read_text(encoding="utf-8")


def test_means_and_medians_of_few_households_are_left_out(folder: Path) -> None:
    rows = table(folder / "dashboard_shareable.html", "stay-by-type")
    few = {name: (row["Mean days"], row["Median days"]) for name, row in rows.items() if row["Households"] == "[c]"}
    assert few == dict.fromkeys(few, ("[c]", "[c]"))
    assert few, "the invented cases have a type of accommodation with few households"


def test_the_page_says_what_the_mark_means(folder: Path) -> None:
    text = lxml.html.document_fromstring((folder / "dashboard_shareable.html").read_text("utf-8")).text_content()
    assert "[c] means that the figure is left out: it is below 5" in text


months_of_flow = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=6, max_size=9).filter(
    lambda flow: len(flow) % 3 == 0
)


@settings(max_examples=150, deadline=None)
@given(months_of_flow, st.integers(0, 12), st.data())
def test_stocks_flows_types_and_quarters_never_give_a_small_count_away(
    flow: list[tuple[int, int]], opening: int, data: st.DataObject
) -> None:
    values: dict[tuple[Hashable, ...], int] = {}
    links, equations = Links(), []

    def adds_up(total: tuple[Hashable, ...], *parts: tuple[Hashable, ...]) -> None:
        links.sums.append((total, parts))
        equations.append({total: -1, **dict.fromkeys(parts, 1)})

    stock = opening
    for month, (came, left) in enumerate(flow):
        left = min(left, stock + came)
        stock += came - left
        one = data.draw(st.integers(0, stock))
        two = data.draw(st.integers(0, stock - one))
        values |= {("came", month): came, ("left", month): left, ("stock", month): stock}
        values |= {("type", month, 0): one, ("type", month, 1): two, ("type", month, 2): stock - one - two}
        adds_up(("stock", month), *(("type", month, number) for number in range(3)))
        links.balances.append((("stock", month - 1), ("stock", month), ("came", month), ("left", month)))
        if month:
            equations.append({("stock", month - 1): 1, ("stock", month): -1, ("came", month): 1, ("left", month): -1})
    for quarter in range(len(flow) // 3):
        for name in ("came", "left"):
            parts = [(name, 3 * quarter + month) for month in range(3)]
            values[name, "quarter", quarter] = sum(values[part] for part in parts)
            adds_up((name, "quarter", quarter), *parts)
        ends = ("stock", 3 * quarter - 1), ("stock", 3 * quarter + 2)
        links.balances.append((*ends, ("came", "quarter", quarter), ("left", "quarter", quarter)))
    hidden = protect(values, links)
    assert {cell for cell, value in values.items() if 0 < value < BELOW} <= hidden
    known = {cell: value for cell, value in values.items() if cell not in hidden}
    assert worked_out(equations, known).keys() & hidden == set()


def test_the_shared_survival_curve_does_not_show_the_day_on_which_a_household_left(
    con: duckdb.DuckDBPyConnection,
) -> None:
    figures = collect(con, forecast=False)
    months = {round(count * 365.25 / 12) for count in range(61)}
    assert not {step[0] for step in figures.curves["all"]} <= months, "the whole curve has steps on other days"
    parts = sections(edition(figures, internal=False), Released(con, internal=False))
    plan = next(figure.plan for part in parts for figure in part.figures if figure.ident == "survival")
    assert plan is not None
    assert {step[1] for step in plan.args[0]} <= months
