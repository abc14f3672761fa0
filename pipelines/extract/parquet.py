"""A Parquet file as a table of text, read in parts where it is large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from pipelines.extract import exports
from pipelines.extract.decoding import MIB, UnreadableError
from pipelines.extract.tabular import BLOCK_ROWS, NO_ROWS, TextTable, cleaned, counted, fitting

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

BLOCK_BYTES = 32 * MIB
"""What the rows of a part may take as they are stored, unpacked."""
_NOT_WHOLE = "it is not a whole Parquet file of plain columns"
_NOT_PLAIN = "it holds a column that is not plain text, number or date"


def read_parquet(file: exports.ExportFile, name: str) -> TextTable:
    """Read a Parquet file; row 1 is the first record. A large one is not held: its rows are read when asked for.

    Raises:
        UnreadableError: it is no Parquet file, or holds nested columns.
    """
    if file.size() > exports.WHOLE and not file.is_packed:
        with _opened(file) as parquet:
            schema = parquet.schema_arrow
            _texts(schema.empty_table(), 0)
        more = partial(_blocks, file)
        return fitting(TextTable(name, tuple(schema.names), NO_ROWS, encoding="Parquet", more=more, has_dates=True))
    try:
        with file.seekable() as stream:
            frame = pl.read_parquet(stream)
    except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException):
        raise UnreadableError(_NOT_WHOLE) from None
    return fitting(
        TextTable(name, tuple(frame.columns), counted(_cells(frame, 0), 0), encoding="Parquet", has_dates=True)
    )


@contextmanager
def _opened(file: exports.ExportFile) -> Iterator[ParquetFile]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    with file.seekable() as stream:
        try:
            # What is read ahead by default is kept to the end of the file.
            yield ParquetFile(stream, pre_buffer=False, buffer_size=MIB)
        except (ArrowException, OSError):
            raise UnreadableError(_NOT_WHOLE) from None


def _blocks(file: exports.ExportFile) -> Iterator[pl.DataFrame]:
    row = index = 0
    with _opened(file) as parquet:
        groups = [parquet.metadata.row_group(number) for number in range(parquet.metadata.num_row_groups)]
        widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0)
        rows = max(min(BLOCK_ROWS, int(BLOCK_BYTES / max(widest, 1))), 1)
        for batch in parquet.iter_batches(batch_size=rows):
            block = counted(_texts(batch, row), index)
            row, index = row + batch.num_rows, index + block.height
            file.tell(row)
            if block.height:
                yield block
        if not index:
            yield counted(_texts(parquet.schema_arrow.empty_table(), 0), 0)


def _texts(rows: pa.Table | pa.RecordBatch, before: int) -> pl.DataFrame:
    try:
        frame = pl.from_arrow(rows)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise UnreadableError(_NOT_PLAIN) from None
    assert isinstance(frame, pl.DataFrame)
    return _cells(frame, before)


def _cells(frame: pl.DataFrame, before: int) -> pl.DataFrame:
    """``_row`` and the cells as text; ``before``: rows of the file before these."""
    try:
        texts = [_as_text(frame.get_column(column)) for column in frame.columns]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise UnreadableError(_NOT_WHOLE) from None
    rows = pl.int_range(before + 1, before + frame.height + 1, dtype=pl.Int64, eager=True).alias("_row")
    return cleaned(pl.DataFrame({f"c{index}": text for index, text in enumerate(texts)}).with_columns(rows))


def _as_text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind == pl.String:
        return column
    if kind == pl.Boolean:
        return column.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String())
    if kind == pl.Date:
        return column.dt.strftime("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S" + ("%:z" if kind.time_zone else ""))
    if kind.is_float():
        whole = column.cast(pl.Int64, strict=False)
        return whole.cast(pl.String).zip_with((whole == column).fill_null(False), column.cast(pl.String))
    if isinstance(kind, pl.List):
        return column.cast(pl.List(pl.String())).list.join(";")
    if kind.is_nested() or kind == pl.Binary or kind == pl.Object:
        raise UnreadableError(_NOT_PLAIN)
    return column.cast(pl.String)
