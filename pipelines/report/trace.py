"""Where each figure of a document comes from: ``figures.csv``."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

import polars as pl

from pipelines.report.blocks import Document
from pipelines.report.sentences import Said

SCHEMA = {
    "place": pl.String(),
    "place_no": pl.Int64(),
    "text": pl.String(),
    "figure_no": pl.Int64(),
    "figure": pl.String(),
    "formula": pl.String(),
    "term": pl.String(),
    "metric": pl.String(),
    "row": pl.String(),
    "column": pl.String(),
    "value": pl.String(),
}


def trace(document: Document) -> pl.DataFrame:
    """One row per figure of the document and cell that it rests on.

    Columns: place (``sentence`` or ``table``), place_no (its number, from 1), text (the sentence, or the table's
    caption), figure_no (within the place, from 1), figure (as printed), formula (how it comes of its terms), term
    (``a``, ``b``, …), metric, row (its key), column, value (as it stands in the metric).
    """
    rows: list[tuple[object, ...]] = []
    for number, sentence in enumerate(document.sentences(), 1):
        rows += _rows("sentence", number, sentence.text, sentence.figures)
    for number, table in enumerate(document.tables(), 1):
        figures = tuple(cell for row in table.rows for cell in row if isinstance(cell, Said))
        rows += _rows("table", number, table.caption, figures)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rows(place: str, place_no: int, text: str, figures: tuple[Said, ...]) -> Iterator[tuple[object, ...]]:
    for number, figure in enumerate(figures, 1):
        formula = figure.quantity.formula
        for term, cell in zip(ascii_lowercase, figure.quantity.cells, strict=False):
            yield (
                *(place, place_no, text, number, figure.printed, formula, term),
                *(cell.metric, cell.row_words, cell.column, str(cell.value)),
            )
