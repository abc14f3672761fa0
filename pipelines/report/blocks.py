"""What a document is made of, before it is Word or HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.emit.pages.charts import Plan
from pipelines.report.sentences import Said, Sentence


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 begins a part of the document."""

    level: int
    text: str
    on_new_page: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Sentences that are read on."""

    sentences: tuple[Sentence, ...]
    is_aside: bool = False
    """Said of the figures rather than of the service: why they can say so, or cannot."""


@dataclass(frozen=True)
class Bullets:
    """Sentences, each with a bullet of its own."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Card:
    """One headline figure, large, with its name and what it changed from."""

    label: str
    figure: Said
    detail: Sentence
    change: Sentence | None
    """None where there is no earlier figure."""

    @property
    def sentence(self) -> Sentence:
        """The card as it is read."""
        first = Sentence((self.figure, " ", *self.detail.parts))
        return first if self.change is None else first + self.change


@dataclass(frozen=True)
class Cards:
    """The headline figures, two beside each other."""

    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first column heads its row, the others are figures or words."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str | Said, ...], ...]

    def without_empty_columns(self) -> Table:
        """The table without columns in which no row has a figure."""
        places = range(len(self.head))
        kept = [place for place in places if not place or any(isinstance(row[place], Said) for row in self.rows)]
        rows = tuple(tuple(row[place] for place in kept) for row in self.rows)
        return Table(self.caption, tuple(self.head[place] for place in kept), rows)


@dataclass(frozen=True)
class Picture:
    """A chart: its title, what is said to those who do not see it, what is drawn, and the source that stands in it."""

    ident: str
    title: str
    alternative: str
    plan: Plan
    source: str


@dataclass(frozen=True)
class Quoted:
    """Text that stands elsewhere word for word: definitions, the state of the run."""

    text: str
    term: str = ""
    is_warning: bool = False


Block = Heading | Paragraph | Bullets | Cards | Table | Picture | Quoted


@dataclass(frozen=True)
class Document:
    """The quarter as a document: title, what stands below it, and its blocks in reading order."""

    title: str
    authority: str
    period: str
    edition: str
    blocks: tuple[Block, ...]

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence in reading order: their places give them their numbers, from 1."""
        for block in self.blocks:
            yield from _sentences(block)

    def tables(self) -> Iterator[Table]:
        """Every table in reading order: their places give them their numbers, from 1."""
        return (block for block in self.blocks if isinstance(block, Table))


def _sentences(block: Block) -> Iterable[Sentence]:
    if isinstance(block, Paragraph | Bullets):
        return block.sentences
    if isinstance(block, Cards):
        return [card.sentence for card in block.cards]
    return ()
