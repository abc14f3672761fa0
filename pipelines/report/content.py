"""What the report says of a quarter, in reading order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pipelines.disclosure.thresholds import ROUND_TO
from pipelines.emit.pages.words import HIDDEN_MARK, UNKNOWN_MARK
from pipelines.report import breakdowns
from pipelines.report import measures as m
from pipelines.report.blocks import Block, Bullets, Card, Cards, Heading, Paragraph, Quoted, Table
from pipelines.report.changes import OF_ALL, Verdict, View, compare, shows_percent, stands, when
from pipelines.report.charts import Charts
from pipelines.report.measures import Measure, Share
from pipelines.report.quantities import Gap, Quantity
from pipelines.report.sentences import Fixed, Said, Sentence, about, said, sentence

CHANGES = 10
"""Changes that are listed: a committee reads one page of them. The others stand with their subject."""

ROUNDED = sentence(
    "Numbers of households and cases are rounded to a multiple of ",
    Fixed(str(ROUND_TO)),
    " before they are shared: a figure is less than ",
    Fixed(str(ROUND_TO)),
    " away from the count, in either direction, and ",
    Fixed(f"0 stands for 0 to {ROUND_TO - 1}"),
    ". Differences and percentages are worked out from the rounded figures.",
)

_REST = {
    Verdict.CHANCE: "Changed too little to be told from chance",
    Verdict.ROUNDING: "Changed too little to be seen in rounded figures",
    Verdict.SAME: "The same as then",
    Verdict.FEW: "Rests on too few to say",
}

CARDS = 8
"""Headline figures of the quarter in numbers: what one page holds in type that can be read."""

HEADLINES: tuple[Measure | Share, ...] = (
    m.APPLICATIONS,
    m.IN_TA,
    m.PAST,
    m.UNDECIDED,
    m.PREVENTED_SHARE,
    m.RELIEVED_SHARE,
    m.DECIDED_SHARE,
    m.BB_OVER,
    m.OVER_SIX_SHARE,
    m.GROSS,
    m.OUT,
    # Those below take the place of one above that has no figure or may not show it.
    m.OPEN,
    m.OWED_RELIEF,
    m.OWED_PREVENTION,
    m.NIGHTLY,
    m.SO_FAR,
    m.DECISIONS,
    m.RELIEF_ENDED,
    m.BB,
)


@dataclass(frozen=True)
class Subject:
    """A part of the report: its heading and the figures that it speaks of."""

    title: str
    speaks_of: tuple[Measure | Share, ...]
    breakdowns: tuple[Callable[[View], Iterable[Block]], ...] = ()
    charts: tuple[str, ...] = ()
    """Names of the pages' charts that stand at its end."""


SUBJECTS = (
    Subject(
        "Applications and open cases",
        (m.APPLICATIONS, m.OWED_PREVENTION, m.OWED_RELIEF, m.CLOSED, m.OPEN),
        (breakdowns.reasons,),
        ("arrivals-and-closures", "main-reasons-ranked"),
    ),
    Subject(
        "Preventing and relieving homelessness",
        (m.PREVENTED_SHARE, m.RELIEVED_SHARE),
        (breakdowns.endings("prevention", "relief"),),
        ("outcomes-prevention", "outcomes-relief"),
    ),
    Subject(
        "Main duty decisions",
        (m.DECISIONS, m.DECIDED_SHARE, m.PAST),
        (breakdowns.endings("main"),),
        ("past-day-56", "decisions-trend"),
    ),
    Subject(
        "Temporary accommodation",
        (m.IN_TA, m.MOVED_IN, m.LEFT, m.UNDECIDED, m.NIGHTLY, m.BB, m.BB_OVER),
        (breakdowns.types, breakdowns.children),
        ("ta-stock", "ta-by-type", "flow-quarters", "children-ages"),
    ),
    Subject(
        "How long households stay, where, and at what cost",
        (m.SO_FAR, m.OVER_SIX_SHARE, m.OUT, m.GROSS),
        charts=("stays-by-type", "out-of-area-map", "cost-by-month"),
    ),
)


