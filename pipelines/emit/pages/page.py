"""The pages: one HTML file each, with no script and nothing to fetch. Every value from the data is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from string import Template

from pipelines.authority import authority_name
from pipelines.disclosure.thresholds import SUPPRESS_BELOW
from pipelines.emit.pages.charts import Drawing, Studio
from pipelines.emit.pages.content import Figure, Headline, Section, Table, headlines
from pipelines.emit.pages.data import Edition
from pipelines.emit.pages.words import HIDDEN_MARK, UNKNOWN_MARK, day, html

INTERNAL = "Internal: not for publication"
SHAREABLE = "Shareable: small numbers left out"
ON_ONE_PAGE = ("ta-stock", "arrivals-and-closures")
"""Charts of the one-page summary."""


@dataclass(frozen=True)
class Made:
    """What a page says about its making: software version, time (footer), and sentences for its head."""

    software_version: str
    time: datetime
    notes: tuple[str, ...] = ()


def dashboard(view: Edition, parts: Sequence[Section], studio: Studio, made: Made) -> str:
    """The dashboard of one edition; ``parts`` are its ``content.sections``."""
    links = [("headlines", "Headline figures"), *((part.ident, part.title) for part in parts), ("about", "About")]
    contents = "".join(f'<li><a href="#{ident}">{html(title)}</a></li>' for ident, title in links)
    body = [
        _notes(view, made.notes),
        _cards(headlines(view), "Headline figures"),
        *(_section(part, studio) for part in parts),
        _about(view),
    ]
    return _page(
        view,
        "Homelessness dashboard",
        "\n".join(body),
        contents=f'<nav aria-label="Sections of this page"><ul>{contents}</ul></nav>',
        style=_file("style.css"),
        footer=_footer(made),
    )


def one_page(view: Edition, parts: Sequence[Section], studio: Studio, made: Made) -> str:
    """The quarter in numbers: headline figures and two charts that print to one side of A4."""
    drawn = [figure for part in parts for figure in part.figures if figure.ident in ON_ONE_PAGE]
    drawn.sort(key=lambda figure: ON_ONE_PAGE.index(figure.ident))
    charts = "".join(_figure(figure, studio, with_table=False) for figure in drawn)
    shown = [item for item in headlines(view) if not item.changes[0].startswith("No figure can")]
    body = [
        _notes(view, made.notes),
        _cards(shown, "Headline figures"),
        '<section aria-labelledby="trends"><h2 id="trends">Over 2 years</h2>'
        f'<div class="charts">{charts}</div></section>',
    ]
    return _page(
        view,
        "The quarter in numbers",
        "\n".join(body),
        contents="",
        style=_file("style.css") + _file("one_page.css"),
        footer=_footer(made),
    ).replace("<body>", '<body class="one">', 1)


def drawings(parts: Sequence[Section]) -> list[Drawing]:
    """The charts of one edition, for committee papers."""
    return [
        Drawing(figure.ident, figure.title, figure.description, figure.plan)
        for part in parts
        for figure in part.figures
        if figure.plan is not None
    ]


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _page(view: Edition, name: str, body: str, *, contents: str, style: str, footer: str) -> str:
    authority = authority_name(view.figures.la_code)
    quarter = view.figures.quarter
    return Template(_file("page.html")).substitute(
        title=html(f"{name}, {authority}, {quarter.words}"),
        heading=html(f"{name}: {authority}"),
        period=html(f"{quarter.words} ({quarter.delta_round})"),
        edition=INTERNAL if view.internal else SHAREABLE,
        contents=contents,
        style=style.strip(),
        body=body,
        footer=footer,
    )


def _notes(view: Edition, notes: Sequence[str]) -> str:
    figures = view.figures
    said = [
        "These are the council’s own provisional figures, not official statistics. They come from the cases in the"
        f" export of {day(figures.as_at)}, and so do the figures for earlier quarters."
    ]
    if figures.as_at < figures.quarter.last_day:
        said.append(f"The export was taken before the quarter ended on {day(figures.quarter.last_day)}: a preview.")
    said += notes
    return '<div class="notes" role="note">' + "".join(f"<p>{html(text)}</p>" for text in said) + "</div>"


def _cards(items: Sequence[Headline], title: str) -> str:
    cards = "".join(
        f'<li><h3>{html(item.label)}</h3><p class="number">{html(item.value)}</p><p class="of">{html(item.detail)}</p>'
        "<ul>" + "".join(f"<li>{html(text)}</li>" for text in item.changes) + "</ul></li>"
        for item in items
    )
    return (
        f'<section aria-labelledby="headlines"><h2 id="headlines">{html(title)}</h2>'
        f'<ul class="cards">{cards}</ul></section>'
    )


def _section(part: Section, studio: Studio) -> str:
    text = "".join(f"<p>{html(sentence)}</p>" for sentence in part.text)
    charts = "".join(_figure(figure, studio) for figure in part.figures)
    grid = f'<div class="charts">{charts}</div>' if charts else ""
    return (
        f'<section aria-labelledby="{part.ident}"><h2 id="{part.ident}">{html(part.title)}</h2>{text}{grid}</section>'
    )


def _figure(figure: Figure, studio: Studio, *, with_table: bool = True) -> str:
    head = f'<figcaption><h3 id="{figure.ident}">{html(figure.title)}</h3>'
    if figure.plan is None:
        drawn = ""
        head += f"<p>{html(figure.description)}</p></figcaption>"
    else:
        drawn = studio.svg(Drawing(figure.ident, figure.title, figure.description, figure.plan))
        head += "</figcaption>"
    behind = _table(figure.table, figure) if with_table and figure.table is not None else ""
    return f'<figure aria-labelledby="{figure.ident}">{head}{drawn}{behind}</figure>'


def _table(table: Table, figure: Figure) -> str:
    head = "".join(f'<th scope="col">{html(name)}</th>' for name in table.head)
    rows = "".join(
        f'<tr><th scope="row">{html(row[0])}</th>' + "".join(f"<td>{html(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in table.rows
    )
    # A table may be wider than a phone: its box scrolls, and can be scrolled with the keyboard.
    return (
        f"<details><summary>Table: {html(figure.title[0].lower() + figure.title[1:])}</summary>"
        f'<div class="scroll" role="region" aria-label="{html(table.caption)}" tabindex="0"><table>'
        f"<caption>{html(table.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _about(view: Edition) -> str:
    said = [
        "Figures count households, one application each, on the last day of a month or quarter or during it.",
        f"{UNKNOWN_MARK} means that there is no figure: the records do not go back that far, or what is needed for it"
        " is missing. It is not 0.",
    ]
    if view.internal:
        said.append(
            "This edition names officers by their staff code and shows every number, however small. Share the shareable"
            " edition instead."
        )
    else:
        said.append(
            f"{HIDDEN_MARK} means that the figure is left out: it is below {SUPPRESS_BELOW}, or such a figure could be"
            " worked out from it. Figures that rest on so few households are left out too."
        )
    text = "".join(f"<p>{html(sentence)}</p>" for sentence in said)
    return f'<section aria-labelledby="about"><h2 id="about">About these figures</h2>{text}</section>'


def _footer(made: Made) -> str:
    time = f"{made.time:%H:%M}{' UTC' if made.time.utcoffset() is not None else ''}"
    return f"<p>Made by hclic {html(made.software_version)} on {day(made.time.date())} at {time}.</p>"
