"""The report for committees: what it says, where its figures come from, and the two files."""

from __future__ import annotations

import io
import re
from datetime import date
from math import exp, lgamma, log
from pathlib import Path

import docx
import polars as pl
import pytest
from docx.oxml.ns import qn

from pipelines.emit.pages.charts import Plan
from pipelines.errors import UsageError
from pipelines.metrics.editions import Edition
from pipelines.report import Report
from pipelines.report import measures as m
from pipelines.report.beside import Published
from pipelines.report.blocks import Cards, Document, Paragraph, Picture, Quoted
from pipelines.report.charts import drawn
from pipelines.report.page import page
from pipelines.report.quantities import (
    FUNCTIONS,
    Quantity,
    Reader,
    can_be_told_apart,
    difference_of_counts,
    interval_of_difference,
)
from pipelines.report.sentences import Fixed, When, sentence
from pipelines.report.trace import trace
from pipelines.report.word import word
from pipelines.report.write import compose
from pipelines.state import RunState
from tests.report.quarters import BEFORE, NOW, YEAR_BEFORE, arrivals, edition, endings, first_stage, reasons, stock

CLEAN, BLOCKED = RunState("clean"), RunState("blocked", blocking=2)


def _tables() -> dict[str, pl.DataFrame]:
    return {
        "case_arrivals_quarter": arrivals(159, 158, 101),
        "stock_month": pl.concat([stock(702, 591, 388), stock(467, 384, None, "nightly")]),
        "case_first_stage_quarter": first_stage((YEAR_BEFORE, 45, 30), (BEFORE, 8, 5), (NOW, 40, 13)),
        "reason_quarter": reasons(("Family", 53, 1, 4), ("Domestic abuse", 43, 2, 2), ("Other", None, None, None)),
        "outcome_quarter": endings(_56_days_elapsed=12, accommodated=24, refused=None, all=48),
    }


@pytest.fixture(scope="module")
def full() -> Edition:
    return edition(**_tables())


@pytest.fixture(params=["exact", "rounded"])
def either(request: pytest.FixtureRequest, full: Edition) -> Edition:
    if request.param == "exact":
        return full
    tables = {
        "stock_month": pl.concat([stock(700, 590, 390), stock(0, 10, 0, "bb")]),
        "case_arrivals_quarter": arrivals(160, 155, 100),
        "case_first_stage_quarter": first_stage((YEAR_BEFORE, 95, 30), (BEFORE, 85, 0), (NOW, 90, 15)),
        "outcome_quarter": endings(_56_days_elapsed=10, accommodated=25, refused=5, all=45),
    }
    return edition(**{name: _rounded(frame) for name, frame in tables.items()})


def _prose(document: Document) -> str:
    return "\n".join(sentence.text for sentence in document.sentences())


# Days, months and quarters, and the numbers that method fixes: all else must be traced.
_NO_FIGURE = re.compile(
    r"\b\d{1,2} [A-Z][a-z]+ \d{4}|(?<=[a-z] )\d{4}\b|\b95% interval|with 95% confidence|about 95 hold"
    r"|\b56 days|\bday 5[67]\b|6\+ months|rounded to a multiple of 5|less than 5 away"
    r"|0 stands for 0 to 4|\bover 6 weeks|of up to 8 can come"
)
# What "How to read the figures" says of the method.
_OF_FEW = "would move it by more than 5 percentage points"


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d,.]*(?<=\d)", _NO_FIGURE.sub("", text.replace(_OF_FEW, "")))


