"""The reason of each difference between two neighbouring stages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pipelines.emit.returns.source.diff import CASE_A, CASE_B
from pipelines.findings import ERROR
from pipelines.run import ledger
from pipelines.submission.compare.reasons import (
    CODE,
    CORRECTED,
    LATE,
    MASKING,
    NOT_KNOWN,
    REKEYED,
    RULE,
    SETTING,
    SOFTWARE,
    WITHDRAWN,
)
from pipelines.submission.compare.recorded import Record, Recorded, Spellings, columns_behind, findings_of
from pipelines.submission.compare.stages import BY_CHOICE, BY_SETTING, BY_SOFTWARE, Steps
from pipelines.transform.selection import HAS_ERRORS
from pipelines.warehouse.store import Warehouse
from schemas.codelists.spellings import fold
from schemas.sections import SECTION

Because = tuple[frozenset[str], str]
"""Kinds of reason, and a sentence without a value of the case."""


@dataclass
class Causes:
    """Tells why a difference is there, from what both runs recorded of its case."""

    store: Warehouse
    steps: Steps
    a: Recorded
    b: Recorded
    refs: frozenset[str]

    @staticmethod
    def of(store: Warehouse, steps: Steps) -> Causes:
        """Those of all that differs between the two runs."""
        refs = {ref for _, found in (*steps.between, ("", steps.ends)) for ref in found["case_ref"].drop_nulls()}
        refs |= _changed_choice(steps)
        a, b = Recorded(steps.a.opened, refs), Recorded(steps.b.opened, refs)
        # A case that came or went may be one that is known under another reference.
        alone = (a.all_refs ^ b.all_refs) | refs
        return Causes(store, steps, Recorded(steps.a.opened, alone), Recorded(steps.b.opened, alone), frozenset(refs))

    @cached_property
    def _spellings(self) -> tuple[Spellings, Spellings]:
        return tuple(Spellings.of(self.store, side.book.run.run_id) for side in (self.steps.a, self.steps.b))  # type: ignore[return-value]

    @cached_property
    def _findings(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        return tuple(findings_of(self.store, side.book.run.run_id, self.refs) for side in (self.steps.a, self.steps.b))  # type: ignore[return-value]

    def because(self, by: str, row: Record) -> Because:
        """Why a row of the differences between two stages is there; ``by``: what lies between them."""
        if by == BY_SOFTWARE:
            return self._software(row)
        if by == BY_SETTING:
            return frozenset({SETTING}), f"another {' and '.join(self.steps.settings)}"
        if by == BY_CHOICE:
            return self._choice(row["case_ref"])
        if row["change"] in (CASE_A, CASE_B):
            return self._case(row["case_ref"], is_new=row["change"] == CASE_B)
        return self._field(row)

    def _software(self, row: Record) -> Because:
        section, names = columns_behind(row["section"] or "main", row["field"] or "")
        is_code = row["field"] and any(column.codelist for column in SECTION[section].columns if column.name in names)
        codes = {side.book.ledger.get("codes_version") for side in (self.steps.a, self.steps.b)}
        if is_code and codes != {ledger.codes_version()}:
            return frozenset({CODE}), "the code lists, or how a code is written, are others"
        return frozenset({SOFTWARE}), "hclic makes something else of the same cases"

    def _case(self, ref: str, *, is_new: bool) -> Because:
        here, there = (self.b, self.a) if is_new else (self.a, self.b)
        if ref not in there.all_refs:
            if (again := self._under_another_reference(ref, here, there)) is not None:
                return again
            if is_new:
                return frozenset({LATE}), "recorded after the earlier run's export was taken"
            return frozenset({WITHDRAWN}), "not in the later run's export: withdrawn or deleted, or the export lacks it"
        kinds = self._of_changed_cells(ref)
        if not kinds:
            return frozenset({MASKING}), "the later export has another day"
        return (
            kinds,
            "no longer of the quarter as it is recorded now" if not is_new else "of the quarter as recorded now",
        )

    def _under_another_reference(self, ref: str, here: Recorded, there: Recorded) -> Because | None:
        like = here.like(ref)
        if like is None:
            return None
        others = (there.all_refs - here.all_refs) & set(self._alone)
        if any(there.like(other) == like for other in others):
            return frozenset({REKEYED}), "the same household stands under another reference in the other run"
        return None

    @cached_property
    def _alone(self) -> frozenset[str]:
        return frozenset(self.a.all_refs ^ self.b.all_refs)

    def _field(self, row: Record) -> Because:
        section, names = columns_behind(row["section"], row["field"] or "")
        ref = row["case_ref"]
        then, now = (side.record(section, ref, row["record_key"]) for side in (self.a, self.b))
        if row["field"] is None:
            return self._row(section, ref, then, now)
        if then is None or now is None:
            kinds = self._of_changed_cells(ref)
            return kinds or frozenset({NOT_KNOWN}), "the row is told from others of the case by what changed"
        changed = [name for name in names if then[name] != now[name]]
        if changed:
            of_cells = {self._cell(section, name, ref, then[name], now[name]) for name in changed}
            words = "read as another code" if of_cells == {CODE} else "changed in the system"
            if now[changed[0]] is not None and row["after"] is None:
                return frozenset(of_cells | {MASKING}), f"{words}, and hidden: it was after the quarter"
            return frozenset(of_cells), words
        if (row["before"] is None) != (row["after"] is None):
            return frozenset(
                {MASKING}
            ), "recorded alike in both; the ending it depends on lies on another side of the quarter's end"
        kinds = self._of_changed_cells(ref)
        return kinds or frozenset({NOT_KNOWN}), "follows from another field of the case"

    def _row(self, section: str, ref: str, then: Record | None, now: Record | None) -> Because:
        if then is not None and now is not None:
            return frozenset({MASKING}), "recorded in both; whether it is shown depends on days that changed"
        if then is None and now is None:
            kinds = self._of_changed_cells(ref)
            return kinds or frozenset({NOT_KNOWN}), "rows of the case changed in the system"
        if self._is_other_code_of_key(section, ref, then or now or {}):
            return frozenset({CODE}), "read as another code"
        return frozenset({CORRECTED}), "row added in the system" if then is None else "row taken out in the system"

    def _is_other_code_of_key(self, section: str, ref: str, row: Record) -> bool:
        """Whether a row whose key holds a code is there because its spelling is read otherwise."""
        for name in SECTION[section].key:
            column = SECTION[section].column(name)
            if column.codelist is None:
                continue
            before = {one[name] for one in self.a.of(section, ref)}
            after = {one[name] for one in self.b.of(section, ref)}
            pairs = [(was, is_now) for was in before - after for is_now in after - before if row[name] in (was, is_now)]
            if any(self._reads_otherwise(section, name, was, is_now) for was, is_now in pairs):
                return True
        return False

    def _cell(self, section: str, name: str, ref: str, then: Any, now: Any) -> str:
        """Why a cell as recorded is another."""
        column = SECTION[section].column(name)
        if column.codelist is None:
            return CORRECTED
        if then is None and isinstance(now, str):
            return CODE if self._was_not_understood(section, name, ref, now) else CORRECTED
        if not isinstance(then, str) or not isinstance(now, str):
            return CORRECTED
        before, after = (set(text.split(";")) for text in (then, now))
        gone, new = before - after, after - before
        if not gone or not new:
            return CORRECTED
        is_read = all(any(self._reads_otherwise(section, name, was, one) for one in new) for was in gone) and all(
            any(self._reads_otherwise(section, name, was, one) for was in gone) for one in new
        )
        return CODE if is_read else CORRECTED

    def _reads_otherwise(self, section: str, name: str, before: str, after: str) -> bool:
        then, now = self._spellings
        return then.explain(now, section, name, before, after)

    def _was_not_understood(self, section: str, name: str, ref: str, now: str) -> bool:
        """Whether the earlier run did not understand the spelling, and the later one reads it as what stands there."""
        found = self._findings[0].filter(
            (pl.col("case_ref") == ref) & (pl.col("section") == section) & (pl.col("fields") == name)
        )
        read = self._spellings[1].read.get((section, name), {})
        return any(value is not None and read.get(fold(value)) == now for value in found["value"])

    def _of_changed_cells(self, ref: str) -> frozenset[str]:
        """Kinds of all that is recorded otherwise of a case."""
        kinds: set[str] = set()
        for name, section in SECTION.items():
            then, now = self.a.of(name, ref), self.b.of(name, ref)
            for before, after in zip(then, now, strict=False):
                kinds |= {
                    self._cell(name, column.name, ref, before[column.name], after[column.name])
                    for column in section.columns
                    if not column.local and before[column.name] != after[column.name]
                }
            if len(then) != len(now):
                kinds.add(CORRECTED)
        return frozenset(kinds)

    def _choice(self, ref: str) -> Because:
        """Why a case was left out or taken in by the one run and not by the other."""
        then, now = (
            next(side.forced.filter(pl.col("case_ref") == ref).iter_rows(named=True), None)
            for side in (self.steps.a, self.steps.b)
        )
        by_errors = [one is not None and str(one["reason"]).startswith(HAS_ERRORS) for one in (then, now)]
        if not any(by_errors):
            return frozenset({RULE}), "forced cases: left out or taken in by the file of one run and not of the other"
        if not self.a.holds_same(self.b, ref):
            kinds = self._of_changed_cells(ref)
            if by_errors[0]:
                return kinds or frozenset({CORRECTED}), "left out with its errors then; they were corrected"
            return kinds or frozenset({CORRECTED}), "left out with errors that came since"
        return self._by_rules(ref, is_out_now=by_errors[1])

    def _by_rules(self, ref: str, *, is_out_now: bool) -> Because:
        with_errors, without = self._findings[::-1] if is_out_now else self._findings
        errors = with_errors.filter((pl.col("case_ref") == ref) & (pl.col("severity") == ERROR))
        others = without.filter(pl.col("case_ref") == ref)
        same = errors.join(others, on="finding_id", how="inner")
        rules = ", ".join(sorted(set(errors["rule_id"])))
        books = [side.book.ledger for side in (self.steps.a, self.steps.b)]
        waived = {one["rule_id"] for book in books for one in book.get("waivers") or ()}
        if same.filter((pl.col("severity_right") != ERROR) & pl.col("rule_id").is_in(sorted(waived))).height:
            return frozenset({RULE}), f"waiver: {rules} is waived in one run and not in the other"
        if books[0].get("rule_set_version") != books[1].get("rule_set_version"):
            return frozenset({RULE}), f"rule set: {rules} is judged otherwise"
        if self.steps.settings:
            return frozenset({SETTING}), f"{rules} is judged by another {' and '.join(self.steps.settings)}"
        if same.filter(pl.col("severity_right") == ERROR).height:
            return frozenset({RULE}), f"exclusion: its errors ({rules}) kept it out of one run only"
        return frozenset({RULE}), f"{rules} is judged otherwise, by the day of the export or what it is compared with"


def _changed_choice(steps: Steps) -> set[str]:
    both = steps.a.forced.join(steps.b.forced, on=["case_ref", "action", "reason"], how="inner", nulls_equal=True)
    refs = set(steps.a.forced["case_ref"]) | set(steps.b.forced["case_ref"])
    return refs - set(both["case_ref"])