def numbers(view: View) -> tuple[Block, ...]:
    """The page "The quarter in numbers": one card per headline that has a figure, and no other."""
    cards = [card for item in HEADLINES if (card := _card(view, item)) is not None]
    if not cards:
        nothing = sentence("No figure of this quarter can be shown.")
        return (Heading(1, "The quarter in numbers"), Paragraph((nothing,)))
    return (Heading(1, "The quarter in numbers"), Cards(tuple(cards[:CARDS])))


def what_changed(view: View) -> tuple[Block, ...]:
    """What changed since the quarter before and since a year before, and of what nobody can say so."""
    blocks: list[Block] = [Heading(1, "What changed", on_new_page=True)]
    later = {start.reason: None for start in view.starts.values() if view.before[1] < start.quarter}
    if later:
        blocks += [Heading(2, "How far back the records go"), *(Quoted(reason) for reason in later)]
    for earlier, title in zip(view.before, ("Since the quarter before", "Since a year before"), strict=True):
        blocks.append(Heading(2, title))
        told: dict[Verdict, list[tuple[str, Sentence]]] = {}
        for item in HEADLINES:
            first, beside = stands(view, item), compare(view, item, earlier)
            if first is not None:
                said_of = first if beside.change is None else first + beside.change
                told.setdefault(beside.verdict, []).append((item.label, said_of))
        if set(told) <= {Verdict.NONE}:
            blocks.append(Paragraph((sentence("No figure can be compared with that quarter."),)))
            continue
        if changed := told.get(Verdict.CHANGED):
            blocks.append(Bullets(tuple(said_of for _, said_of in changed[:CHANGES])))
        else:
            blocks.append(Paragraph((sentence("No figure can be said to have changed."),)))
        rest = [
            sentence(f"{words}: ", Fixed(_listed([label for label, _ in told[verdict]])), ".")
            for verdict, words in _REST.items()
            if verdict in told
        ]
        if Verdict.NONE in told:
            rest.append(sentence("The other figures are not compared, for the reasons given with each."))
        if rest:
            blocks.append(Paragraph(tuple(rest), is_aside=True))
    return tuple(blocks)


def _listed(labels: Sequence[str]) -> str:
    words = [label[0].lower() + label[1:] for label in labels]
    # Some names hold a comma.
    return "; ".join(words)


def subjects(view: View, charts: Charts | None) -> tuple[Block, ...]:
    """One part per subject: what its figures are, whether they can say that something changed, and the tables."""
    blocks: list[Block] = []
    for subject in SUBJECTS:
        told = [item for item in subject.speaks_of if stands(view, item) is not None]
        more = [block for breakdown in subject.breakdowns for block in breakdown(view)]
        if not told and not more:
            continue
        blocks.append(Heading(1, subject.title))
        blocks += _told(view, told)
        if m.GROSS in told:
            blocks.append(Quoted(f"Costs rest on {_basis(view)}."))
        if told:
            blocks.append(_table(view, subject.title, subject.speaks_of))
        blocks += more
        if charts is not None:
            blocks += [picture for ident in subject.charts if (picture := charts.picture(ident)) is not None]
    return tuple(blocks)


def _basis(view: View) -> str:
    """What the costs rest on: in what is shared without the name of a file."""
    edition = view.reader.edition
    row = edition.table("cost_basis").row(0, named=True)
    return str(row["basis" if edition.internal else "basis_for_sharing"])