def test_every_number_of_the_word_file_is_a_day_or_stands_in_the_trace(either: Edition, tmp_path: Path) -> None:
    report = Report(either, state=CLEAN, charts=False)
    report.write(tmp_path)
    word = docx.Document(str(tmp_path / "report.docx"))
    figures = pl.read_csv(tmp_path / "figures.csv", infer_schema=False).unique(
        ["place", "place_no", "figure_no"], maintain_order=True
    )
    quoted = {block.text for block in report.document.blocks if isinstance(block, Quoted)}
    read = [paragraph.text for paragraph in word.paragraphs if not any(text in paragraph.text for text in quoted)]
    numbers, *others = word.tables
    for figure, counted, change in ([cell.text for cell in row.cells] for row in numbers.rows[1:]):
        label, detail = counted.split("\n")
        read += [label, f"{figure} {detail} {change}"]
    traced = {}
    for (_, text), of_it in figures.filter(place="sentence").group_by("place_no", "text", maintain_order=True):
        traced[str(text)] = _numbers(" ".join(of_it["figure"]))
        assert _numbers(str(text)) == traced[str(text)]
    for text in read:
        for known in sorted(traced, key=len, reverse=True):
            text = text.replace(known, "")
        assert not _numbers(text), text
    for number, table in enumerate(others, 1):
        printed = figures.filter(place="table", place_no=str(number))["figure"].to_list()
        cells = [cell.text for row in table.rows[1:] for cell in row.cells[1:]]
        assert [cell for cell in cells if re.search(r"\d", cell)] == printed


def test_every_traced_figure_is_what_its_formula_gives_of_the_cells_of_the_metric(either: Edition) -> None:
    figures = trace(compose(either, CLEAN))
    assert figures.height > 40
    for _, terms in figures.group_by("place", "place_no", "figure_no", maintain_order=True):
        rows = terms.to_dicts()
        values = {row["term"]: _in_the_metric(either, row) for row in rows}
        found = eval(rows[0]["formula"], {"__builtins__": {}}, FUNCTIONS | values)
        if rows[0]["figure"].startswith("fewer than"):
            assert found == 0
            continue
        assert _read(rows[0]["figure"]) == _read(f"{FUNCTIONS['whole'](found)}"), rows[0]["text"]


def _in_the_metric(edition: Edition, row: dict[str, str]) -> int:
    frame = edition.table(row["metric"])
    for key in row["row"].split("; "):
        column, value = key.split("=")
        frame = frame.filter(pl.col(column).cast(pl.String) == value)
    # A metric that lists groups leaves out those without a case.
    found = frame[row["column"]].item() if frame.height else 0
    assert str(found) == row["value"]
    return int(found)


def _read(figure: str) -> int:
    return int(re.sub(r"[^\d]", "", figure.removesuffix(" percentage points")))


def test_words_of_a_sentence_hold_no_number_of_their_own() -> None:
    assert sentence("On ", When("30 September 2025"), ", allowing for ", Fixed("95%"), ".").text.startswith("On 30")
    with pytest.raises(ValueError, match="nothing says what it rests on"):
        sentence("702 households were in temporary accommodation.")


def test_a_change_is_said_with_the_figure_that_it_came_from(full: Edition) -> None:
    prose = _prose(compose(full, CLEAN))
    assert (
        "On 30 September 2025, 702 households were in temporary accommodation. That is 111 more (19%) than on"
        " 30 June 2025, when it was 591." in prose
    )


def test_a_change_that_chance_explains_is_told_from_one_that_it_does_not(full: Edition) -> None:
    prose = _prose(compose(full, CLEAN))
    assert "the difference from April to June 2025 is between 34 fewer and 36 more" in prose
    assert "too small a change to be told from chance" in prose
    assert "the difference from July to September 2024 is between 26 more and 90 more" in prose


def test_a_share_of_fewer_than_20_is_said_in_numbers_alone() -> None:
    ended = first_stage((YEAR_BEFORE, 45, 30), (BEFORE, 19, 5), (NOW, 20, 13))
    prose = _prose(compose(edition(case_first_stage_quarter=ended), CLEAN))
    assert "13 of 20 prevention duties that ended did so with accommodation secured (65%)." in prose
    assert "In April to June 2025 it was 5 of 19." in prose
    assert "one of them rests on 19" in prose


def test_a_reason_is_said_with_its_rank_and_that_of_a_year_before(full: Edition) -> None:
    prose = _prose(compose(full, CLEAN))
    assert "Family was the main reason for 53 households owed a duty. It ranks 1; a year before it ranked 4." in prose
    assert "It ranks 2, as a year before." in prose


def test_a_group_of_too_few_is_named_below_its_table_and_has_no_row_in_it(full: Edition) -> None:
    document = compose(full, CLEAN)
    (table,) = (one for one in document.tables() if one.caption == "How relief duties ended")
    assert [row[0] for row in table.rows] == ["Secured accommodation for 6+ months", "56 days elapsed"]
    assert "Left out because of small numbers: Refused an offer or to cooperate." in _prose(document)


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(note=pl.lit("rounded to a multiple of 5"))


