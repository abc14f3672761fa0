"""Write the quarter as a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.authority import authority_name
from pipelines.emit.pages.words import day
from pipelines.errors import OutputError
from pipelines.metrics.editions import Edition
from pipelines.period import Quarter
from pipelines.report.beside import Published, other_areas
from pipelines.report.blocks import Block, Document, Heading, Quoted
from pipelines.report.changes import Start, View
from pipelines.report.charts import Charts, drawn
from pipelines.report.content import how_to_read, numbers, subjects, what_changed
from pipelines.report.definitions import defined
from pipelines.report.page import page
from pipelines.report.quantities import Reader
from pipelines.report.trace import trace
from pipelines.report.word import word
from pipelines.state import RunState
from pipelines.whole import into


class Report:
    """The quarter as a document of one edition."""

    def __init__(
        self,
        edition: Edition,
        *,
        state: RunState,
        notes: Sequence[str] = (),
        published: Published | None = None,
        charts: bool = True,
    ) -> None:
        """Put the figures of the edition into words.

        Args:
            edition: holds the figures; ``metrics.emit.prepare_metrics`` has been called on its connection.
            state: how the run stands, which is said first.
            notes: sentences for the head, such as that the households are invented.
            published: what MHCLG published of the authority and areas beside it.
            charts: with the charts of the pages; the edition then holds every metric that they draw.

        Raises:
            UsageError: the edition is for sharing, and the run is blocked or failed.
        """
        if not edition.internal:
            state.check_is_shareable()
        self._edition = edition
        self.document = compose(edition, state, notes, published, Charts(edition, state) if charts else None)

    def write(self, out_dir: Path) -> list[Path]:
        """Write ``report.docx``, ``report.html`` and ``figures.csv``; the same figures give the same bytes.

        Raises:
            OutputError: a file cannot be written.
        """
        pictures = drawn(self.document)
        texts = {
            "report.docx": word(self.document, pictures, self._edition.as_at),
            "report.html": page(self.document, pictures).encode("utf-8"),
            "figures.csv": trace(self.document).write_csv().encode("utf-8"),
        }
        try:
            with into(out_dir) as new:
                for name, content in texts.items():
                    (new / name).write_bytes(content)
        except OSError:
            raise OutputError("The report could not be written.") from None
        return [out_dir / name for name in texts]


def compose(
    edition: Edition,
    state: RunState,
    notes: Sequence[str] = (),
    published: Published | None = None,
    charts: Charts | None = None,
) -> Document:
    """The document: the state of the run first, then figures, changes, subjects, how to read them, definitions."""
    view = View(Reader(edition), edition.quarter, starts(edition))
    blocks: tuple[Block, ...] = (
        *_head(edition, state, notes),
        *numbers(view),
        *what_changed(view),
        *subjects(view, charts),
        *(other_areas(published, charts) if published else ()),
        *how_to_read(view),
    )
    document = Document(
        f"Homelessness, {edition.quarter.words}",
        authority_name(edition.la_code),
        edition.quarter.words,
        edition.words,
        blocks,
    )
    metrics = set(trace(document)["metric"])
    words: tuple[Block, ...] = (Heading(1, "What the words mean"), *defined(metrics))
    return Document(document.title, document.authority, document.period, document.edition, (*blocks, *words))


def starts(edition: Edition) -> dict[str, Start]:
    """From which quarter on the records of each subject are complete, where the metrics say so."""
    if not edition.has("history_start"):
        return {}
    return {
        row["subject"]: Start(Quarter.containing(row["first_quarter"]), row["reason"], row.get("stock_from"))
        for row in edition.table("history_start").iter_rows(named=True)
        if row["first_quarter"] is not None
    }


def _head(edition: Edition, state: RunState, notes: Sequence[str]) -> tuple[Block, ...]:
    said = [
        "These are the council’s own provisional figures, not official statistics. They come from the cases in the"
        f" export of {day(edition.as_at)}, and so do the figures for earlier quarters."
    ]
    if edition.as_at < edition.quarter.last_day:
        said.append(f"The export was taken before the quarter ended on {day(edition.quarter.last_day)}: a preview.")
    return (Quoted(state.sentence, is_warning=True), Quoted(" ".join([*said, *notes])))
