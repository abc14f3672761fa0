"""A figure that stands in two outputs of a run is one figure: the walk over ``figures.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.one_answer.conftest import Ran
from tests.one_answer.outputs import as_shown, figures, rows

REGISTER = tomllib.loads(Path(__file__).with_name("figures.toml").read_text(encoding="utf-8"))
NAMED_ALIKE: list[str] = [column for one in REGISTER["unlike"] for column in one["columns"]]


@pytest.mark.parametrize("figure", REGISTER["figure"], ids=lambda one: one["name"])
def test_a_figure_is_the_same_wherever_it_stands(ran: Ran, figure: dict[str, Any]) -> None:
    first, *others = figure["places"]
    source = figures(ran, figure["at"], first)
    assert source, f"{first['in']} holds no such figure"
    for place in others:
        found = figures(ran, figure["at"], place)
        common = source.keys() & found.keys()
        assert common, f"{place['in']} and {first['in']} have no key in common"
        how = place.get("shown")
        differing = {
            key: (str(source[key]), str(found[key]))
            for key in sorted(common)
            if as_shown(source[key], how) != as_shown(found[key], how)
        }
        assert not differing, f"{figure['name']}: {first['in']} and {place['in']} differ"


def test_a_column_that_two_metrics_share_is_listed_as_one_figure_or_as_several(ran: Ran) -> None:
    holders: dict[str, set[str]] = {}
    for path in sorted((ran.folder / "metrics").glob("*.csv")):
        frame = pl.read_csv(path, infer_schema_length=None)
        for name, kind in frame.schema.items():
            if kind.is_numeric() and not name.endswith("_no"):
                holders.setdefault(name, set()).add(path.stem)
    listed = {
        (place["value"], place["in"].removeprefix("metrics/")) for one in REGISTER["figure"] for place in one["places"]
    }
    unlisted = {
        name: sorted(files)
        for name, files in holders.items()
        if len(files) > 1 and name not in NAMED_ALIKE and any((name, file) not in listed for file in files)
    }
    assert not unlisted, "say in figures.toml whether these are one figure, or why they are not"


def test_the_quarter_in_numbers_shows_what_the_shareable_dashboard_shows(ran: Ran) -> None:
    pages = [
        (ran.folder / "metrics" / name).read_text(encoding="utf-8")
        for name in ("dashboard_shareable.html", "quarter_in_numbers.html")
    ]
    cards = [cards_of(page) for page in pages]
    common = cards[0].keys() & cards[1].keys()
    assert len(common) >= 3
    assert {label: cards[0][label] for label in common} == {label: cards[1][label] for label in common}


def cards_of(page: str) -> dict[str, str]:
    """Headline figures by label."""
    import lxml.html

    found = {}
    for card in lxml.html.fromstring(page).xpath("//ul[contains(@class, 'cards')]/li"):
        texts = [" ".join(text.split()) for text in card.itertext() if text.strip()]
        found[texts[0]] = texts[1]
    return found


def test_the_register_names_no_output_that_is_not_written(ran: Ran) -> None:
    for one in REGISTER["figure"]:
        for place in one["places"]:
            assert rows(ran, place["in"]), place["in"]