def test_a_rounded_figure_is_said_to_be_about_and_one_of_0_to_be_fewer_than_5() -> None:
    in_ta = pl.concat([stock(700, 590, 390), stock(0, 10, 0, "bb")])
    document = compose(edition(stock_month=_rounded(in_ta)), CLEAN)
    prose = _prose(document)
    assert "about 700 households were in temporary accommodation. That is about 110 more (19%)" in prose
    assert "fewer than 5 households were in bed and breakfast hotels." in prose
    assert "rounded to a multiple of 5" in prose
    assert "about 700" not in _prose(compose(edition(internal=True, stock_month=in_ta), CLEAN))


@pytest.mark.parametrize(("now", "said"), [(595, True), (600, False)])
def test_a_change_that_rounding_can_make_is_not_said_to_be_one(now: int, said: bool) -> None:
    prose = _prose(compose(edition(stock_month=_rounded(stock(now, 590, None))), CLEAN))
    assert ("That is within rounding of the figure on 30 June 2025, which was about 590." in prose) is said
    assert ("about 10 more" in prose) is not said


@pytest.mark.parametrize(("long", "are_apart"), [(400, True), (300, False)])
def test_a_share_of_rounded_counts_changed_only_where_the_counts_say_so(long: int, are_apart: bool) -> None:
    def counts(part: int, whole: int) -> tuple[Quantity, Quantity]:
        return Quantity(part, ("a",), slack=4), Quantity(whole, ("b",), slack=4)

    # 300 of 480 can be up to 304 of 476 (64%), 300 of 470 down to 296 of 474 (62%) and 400 of 470 to 396 of 474 (84%).
    assert can_be_told_apart(counts(long, 470), counts(300, 480)) is are_apart
    assert can_be_told_apart(counts(300, 480), counts(long, 470)) is are_apart


def test_an_amount_that_hardly_changed_is_not_said_to_have_changed_by_0() -> None:
    in_ta = stock(1001, 1000, None)
    assert "1 more (less than 1%)" in _prose(compose(edition(internal=True, stock_month=in_ta), CLEAN))


def test_the_interval_of_rounded_counts_holds_that_of_any_counts_they_can_stand_for() -> None:
    def limits(now: int, before: int, note: str) -> tuple[float, float]:
        tables = edition(case_arrivals_quarter=arrivals(now, before, None).with_columns(note=pl.lit(note)))
        values = [m.APPLICATIONS.value(Reader(tables), quarter) for quarter in (NOW, BEFORE)]
        low, high = difference_of_counts(*(value for value in values if isinstance(value, Quantity)))
        return float(low.value), float(high.value)

    low, high = limits(160, 150, "rounded to a multiple of 5")
    for now, before in ((156, 154), (164, 146), (160, 150)):
        exact_low, exact_high = limits(now, before, "")
        assert low <= exact_low < exact_high <= high


def test_a_headline_that_is_withheld_gives_way_to_another() -> None:
    tables = _tables() | {"case_arrivals_quarter": arrivals(None, 158, 101)}
    (cards,) = (block for block in compose(edition(**tables), CLEAN).blocks if isinstance(block, Cards))
    labels = [card.label for card in cards.cards]
    assert "New applications" not in labels
    assert "Nightly paid, privately managed accommodation, self-contained" in labels
    assert all(card.figure.printed[0].isdigit() for card in cards.cards)


def test_a_figure_left_out_is_neither_said_nor_compared() -> None:
    tables = {"case_arrivals_quarter": arrivals(159, None, 101)}
    prose = _prose(compose(edition(**tables), CLEAN))
    assert "The change from the figure in April to June 2025 is not given: it holds small numbers" in prose
    assert "58 more (57%) than in July to September 2024" in prose


