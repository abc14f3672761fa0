"""Cases that were purged or forgotten, and that an export brings again: they do not come back unseen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date

import polars as pl

from pipelines.extract import Extracted
from pipelines.extract.accounting import FileCount
from pipelines.findings import RETURN, WARNING, Finding, frame
from pipelines.warehouse.gone import FORGOTTEN, PURGED, Gone
from schemas.sections import SECTIONS

LEFT_OUT, READ_AGAIN = "REF-09", "REF-10"
_BETWEEN = re.compile(r"[,;|\t\r\n\"]")
"""What stands between the cells of a row as it was read."""
_WORDS = {True: "forgotten", False: "purged"}


def without_gone(extracted: Extracted, gone: Gone, known: pl.DataFrame) -> tuple[Extracted, pl.DataFrame, pl.DataFrame]:
    """What was read, without the cases that are gone from the warehouse; what is to be said of them; the references.

    ``known`` is the reference map so far, and comes back with the references of cases that are back.

    A case of which the export holds something from the day on before which it went is another matter: it is read, and
    said to be back. Rows that are left out count as left out. No finding names a case, since findings are kept.
    """
    if not gone.marks:
        return extracted, frame([]), known
    met = _met(extracted, gone)
    if not met:
        return _without_words(extracted, gone, frozenset()), frame([]), known
    newest = _newest_days(extracted, set(met))
    back = {one for one, (_, before) in met.items() if (day := newest.get(one)) is not None and day >= before}
    left = set(met) - back
    sections = {
        name: part.filter(~pl.col("case_ref").is_in(sorted(left)).fill_null(value=False))
        for name, part in extracted.sections.items()
    }
    findings = extracted.findings.filter(~pl.col("case_ref").is_in(sorted(left)).fill_null(value=False))
    read = replace(extracted, sections=sections, findings=findings)
    read = _without_words(replace(read, files=_counted_anew(extracted, read)), gone, back)
    again = [(one, case, "export") for one in sorted(back) if (case := gone.reference_of(one))]
    mapped = pl.concat([known, pl.DataFrame(again, schema=known.schema, orient="row")]).unique(
        "local_ref", keep="first"
    )
    told = frame([*_told(met, left, LEFT_OUT), *_told(met, back, READ_AGAIN)])
    return read, told, mapped.sort("local_ref") if again else known


def _without_words(extracted: Extracted, gone: Gone, back: Collection[str]) -> Extracted:
    """Rows that were set aside are kept as they stand in the export: of cases that are gone only the reason is."""
    aside = extracted.set_aside

    def is_of_gone(content: str | None) -> bool:
        words = {one.strip().strip("\"'") for one in _BETWEEN.split(content or "")} - {""}
        return any(gone.is_gone(one) or gone.is_gone(one.upper()) for one in words) and not words & set(back)

    met = pl.Series([is_of_gone(one) for one in aside["content"].to_list()], dtype=pl.Boolean)
    if not met.any():
        return extracted
    words = pl.when(met).then(pl.lit(f"[{PURGED}]")).otherwise(pl.col("content"))
    return replace(extracted, set_aside=aside.with_columns(words.alias("content")))


def _met(extracted: Extracted, gone: Gone) -> dict[str, tuple[str, date]]:
    """The references of the export whose case is gone: why, and before which day all of it was."""
    refs = pl.concat([part["case_ref"] for part in extracted.sections.values()]).drop_nulls().unique()
    found = {one: hit for one in refs.to_list() if (hit := gone.find(one) or gone.find(one.upper()))}
    main = extracted.sections["main"]
    if "local_ref" in main.columns:
        for one, local in main.select("case_ref", "local_ref").drop_nulls().iter_rows():
            if one not in found and (hit := gone.find(local)):
                found[one] = hit
    return found


def _newest_days(extracted: Extracted, refs: set[str]) -> dict[str, date]:
    days = []
    for section in SECTIONS:
        part = extracted.sections[section.name].filter(pl.col("case_ref").is_in(sorted(refs)))
        events = [column.name for column in section.columns if column.is_event and column.name in part.columns]
        days += [part.select("case_ref", pl.col(name).alias("day")) for name in events]
    newest = pl.concat(days).drop_nulls().group_by("case_ref").agg(pl.col("day").max())
    return dict(newest.iter_rows())


def _counted_anew(before: Extracted, after: Extracted) -> tuple[FileCount, ...]:
    lost = Counter(name for name, _ in _rows(before) - _rows(after))
    return tuple(
        replace(
            one,
            rows_loaded=one.rows_loaded - lost[one.name],
            rows_left_out=one.rows_left_out + lost[one.name],
        )
        for one in before.files
    )


def _rows(extracted: Extracted) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for part in extracted.sections.values():
        if "_row" in part.columns:
            found |= set(part.select("_file", "_row").drop_nulls().iter_rows())
    return found


def _told(met: dict[str, tuple[str, date]], refs: set[str], rule_id: str) -> list[Finding]:
    told = []
    for is_forgotten, words in _WORDS.items():
        count = sum((met[one][0] == FORGOTTEN) is is_forgotten for one in refs)
        if not count:
            continue
        cases = f"{count:,} case{'' if count == 1 else 's'}"
        are = "is" if count == 1 else "are"
        if rule_id == LEFT_OUT:
            message = f"{cases} that {'was' if count == 1 else 'were'} {words} {are} in the export again. Left out."
            action = "Have them deleted in your own system, or leave them out of the export."
        else:
            message = (
                f"{cases} that {'was' if count == 1 else 'were'} {words} {are} in the export again, with newer days."
            )
            action = "They were read, as something has happened since. Check that this is so."
        told.append(Finding(rule_id, WARNING, message, action, scope=RETURN, fields="case_ref"))
    return told
