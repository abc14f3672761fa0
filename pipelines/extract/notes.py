"""What extraction has to say: findings, and rows set aside with the reason."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import polars as pl

from pipelines import findings as fd
from pipelines.extract.parsing import UNHOLDABLE, expected_dates
from pipelines.extract.problems import PROBLEMS
from pipelines.extract.tabular import TextTable
from schemas.codelists import codelist
from schemas.sections import SECTION
from schemas.sources import Profile

SET_ASIDE = pl.Schema({"file": pl.String(), "row": pl.Int64(), "reason": pl.String(), "content": pl.String()})
"""One row per row (or part of one) that was set aside, with its whole content: for a file of mode 0600 only."""

SINGLY = 1_000
"""Rows with one kind of trouble that are a finding each; of more, those of one case and wording are one finding."""
RUNS_SHOWN = 12
"""Rows of such a finding that are named, a run of rows counting as one."""
COMPARED_CHARS = 80
"""Characters of an unknown spelling that is compared with the labels of the code list."""


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


class Origins(Protocol):
    """Tells where the rows of a table that steps have made come from."""

    def first_places(self) -> pl.DataFrame:
        """One row per row that some file had a part in: ``_row``, ``file`` and ``row``."""

    def places(self, rows: pl.Series, heading: str | None = None) -> pl.DataFrame:
        """One row per different number of ``rows``: ``_row``, ``file``, ``row`` and ``text``."""


class Notes:
    """Collects findings and rows set aside while an export is read."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._origins: dict[str, Origins] = {}
        self._single: list[fd.Finding] = []
        self._frames: list[pl.DataFrame] = []
        self._aside: list[pl.DataFrame] = []
        self._titles: dict[str, dict[str, str]] = {}

    def name_columns(self, text: TextTable) -> None:
        """From now on, columns of the table that the profile names by letter are shown with what stands over them."""
        titles = {letter: title for letter, title in zip(text.headings, text.titles, strict=False) if title}
        if titles:
            self._titles[text.name] = {letter: f"{letter} ({title})" for letter, title in titles.items()}

    def _shown(self, file: str, column: str) -> str:
        titles = self._titles.get(file)
        return " + ".join(titles.get(one.upper(), one) for one in column.split(" + ")) if titles else column

    def know(self, name: str, origins: Origins) -> None:
        """From here on, name the rows that made a row of the table of that name, instead of the row itself."""
        self._origins[name] = origins

    def _places(self, name: str, rows: pl.DataFrame, heading: str | None) -> pl.DataFrame:
        """``rows`` with ``_file``, ``_place`` (the row in the file) and ``_text`` (both in words, with the column)."""
        column = f", column '{heading}'" if heading else ""
        if name not in self._origins:
            text = pl.format("{}, row {}{}", pl.lit(name), "_row", pl.lit(column))
            return rows.with_columns(pl.lit(name).alias("_file"), pl.col("_row").alias("_place"), text.alias("_text"))
        known = self._origins[name].places(rows.get_column("_row"), heading)
        known = known.select(
            "_row",
            pl.col("file").fill_null(name).alias("_file"),
            pl.coalesce("row", "_row").alias("_place"),
            pl.col("text").alias("_text"),
        )
        for file in self._titles if heading else ():
            shown = pl.col("_text").str.replace(column, f", column '{self._shown(file, heading or '')}'", literal=True)
            known = known.with_columns(pl.when(pl.col("_file") == file).then(shown).otherwise("_text").alias("_text"))
        return rows.join(known, on="_row", how="left", maintain_order="left")

    def spoken(self, name: str, rows: pl.DataFrame, number: str, *, is_here: bool) -> pl.DataFrame:
        """``rows`` with ``_spoken``: the row of which ``number`` has the number, in words.

        ``is_here``: it is in the file that the message names already.
        """
        if name in self._origins:
            of = self._origins[name].places(pl.concat([rows.get_column(number), rows.get_column("_row")]).unique())
            there = of.select(pl.col("_row").alias(number), pl.col("file").alias("_there"), "row", "text")
            here = of.select("_row", pl.col("file").alias("_here"))
            found = rows.join(there, on=number, how="left", maintain_order="left")
            found = found.join(here, on="_row", how="left", maintain_order="left")
            is_same = (pl.col("_there") == pl.col("_here")) & pl.lit(is_here)
            words = pl.when(is_same).then(pl.format("row {}", "row")).otherwise("text")
            return found.with_columns(words.alias("_spoken")).select(*rows.columns, "_spoken")
        before = "" if is_here else f"{name}, "
        return rows.with_columns(pl.format("{}row {}", pl.lit(before), number).alias("_spoken"))

    def placed(self, section: pl.DataFrame) -> pl.DataFrame:
        """The rows of a section, ``_file`` and ``_row`` of each those of a file where it came from steps."""
        parts = []
        for name in section.get_column("_file").unique().to_list():
            if name in self._origins:
                parts.append(self._origins[name].first_places().with_columns(pl.lit(name).alias("_file")))
        if not parts:
            return section
        found = section.join(pl.concat(parts), on=["_file", "_row"], how="left", maintain_order="left")
        where = [pl.coalesce("file", "_file").alias("_file"), pl.coalesce("row", "_row").alias("_row")]
        return found.with_columns(where).select(section.columns)

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
        if where.column and where.file in self._titles:
            where = replace(where, column=self._shown(where.file, where.column))
        said = str(where)
        if where.row is not None and where.file in self._origins:
            row = pl.DataFrame({"_row": [where.row]})
            file, number, said = self._places(where.file, row, where.column).select("_file", "_place", "_text").row(0)
            where = Place(file, number, where.column)
        kind = PROBLEMS[problem]
        message = kind.message.format(place=said, section=_label(section), **{"near": "", **words})
        severity = kind.local_severity if local and kind.local_severity else kind.severity
        self._single.append(
            fd.Finding(
                rule_id=problem,
                severity=severity,
                message=message,
                action=kind.advice.format(**words) if "{" in kind.advice else kind.advice,
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

    def rows(
        self,
        problem: str,
        file: str,
        where: pl.DataFrame,
        *,
        section: str | None = None,
        fields: str | None = None,
        column: str | None = None,
        value: str | None = None,
        **words: Any,
    ) -> None:
        """One finding per row of ``where``: ``_row``, if known ``case_ref``, and what the expressions in ``words`` ask.

        More than ``SINGLY`` rows are one finding for each case and wording, with count, first row and rows.
        """
        if where.is_empty():
            return
        kind = PROBLEMS[problem]
        before, after = kind.message.split("{place}")
        column = self._shown(file, column) if column else column
        texts = [*_filled(before, {}), *_filled(after, {"near": "", "section": _label(section), **words})]
        found = self._places(file, where, column).select(
            pl.col("_place").alias("row"),
            pl.col("_file").alias("file"),
            pl.col("_text").alias("place"),
            (pl.col("case_ref") if "case_ref" in where.columns else pl.lit(None, pl.String())).alias("case_ref"),
            pl.concat_str(texts).alias("said"),
            pl.lit(1, pl.Int64()).alias("count"),
            pl.lit(None, pl.String()).alias("rows"),
        )
        if found.height > SINGLY:
            found = _grouped(found)
        many = pl.format(" So in {} rows: {}.", "count", "rows")
        self._frames.append(
            fd.complete(
                found.select(
                    pl.lit(problem).alias("rule_id"),
                    pl.lit(kind.severity).alias("severity"),
                    pl.lit(kind.scope).alias("scope"),
                    pl.lit(section, pl.String()).alias("section"),
                    "case_ref",
                    record_key(pl.col("file"), pl.col("row")).alias("record_key"),
                    pl.lit(fields, pl.String()).alias("fields"),
                    pl.lit(value, pl.String()).alias("value"),
                    pl.concat_str("place", "said", pl.when(pl.col("count") > 1).then(many).otherwise(pl.lit(""))).alias(
                        "message"
                    ),
                    pl.lit(kind.advice).alias("action"),
                    "file",
                    "row",
                    "count",
                    "rows",
                )
            )
        )

    def set_aside(self, file: str, rows: pl.DataFrame) -> None:
        """Keep rows that could not be loaded: ``_row``, ``reason`` and ``content``."""
        kept = self._places(file, rows, None).select(
            pl.col("_file").alias("file"), pl.col("_place").alias("row"), "reason", "content"
        )
        self._aside.append(kept)

    def cells(self, file: str, failures: pl.DataFrame) -> None:
        """One finding per cell that could not be parsed."""
        for (problem, section, column), part in failures.group_by("problem", "section", "column", maintain_order=True):
            # The order of the cells is kept: of a repeated column the headings differ.
            part = part.with_row_index("_n")
            part = pl.concat(
                self._places(file, cells, self._shown(file, str(heading)))
                for (heading,), cells in part.group_by("heading", maintain_order=True)
            ).sort("_n")
            self._frames.append(self._cell_frame(str(problem), str(section), str(column), part))

    def _cell_frame(self, problem: str, section: str, column: str, part: pl.DataFrame) -> pl.DataFrame:
        kind = PROBLEMS[problem]
        known = SECTION[section].column(column)
        words = {"expected": expected_dates(self._profile), "field": known.words, "near": "{near}"}
        _, template = kind.message.format(place="\n", **words).split("\n")
        before, _, after = template.partition("{near}")
        text = pl.lit(before + after)
        if "{near}" in template and known.codelist:
            labels = [code.label for code in codelist(known.codelist).codes.values()]
            raws = part.get_column("raw").unique().to_list()
            few = len(raws) <= fd.DISTINCT_SHOWN
            near = {raw: _nearest(raw, labels) if few and len(raw) <= COMPARED_CHARS else "" for raw in raws}
            hint = pl.col("raw").replace_strict(near, return_dtype=pl.String())
            text = pl.concat_str(pl.lit(before), hint, pl.lit(after))
        elif "near" in part.columns:
            text = pl.concat_str(pl.lit(before), "near", pl.lit(after))
        severity = kind.local_severity if known.local and kind.local_severity else kind.severity
        action = kind.advice.format(codelist=known.codelist) if "{codelist}" in kind.advice else kind.advice
        rows = part.select(
            pl.lit(problem).alias("rule_id"),
            pl.lit(severity).alias("severity"),
            pl.lit(kind.scope).alias("scope"),
            pl.lit(section).alias("section"),
            "case_ref",
            record_key(pl.col("_file"), pl.col("_place")).alias("record_key"),
            pl.lit(column).alias("fields"),
            (pl.lit(fd.MASK) if known.personal else _as_shown("raw")).alias("value"),
            pl.concat_str("_text", text).alias("message"),
            pl.lit(action).alias("action"),
            pl.col("_file").alias("file"),
            pl.col("_place").alias("row"),
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
        aside = pl.concat([pl.DataFrame(schema=SET_ASIDE), *self._aside])
        return aside.sort("file", "row", "reason", "content")


def _label(section: str | None) -> str:
    return SECTION[section].label if section in SECTION else ""


def _as_shown(column: str) -> pl.Expr:
    # The findings workbook is XML too.
    return pl.col(column).str.replace_all(UNHOLDABLE, "\ufffd")


def _filled(template: str, words: Mapping[str, Any]) -> list[pl.Expr]:
    """The pieces of a message, its words filled in; each is a text, or an expression over the rows."""
    pieces = re.split(r"\{(\w+)\}", template)
    return [
        piece if isinstance(piece, pl.Expr) else pl.lit(str(piece))
        for piece in (words[one] if number % 2 else one for number, one in enumerate(pieces))
    ]


def _grouped(found: pl.DataFrame) -> pl.DataFrame:
    """One row per file, case and wording: the first row, how many there are, and which, a run of rows as one."""
    key = ["file", "case_ref", "said"]
    runs = found.sort(*key, "row").with_columns(
        ((pl.col("row").diff() != 1) | pl.struct(key).ne_missing(pl.struct(key).shift())).cum_sum().alias("_run")
    )
    runs = runs.group_by(*key, "_run", maintain_order=True).agg(
        pl.col("row").min(), pl.col("row").max().alias("_last"), pl.col("count").sum(), pl.col("place").first()
    )
    named = (
        pl.when(pl.col("row") == pl.col("_last"))
        .then(pl.col("row").cast(pl.String()))
        .otherwise(pl.format("{}-{}", "row", "_last"))
    )
    groups = runs.group_by(key, maintain_order=True).agg(
        pl.col("row").min(),
        pl.col("place").first(),
        pl.col("count").sum(),
        named.head(RUNS_SHOWN).str.join(", ").alias("rows"),
        (pl.col("count").sum() - pl.col("count").head(RUNS_SHOWN).sum()).alias("_more"),
    )
    more = pl.when(pl.col("_more") > 0).then(pl.format(" and {} more", "_more")).otherwise(pl.lit(""))
    rows = pl.when(pl.col("count") > 1).then(pl.concat_str("rows", more))
    return groups.select("row", "file", "place", "case_ref", "said", "count", rows.alias("rows"))


def record_key(file: pl.Expr, row: pl.Expr) -> pl.Expr:
    """Where the record stands: file and row."""
    return pl.concat_str(file, pl.lit(" row "), row.cast(pl.String))


def _nearest(text: str, labels: Iterable[str]) -> str:
    near = difflib.get_close_matches(text.casefold(), [label.casefold() for label in labels], n=1, cutoff=0.75)
    shown = {label.casefold(): label for label in labels}
    return f" The nearest label is '{shown[near[0]]}'." if near else ""