def test_a_quarter_before_the_records_are_complete_is_not_compared_with() -> None:
    begins = pl.DataFrame(
        {"subject": ["applications"], "first_quarter": [date(2025, 1, 1)], "reason": ["Only live cases before."]}
    )
    document = compose(edition(case_arrivals_quarter=arrivals(159, 158, 101), history_start=begins), CLEAN)
    prose = _prose(document)
    assert "1 more (1%) than in April to June 2025" in prose
    assert "What is before January to March 2025 is not compared with" in prose
    assert Quoted("Only live cases before.") in document.blocks
    assert all(table.head == ("Figure", "July to September 2025", "April to June 2025") for table in document.tables())
    assert "101" not in prose
    assert "101" not in set(trace(document)["value"])


def test_who_was_there_on_the_day_before_history_begins_is_compared_with_and_what_happened_is_not() -> None:
    begins = pl.DataFrame(
        {
            "subject": ["applications", "ta"],
            "first_quarter": [NOW.first_day] * 2,
            "reason": ["Live cases."] * 2,
            "stock_from": [BEFORE.last_day] * 2,
        }
    )
    tables = {"case_arrivals_quarter": arrivals(159, 158, 101), "stock_month": stock(702, 591, 388)}
    prose = _prose(compose(edition(**tables, history_start=begins), CLEAN))
    assert "That is 111 more (19%) than on 30 June 2025, when it was 591." in prose
    assert "388" not in prose
    assert "158" not in prose


def test_where_nothing_earlier_is_complete_no_card_holds_an_empty_comparison(tmp_path: Path) -> None:
    begins = pl.DataFrame({"subject": ["applications"], "first_quarter": [NOW.first_day], "reason": ["Live cases."]})
    tables = {"case_arrivals_quarter": arrivals(159, 158, 101), "history_start": begins}
    Report(edition(**tables), state=CLEAN, charts=False).write(tmp_path)
    numbers, figures, *_ = docx.Document(str(tmp_path / "report.docx")).tables
    assert [cell.text for cell in numbers.rows[0].cells] == ["Figure", "What it counts"]
    assert [cell.text for cell in figures.rows[0].cells] == ["Figure", "July to September 2025"]


def test_without_any_figure_the_report_says_so_and_is_still_a_document(tmp_path: Path) -> None:
    Report(edition(), state=CLEAN, charts=False).write(tmp_path)
    read = "\n".join(paragraph.text for paragraph in docx.Document(str(tmp_path / "report.docx")).paragraphs)
    assert "No figure of this quarter can be shown." in read


def test_no_report_to_share_is_made_of_a_blocked_run() -> None:
    with pytest.raises(UsageError, match="blocked"):
        Report(edition(**_tables()), state=BLOCKED, charts=False)


def test_how_the_run_stands_is_said_first() -> None:
    document = Report(edition(internal=True, **_tables()), state=BLOCKED, charts=False).document
    assert document.blocks[0] == Quoted(BLOCKED.sentence, is_warning=True)
    assert document.edition == "Internal: not for publication"


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        Report(edition(**_tables()), state=CLEAN, charts=False).write(folder)
    for name in ("report.docx", "report.html", "figures.csv"):
        assert len({(folder / name).read_bytes() for folder in folders}) == 1, name


def test_the_word_file_can_be_used_by_a_screen_reader(full: Edition, tmp_path: Path) -> None:
    Report(full, state=CLEAN, charts=False).write(tmp_path)
    word = docx.Document(io.BytesIO((tmp_path / "report.docx").read_bytes()))
    styles = [paragraph.style.name for paragraph in word.paragraphs if paragraph.style is not None]
    assert styles[0] == "Title"
    assert {"Heading 1", "Heading 2", "Caption"} <= set(styles)
    assert word.core_properties.language == "en-GB"
    assert word.core_properties.title == "Homelessness, July to September 2025"
    assert word.core_properties.modified == word.core_properties.created
    assert word.styles.element.find(f".//{qn('w:lang')}").get(qn("w:val")) == "en-GB"
    assert word.tables
    for table in word.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
        assert table.rows[1]._tr.find(f".//{qn('w:tblHeader')}") is None


def test_each_sentence_of_the_page_bears_its_number_in_the_trace(full: Edition, tmp_path: Path) -> None:
    Report(full, state=CLEAN, charts=False).write(tmp_path)
    html = (tmp_path / "report.html").read_text("utf-8")
    numbered = dict(trace(compose(full, CLEAN)).filter(place="sentence").select("place_no", "text").unique().rows())
    assert numbered
    for number, text in numbered.items():
        found = re.search(rf'<(li|span) id="s{number}">(.*?)</\1>(?=\s|<)', html, re.DOTALL)
        assert found is not None
        words = " ".join(re.sub(r"<[^>]+>", " ", found[2]).split())
        assert all(figure in words for figure in re.findall(r"\d[\d,]*", text)), text


