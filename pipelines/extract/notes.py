"""What extraction has to say: findings, and rows set aside with the reason."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines import findings as fd
from pipelines.extract.parsing import UNHOLDABLE, expected_dates
from pipelines.extract.problems import PROBLEMS
from schemas.codelists import codelist
from schemas.sections import SECTION
from schemas.sources import Profile

SET_ASIDE = pl.Schema({"file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "content": pl.String()})
"""One row per row (or part of one) that was set aside, with its whole content: for a file of mode 0600 only."""


@dataclass(frozen=True)
class Place:
    """Where something stands in the export, by file, row and heading."""

    file: str
    row: int | None = None
    column: str | None = None
    position: str | None = None
    """The column by its place, where its heading is not to be told."""

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}"
        column = f"column '{self.column}'" if self.column else self.position or ""
        return ", ".join(part for part in (self.file, row, column) if part)


class Notes:
    """Collects findings and rows set aside while an export is read."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._single: list[fd.Finding] = []
        self._frames: list[pl.DataFrame] = []
        self._aside: list[tuple[str, int, str, str]] = []

    def add(
        self,
        problem: str,
        place: Place | str,
        *,
        section: str | None = None,
        case_ref: str | None = None,
        record_key: str | None = None,
        fields: str | None = None,
        value: str | None = None,
        local: bool = False,
        **words: Any,
    ) -> str:
        """One finding; returns its message. ``place`` can be the name of a file alone."""
        where = place if isinstance(place, Place) else Place(place)
        kind = PROBLEMS[problem]
        message = kind.message.format(place=where, section=section, **{"near": "", **words})
        severity = kind.local_severity if local and kind.local_severity else kind.severity
        self._single.append(
            fd.Finding(
                rule_id=problem,
                severity=severity,
                message=message,
                action=kind.action.format(**words) if "{" in kind.action else kind.action,
                scope=kind.scope,
                section=section,
                case_ref=case_ref,
                record_key=record_key,
                fields=fields,
                value=value,
                file=where.file or None,
                row=where.row,
            )
        )
        return message

    def set_aside(self, file: str, row: int, reason: str, content: str) -> None:
        """Keep a row that could not be loaded."""
        self._aside.append((file, row, reason, content))

    def cells(self, file: str, failures: pl.DataFrame) -> None:
        """One finding per cell that could not be parsed."""
        for (problem, section, column), part in failures.group_by("problem", "section", "column", maintain_order=True):
            self._frames.append(self._cell_frame(file, str(problem), str(section), str(column), part))

    def _cell_frame(self, file: str, problem: str, section: str, column: str, part: pl.DataFrame) -> pl.DataFrame:
        kind = PROBLEMS[problem]
        known = SECTION[section].column(column)
        words = {"expected": expected_dates(self._profile), "codelist": known.codelist or "", "near": "{near}"}
        _, template = kind.message.format(place="\n", **words).split("\n")
        before, _, after = template.partition("{near}")
        text = pl.lit(before + after)
        if "{near}" in template and known.codelist:
            labels = [code.label for code in codelist(known.codelist).codes.values()]
            raws = part.get_column("raw").unique().to_list()
            few = len(raws) <= fd.DISTINCT_SHOWN
            near = {raw: _nearest(raw, labels) if few else "" for raw in raws}
            hint = pl.col("raw").replace_strict(near, return_dtype=pl.String())
            text = pl.concat_str(pl.lit(before), hint, pl.lit(after))
        elif "near" in part.columns:
            text = pl.concat_str(pl.lit(before), "near", pl.lit(after))
        place = pl.concat_str(
            pl.lit(f"{file}, row "), pl.col("_row").cast(pl.String), pl.lit(", column '"), "heading", pl.lit("'")
        )
        severity = kind.local_severity if known.local and kind.local_severity else kind.severity
        action = kind.action.format(codelist=known.codelist) if "{codelist}" in kind.action else kind.action
        rows = part.select(
            pl.lit(problem).alias("rule_id"),
            pl.lit(severity).alias("severity"),
            pl.lit(kind.scope).alias("scope"),
            pl.lit(section).alias("section"),
            "case_ref",
            record_key(file, pl.col("_row")).alias("record_key"),
            pl.lit(column).alias("fields"),
            (pl.lit(fd.MASK) if known.personal else _as_shown("raw")).alias("value"),
            pl.concat_str(place, text).alias("message"),
            pl.lit(action).alias("action"),
            pl.lit(file).alias("file"),
            pl.col("_row").alias("row"),
        )
        return fd.complete(rows)

    def findings(self) -> pl.DataFrame:
        """Everything found, in the columns of ``findings.csv``."""
        return fd.combine([fd.frame(self._single), *self._frames])

    def messages(self, problem: str) -> list[str]:
        """Messages of one kind, in the order in which they were found."""
        return [one.message for one in self._single if one.rule_id == problem]

    def rows_set_aside(self) -> pl.DataFrame:
        """Everything set aside, by file and row."""
        return pl.DataFrame(self._aside, schema=SET_ASIDE, orient="row").sort("file", "row", "reason", "content")


def _as_shown(column: str) -> pl.Expr:
    # The findings workbook is XML too.
    return pl.col(column).str.replace_all(UNHOLDABLE, "\ufffd")


def record_key(file: str, row: pl.Expr) -> pl.Expr:
    """Where the record stands: file and row."""
    return pl.concat_str(pl.lit(f"{file} row "), row.cast(pl.String))


def _nearest(text: str, labels: Iterable[str]) -> str:
    near = difflib.get_close_matches(text.casefold(), [label.casefold() for label in labels], n=1, cutoff=0.75)
    shown = {label.casefold(): label for label in labels}
    return f" The nearest label is '{shown[near[0]]}'." if near else ""
