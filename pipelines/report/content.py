"""What the report says of a quarter, in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.emit.pages.words import HIDDEN_MARK, UNKNOWN_MARK
from pipelines.period import Quarter
from pipelines.report import measures as m
from pipelines.report.blocks import Block, Bullets, Card, Cards, Heading, Paragraph, Table
from pipelines.report.changes import View, changed, changed_share, stands, stands_share, when, why, why_share
from pipelines.report.measures import Measure, Share
from pipelines.report.quantities import Gap, Quantity
from pipelines.report.sentences import Fixed, Said, Sentence, said, sentence
from pipelines.shown import PERCENT_BASE

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
    m.GROSS,
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


SUBJECTS = (
    Subject("Applications and open cases", (m.APPLICATIONS, m.OWED_PREVENTION, m.OWED_RELIEF, m.CLOSED, m.OPEN)),
    Subject("Preventing and relieving homelessness", (m.PREVENTED_SHARE, m.RELIEVED_SHARE)),
    Subject("Main duty decisions", (m.DECISIONS, m.DECIDED_SHARE, m.PAST)),
    Subject(
        "Temporary accommodation",
        (m.IN_TA, m.MOVED_IN, m.LEFT, m.UNDECIDED, m.NIGHTLY, m.BB, m.BB_OVER, m.SO_FAR, m.GROSS),
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
    """The changes since the quarter before and since a year before, in plain sentences."""
    blocks: list[Block] = [Heading(1, "What changed", on_new_page=True)]
    for earlier, title in zip(view.before, ("Since the quarter before", "Since a year before"), strict=True):
        said_of = []
        for item in HEADLINES:
            first = _stands(view, item)
            change = _changed(view, item, earlier)
            if first is not None and change is not None:
                said_of.append(first + change)
        blocks.append(Heading(2, title))
        if said_of:
            blocks.append(Bullets(tuple(said_of[:CARDS])))
        else:
            blocks.append(Paragraph((sentence("No figure can be compared with that quarter."),)))
    return tuple(blocks)


def subjects(view: View) -> tuple[Block, ...]:
    """One part per subject: what its figures are, whether they can say that something changed, and the table."""
    blocks: list[Block] = []
    for subject in SUBJECTS:
        told = [item for item in subject.speaks_of if _stands(view, item) is not None]
        if not told:
            continue
        blocks.append(Heading(1, subject.title))
        for item in told:
            blocks += _told(view, item)
        blocks.append(_table(view, subject.title, subject.speaks_of))
    return tuple(blocks)


def how_to_read(*, internal: bool) -> tuple[Block, ...]:
    """What the marks, the intervals and the comparisons mean."""
    said_of = [
        sentence("Figures count households, one application each, unless they say otherwise."),
        sentence(f"{UNKNOWN_MARK} means that there is no figure. It does not mean none."),
        sentence(
            "An interval says how far apart the two quarters could be if chance is allowed for. If the whole of it lies"
            " on one side of none, the change is more than chance explains. It is worked out for numbers of events and"
            " for shares, with ",
            Fixed("95%"),
            " confidence: of a hundred such intervals about ",
            Fixed("95"),
            " hold the true difference.",
        ),
        sentence(
            "A share of fewer than ",
            Fixed("20"),
            " is given as numbers, not as a percentage: one case would move it by more than ",
            Fixed("5"),
            " percentage points.",
        ),
        sentence(
            "Each figure in a sentence or table of this report is listed in figures.csv with where it comes from."
        ),
    ]
    if not internal:
        said_of.insert(
            2, sentence(f"{HIDDEN_MARK} means that a figure is left out because it or another could be a small number.")
        )
    return (Heading(1, "How to read the figures"), Bullets(tuple(said_of)))


def _card(view: View, item: Measure | Share) -> Card | None:
    first = _stands(view, item)
    if first is None:
        return None
    figure, detail = _headline(view, item)
    changes = [change for earlier in view.before if (change := _changed(view, item, earlier)) is not None]
    if not changes:
        return Card(item.label, figure, detail, sentence("There is no earlier figure to compare with."))
    return Card(item.label, figure, detail, changes[0] if len(changes) == 1 else changes[0] + changes[1])


def _headline(view: View, item: Measure | Share) -> tuple[Said, Sentence]:
    if isinstance(item, Measure):
        value = view.value(item, view.quarter)
        assert not isinstance(value, Gap)
        at = when(item.kind, view.quarter)
        return said(value, item.unit), sentence(at, ".")
    pair = view.pair(item, view.quarter)
    assert not isinstance(pair, Gap)
    part, whole = pair
    at = when(item.whole.kind, view.quarter)
    if whole.value < PERCENT_BASE:
        return said(part), sentence("of ", said(whole), " ", at, ".")
    return said(part.percent_of(whole), "%"), sentence(said(part), " of ", said(whole), " ", at, ".")


def _told(view: View, item: Measure | Share) -> Iterable[Block]:
    first = _stands(view, item)
    assert first is not None
    read_on, aside = [first], []
    for earlier in view.before:
        if (change := _changed(view, item, earlier)) is not None:
            read_on.append(change)
        aside.append(_why(view, item, earlier))
    yield Heading(2, item.label)
    yield Paragraph(tuple(read_on))
    yield Paragraph(tuple(dict.fromkeys(aside)), is_aside=True)


def _table(view: View, title: str, items: Sequence[Measure | Share]) -> Table:
    quarters = (view.quarter, *view.before)
    rows: list[tuple[str | Said, ...]] = []
    for item in _counted(items):
        values = [view.value(item, quarter) for quarter in quarters]
        if all(isinstance(value, Gap) for value in values):
            continue
        rows.append((item.label, *(_cell(value, item.unit) for value in values)))
    return Table(title, ("Figure", *(quarter.words for quarter in quarters)), tuple(rows))


def _counted(items: Sequence[Measure | Share]) -> list[Measure]:
    found: list[Measure] = []
    for item in items:
        found += [item] if isinstance(item, Measure) else [item.whole, item.part]
    return list(dict.fromkeys(found))


def _cell(value: Quantity | Gap, unit: str) -> str | Said:
    if isinstance(value, Quantity):
        return said(value, unit)
    return HIDDEN_MARK if value is Gap.HIDDEN else UNKNOWN_MARK


def _stands(view: View, item: Measure | Share) -> Sentence | None:
    return stands(view, item) if isinstance(item, Measure) else stands_share(view, item)


def _changed(view: View, item: Measure | Share, earlier: Quarter) -> Sentence | None:
    return changed(view, item, earlier) if isinstance(item, Measure) else changed_share(view, item, earlier)


def _why(view: View, item: Measure | Share, earlier: Quarter) -> Sentence:
    return why(view, item, earlier) if isinstance(item, Measure) else why_share(view, item, earlier)