@pytest.mark.parametrize(("now", "before"), [(30, 30), (100, 120), (12, 20)])
def test_the_interval_of_a_difference_of_counts_holds_it_nineteen_times_in_twenty(now: int, before: int) -> None:
    likely = [(count, _poisson(count, now)) for count in range(4 * now)]
    likely_before = [(count, _poisson(count, before)) for count in range(4 * before)]
    held = 0.0
    for count, chance in likely:
        for other, other_chance in likely_before:
            if chance * other_chance > 1e-9:
                low, high = interval_of_difference(count, other)
                held += chance * other_chance * (low <= now - before <= high)
    assert 0.94 < held < 0.965


def _poisson(count: int, mean: float) -> float:
    return exp(count * log(mean) - mean - lgamma(count + 1))


def test_paragraphs_are_whole_sentences(full: Edition) -> None:
    for block in compose(full, CLEAN).blocks:
        if isinstance(block, Paragraph):
            assert all(sentence.text.endswith(".") for sentence in block.sentences)


def _published(**values: float | None) -> Published:
    kinds = {"own": "authority", "region": "region", "england": "England"}
    rows = [
        {
            "quarter": "2025-Q3",
            "measure": "ta_rate",
            "label": "Households in temporary accommodation per 1000 households",
            "unit": "rate per 1000",
            "area_kind": kinds.get(name, "neighbour"),
            "la_code": name,
            "area": "England" if name == "england" else name.capitalize(),
            "value": value,
        }
        for name, value in values.items()
    ]
    return Published(pl.DataFrame(rows), "Made up for this test")


def test_the_authority_stands_beside_its_region_england_and_the_middle_of_its_neighbours() -> None:
    published = _published(own=9.94, region=3.4, england=5.55, one=2.0, two=None, three=4.0)
    document = compose(edition(), CLEAN, published=published)
    assert (
        "Households in temporary accommodation per 1000 households: 9.94 in Own, 3.40 in Region, 5.55 in England,"
        " 3.00 in the middle of the neighbours." in _prose(document)
    )
    rows = trace(document).filter(metric="benchmarks", place="sentence", figure="3.00").to_dicts()
    assert [(row["row"], row["value"]) for row in rows] == [
        ("quarter=2025-Q3; measure=ta_rate; la_code=one", "2.0"),
        ("quarter=2025-Q3; measure=ta_rate; la_code=three", "4.0"),
    ]
    assert {row["formula"] for row in rows} == {"median(a, b)"}


def test_a_published_figure_that_is_missing_is_marked_and_not_said() -> None:
    document = compose(edition(), CLEAN, published=_published(own=None, region=3.4, england=5.5))
    assert "per 1000 households:" not in _prose(document)
    (table,) = document.tables()
    assert table.rows[0][1] == "[x]"


def test_a_chart_has_its_title_its_alternative_text_and_a_picture_that_fits_the_page(tmp_path: Path) -> None:
    points = tuple((quarter.first_day, "Households", float(count)) for quarter, count in ((BEFORE, 591), (NOW, 702)))
    chart = Picture(
        "stock",
        "Households in temporary accommodation",
        "Line chart: it rises.",
        Plan("lines", (points,)),
        "Source: a test.",
    )
    document = Document("Homelessness", "Thurrock", "July to September 2025", "Internal", (chart,))
    pictures = drawn(document)
    packed = word(document, pictures, NOW.last_day)
    assert packed == word(document, drawn(document), NOW.last_day)
    made = docx.Document(io.BytesIO(packed))
    (shape,) = made.inline_shapes
    described = shape._inline.docPr
    assert (described.get("title"), described.get("descr")) == (chart.title, chart.alternative)
    assert shape.width.cm <= 17.01
    assert shape.height.cm <= 16.01
    html = page(document, pictures)
    assert "<figcaption>Households in temporary accommodation</figcaption>" in html
    assert "Line chart: it rises.</desc>" in html