def how_to_read(view: View) -> tuple[Block, ...]:
    """What the marks, the intervals and the comparisons mean."""
    said_of = [
        sentence("Figures count households, one application each, unless they say otherwise."),
        sentence(f"{UNKNOWN_MARK} means that there is no figure. It does not mean none."),
        sentence(
            "An interval says how far apart the two quarters could be if chance is allowed for. If all of it is an"
            " increase, or all of it a decrease, the change is more than chance explains. It is worked out for numbers"
            " of events and for shares, with ",
            Fixed("95%"),
            " confidence: of a hundred such intervals about ",
            Fixed("95"),
            " hold the true difference.",
        ),
        sentence(
            "A share is given as numbers, not as a percentage, where one case more or less, or the rounding, would move"
            " it by more than ",
            Fixed("5"),
            " percentage points.",
        ),
        sentence(
            "Each figure in a sentence or table of this report is listed in figures.csv with where it comes from."
        ),
    ]
    if not view.reader.edition.internal:
        said_of.insert(
            2, sentence(f"{HIDDEN_MARK} means that a figure is left out because it or another could be a small number.")
        )
    if view.reader.is_rounded:
        said_of.insert(1, ROUNDED)
    return (Heading(1, "How to read the figures"), Bullets(tuple(said_of)))


def _card(view: View, item: Measure | Share) -> Card | None:
    if stands(view, item) is None:
        return None
    figure, detail = _headline(view, item)
    moved = [moved for earlier in view.before if (moved := compare(view, item, earlier).moved) is not None]
    if not moved:
        return Card(item.label, figure, detail, None)
    return Card(item.label, figure, detail, moved[0] if len(moved) == 1 else moved[0] + moved[1])


def _headline(view: View, item: Measure | Share) -> tuple[Said, Sentence]:
    if isinstance(item, Measure):
        value = view.value(item, view.quarter)
        assert not isinstance(value, Gap)
        at = when(item.kind, view.quarter)
        return _large(value, item.unit), sentence(at, ".")
    pair = view.pair(item, view.quarter)
    assert not isinstance(pair, Gap)
    part, whole = pair
    at = when(item.whole.kind, view.quarter)
    if not shows_percent(whole):
        return _large(part, ""), sentence("of ", about(whole), " ", at, ".")
    return said(part.percent_of(whole), "%"), sentence(about(part), " of ", about(whole), " ", at, ".")


def _large(value: Quantity, unit: str) -> Said:
    """The figure of a card, without the word that says it is rounded: the head of the document says so."""
    return said(value, unit) if value.value else about(value, unit)


def _told(view: View, items: Sequence[Measure | Share]) -> Iterable[Block]:
    explained: dict[Sentence, None] = {}
    alone = []
    for item in items:
        first = stands(view, item)
        assert first is not None
        beside = [compare(view, item, earlier) for earlier in view.before]
        # What holds for several figures is said with the first of them.
        why = tuple(one for one in dict.fromkeys(one.why for one in beside) if one not in explained)
        changes = [one.change for one in beside if one.change is not None]
        if not changes:
            alone.append(first)
            explained |= dict.fromkeys(why)
            continue
        explained |= dict.fromkeys(one for one in why if not one.figures)
        yield Heading(2, item.label)
        yield Paragraph((first, *changes))
        if why:
            yield Paragraph(why, is_aside=True)
    if alone:
        if len(alone) < len(items):
            yield Heading(2, "Figures without an earlier one")
        yield Bullets(tuple(alone))
        yield Paragraph(tuple(one for one in explained if one is not OF_ALL and not one.figures), is_aside=True)


def _table(view: View, title: str, items: Sequence[Measure | Share]) -> Table:
    quarters = (view.quarter, *view.before)
    rows: list[tuple[str | Said, ...]] = []
    for item in _counted(items):
        values = [view.value(item, quarter) for quarter in quarters]
        if all(isinstance(value, Gap) for value in values):
            continue
        rows.append((item.label, *(breakdowns.printed(value, item.unit) for value in values)))
    return Table(title, ("Figure", *(quarter.words for quarter in quarters)), tuple(rows)).without_empty_columns()


def _counted(items: Sequence[Measure | Share]) -> list[Measure]:
    found: list[Measure] = []
    for item in items:
        found += [item] if isinstance(item, Measure) else [item.whole, item.part]
    return list(dict.fromkeys(found))
