"""Waivers: findings that someone answers for until a day. A waived finding stays, as a warning that says so."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import findings as found
from pipelines.errors import UsageError
from pipelines.extract.parsing import parse_date
from pipelines.period import in_words
from pipelines.side_files import SideRow, read_rows

COLUMNS = ("rule_id", "case_ref", "record_key", "owner", "reason", "expires")
"""Columns of the file. Without a case reference a waiver covers every case, without a record key every record."""

EXPIRED = "W-expired"
REPEATED = "W-repeated"
UNUSED = "W-unused"

DATES = ("iso", "uk", "month")
# Of a rule that did not run nothing is known: there is nothing that anyone could answer for.
NEVER_WAIVED = frozenset({"r-not-run"})


@dataclass(frozen=True)
class Waiver:
    """One row of the file, or one waiver that the warehouse keeps: then ``row`` is its number."""

    row: int
    rule_id: str
    case_ref: str | None
    record_key: str | None
    owner: str
    reason: str
    expires: date
    """Last day on which it holds."""
    file: str | None = None
    """Name of the file; none of one that the warehouse keeps."""

    @property
    def place(self) -> str:
        """Where it stands, for the user."""
        return (
            f"Waiver {self.row} of the warehouse"
            if self.file is None
            else f"The waiver in row {self.row} of {self.file}"
        )

    def matches(self) -> pl.Expr:
        """Findings that it covers."""
        covered = pl.col("rule_id").str.to_lowercase() == self.rule_id.lower()
        if self.case_ref:
            covered = covered & (pl.col("case_ref") == self.case_ref)
        if self.record_key:
            covered = covered & (pl.col("record_key") == self.record_key)
        return covered.fill_null(False)

    @property
    def target(self) -> tuple[str | None, ...]:
        """What it covers."""
        return self.rule_id.casefold(), self.case_ref, self.record_key

    @property
    def action(self) -> str:
        """What a waived finding says instead of what to do."""
        return f"Waived by {self.owner} until {in_words(self.expires)}: {self.reason.rstrip('.')}."


@dataclass(frozen=True)
class Waivers:
    """Waivers in the order in which they are applied: of a finding that two cover, the first counts."""

    rows: tuple[Waiver, ...]

    def __add__(self, others: Waivers) -> Waivers:
        return Waivers((*self.rows, *others.rows))

    def under(self, case: Callable[[str], str]) -> Waivers:
        """The same waivers where a case is named in another way: put under the reference that findings carry."""
        return replace(
            self,
            rows=tuple(replace(row, case_ref=case(row.case_ref) if row.case_ref else None) for row in self.rows),
        )

    def only(self, rule_ids: Collection[str], *, as_at: date) -> Waivers:
        """Those in force that speak of these rules."""
        wanted = {rule_id.casefold() for rule_id in rule_ids}
        return replace(
            self, rows=tuple(row for row in self.rows if row.rule_id.casefold() in wanted and row.expires >= as_at)
        )

    def apply(self, findings: pl.DataFrame, *, as_at: date) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
        """Turn waived findings into warnings.

        Returns:
            The findings, with one more for each waiver that has expired, covers nothing or repeats another; and for the
            ledger one entry per waiver that covers something: rule_id, case_ref, record_key, owner, reason, expires,
            findings.
        """
        in_force = [waiver for waiver in self.rows if waiver.expires >= as_at]
        notes = [self._note(waiver, EXPIRED) for waiver in self.rows if waiver.expires < as_at]
        first: dict[tuple[str | None, ...], Waiver] = {}
        for waiver in in_force:
            first.setdefault(waiver.target, waiver)
        by = pl.lit(None, pl.Int64)
        for place, waiver in reversed(list(enumerate(in_force))):
            by = pl.when(waiver.matches()).then(pl.lit(place)).otherwise(by)
        marked = findings.with_columns(by.alias("_waiver"))
        counts = dict(marked.drop_nulls("_waiver").group_by("_waiver").len().iter_rows())
        applied = []
        for place, waiver in enumerate(in_force):
            if place in counts:
                applied.append({**_entry(waiver), "findings": counts[place]})
            else:
                earlier = first[waiver.target]
                notes.append(self._note(waiver, UNUSED if earlier is waiver else REPEATED, earlier))
        actions = pl.DataFrame(
            {"_waiver": list(range(len(in_force))), "_action": [waiver.action for waiver in in_force]},
            schema={"_waiver": pl.Int64(), "_action": pl.String()},
        )
        is_waived = pl.col("_waiver").is_not_null()
        waived = marked.join(actions, on="_waiver", how="left", maintain_order="left").with_columns(
            pl.when(is_waived).then(pl.lit(found.WARNING)).otherwise("severity").alias("severity"),
            pl.coalesce("_action", "action").alias("action"),
        )
        return found.combine([waived.select(list(found.SCHEMA)), found.frame(notes)]), applied

    def _note(self, waiver: Waiver, rule_id: str, earlier: Waiver | None = None) -> found.Finding:
        place, withdraw = waiver.place, f"Withdraw it (hclic findings unwaive {waiver.row})"
        remove = "Remove it" if waiver.file else withdraw
        if rule_id == EXPIRED:
            message = f"{place} has expired and is not applied."
            action = "Mend what it covered, or let its owner renew it."
        elif rule_id == REPEATED:
            assert earlier is not None
            which = (
                f"row {earlier.row}"
                if earlier.file == waiver.file
                else f"{earlier.place[0].lower()}{earlier.place[1:]}"
            )
            message = f"{place} covers the same as {which}, which is applied."
            action = "Keep one of them."
        elif waiver.rule_id.casefold() not in _known_ids():
            message = f"{place} covers no finding: no rule of ours has that rule_id."
            action = ("Correct its rule_id" if waiver.file else withdraw) + ": hclic rules lists them."
        else:
            message = f"{place} covers no finding."
            action = f"{remove} if what it covered is mended; otherwise check its rule and reference."
        return found.Finding(
            rule_id=rule_id,
            severity=found.WARNING,
            scope=found.RETURN,
            case_ref=waiver.case_ref,
            record_key=waiver.record_key,
            fields=waiver.rule_id,
            message=message,
            action=action,
            value=None if waiver.file else str(waiver.row),
            file=waiver.file,
            row=waiver.row if waiver.file else None,
        )


def _entry(waiver: Waiver) -> dict[str, Any]:
    number = {} if waiver.file else {"waiver_no": waiver.row}
    return {
        **number,
        "rule_id": waiver.rule_id,
        "case_ref": waiver.case_ref,
        "record_key": waiver.record_key,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "expires": waiver.expires.isoformat(),
    }


@cache
def _known_ids() -> frozenset[str]:
    """Every rule id that a finding can carry, but for those of an official pack."""
    from pipelines.validate.catalogue import known_ids

    return frozenset(one.casefold() for one in known_ids())


def read_waivers(path: Path) -> Waivers:
    """Read a waiver file: CSV with the columns of ``COLUMNS``; row numbers count the heading as row 1.

    Raises:
        UsageError: the file cannot be read, a column is missing, or a row lacks rule, owner, reason or a day of expiry.
    """
    rows = read_rows(path, COLUMNS, what="waiver file", error=UsageError)
    return Waivers(tuple(_waiver(row, path.name) for row in rows))


def kept_waivers(rows: pl.DataFrame) -> Waivers:
    """The waivers that the warehouse keeps: one row each, as ``pipelines.warehouse.waivers.standing`` gives them."""
    return Waivers(
        tuple(
            Waiver(
                row=one["waiver_no"],
                rule_id=one["rule_id"],
                case_ref=one["case_ref"],
                record_key=one["record_key"],
                owner=one["owner"],
                reason=one["reason"],
                expires=one["expires"],
            )
            for one in rows.iter_rows(named=True)
        )
    )


def _waiver(row: SideRow, file: str) -> Waiver:
    cell = row.cells
    if blank := [name for name in ("rule_id", "owner", "reason", "expires") if not cell[name]]:
        raise UsageError(f"{row.place}, has no {' and no '.join(blank)}.")
    if cell["rule_id"].casefold() in NEVER_WAIVED:
        raise UsageError(f"{row.place}, waives a rule that was not run, which nobody can answer for.")
    expires, problem, _ = parse_date(cell["expires"], DATES)
    if expires is None or problem:
        raise UsageError(f"{row.at('expires')}: it is not a date like 31/03/2026 or 2026-03-31.")
    return Waiver(
        row=row.number,
        rule_id=cell["rule_id"],
        case_ref=cell["case_ref"] or None,
        record_key=cell["record_key"] or None,
        owner=cell["owner"],
        reason=cell["reason"],
        expires=expires,
        file=file,
    )
