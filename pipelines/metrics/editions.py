"""The two editions of a quarter's figures, and the one way in which pages, charts, reports and answers read them.

The internal edition is the metrics as they are. The shareable one is what ``pipelines.disclosure`` lets out. Whoever
writes something for sharing reads it here and nothing else, so that whatever is worked out from it gives no more away
than the tables do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import duckdb
import polars as pl

from pipelines.disclosure.edition import Figure, Release
from pipelines.metrics.catalogue import metric, metrics
from pipelines.metrics.emit import Frames, is_shared, not_shared, shareable_release
from pipelines.period import Quarter


@dataclass(frozen=True)
class Edition:
    """Every figure of a quarter that one edition may show.

    ``con`` holds the marts and the relations of the metrics (``metrics.emit.prepare_metrics``). Frames are read once;
    ``read`` are the metrics where others read them too.
    """

    con: duckdb.DuckDBPyConnection
    internal: bool
    read: Frames | None = field(default=None, repr=False, compare=False)
    _frames: dict[str, pl.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def _period(self) -> tuple[str, Quarter, date]:
        row = self.con.execute("select la_code, quarter, as_at from reporting_period").fetchone()
        assert row is not None
        return row[0], Quarter.parse(row[1]), row[2]

    @property
    def la_code(self) -> str:
        """GSS code of the authority."""
        return self._period[0]

    @property
    def quarter(self) -> Quarter:
        """The quarter that the figures are about."""
        return self._period[1]

    @property
    def as_at(self) -> date:
        """The day the export was taken."""
        return self._period[2]

    @property
    def words(self) -> str:
        """The name of the edition, for the head of what is made of it."""
        return "Internal: not for publication" if self.internal else "Shareable: counts are rounded"

    @cached_property
    def _known(self) -> Frames:
        return self.read or Frames(self.con)

    @cached_property
    def _release(self) -> Release:
        return shareable_release(self.con, self._known)

    @property
    def figures(self) -> dict[Figure, int]:
        """What the shareable edition prints for each count, to be remembered when it leaves."""
        return self._release.figures

    @cached_property
    def published(self) -> tuple[pl.DataFrame, str] | None:
        """What MHCLG published of the authority and the areas beside it, and whose list of neighbours that is.

        One row per measure and area (``metrics.benchmarks``), the same in both editions; None where the run was given
        no workbook.
        """
        from pipelines.metrics.benchmarks import kept

        return kept(self.con)

    def has(self, name: str) -> bool:
        """Whether the edition holds a metric of that name."""
        return any(one.name == name and (self.internal or is_shared(one)) for one in metrics())

    def table(self, name: str) -> pl.DataFrame:
        """One metric, one row per its grain; what stays behind is null, and ``note`` says which rows it is in.

        Raises:
            UsageError: there is no such metric, or it is for internal use only.
        """
        if name not in self._frames:
            if self.internal or not is_shared(metric(name)):
                if not self.internal:
                    raise not_shared(name)
                self._frames[name] = self._known[name]
            else:
                # All at once: what one table hides rests on what the others show.
                self._frames.update(self._release.frames)
        return self._frames[name]
