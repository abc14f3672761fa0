"""The comparison for officers: every row, totals by rule, and the rules that are still to be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.emit.returns.portal.compare import BY_FIELD, NEAR, Comparison, Pair, Theirs
from pipelines.emit.returns.portal.words import alike, words
from pipelines.emit.workbooks.frames import frame_sheet
from pipelines.emit.workbooks.model import Book, Cell, Column, Sheet, Style
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import UsageError
from pipelines.whole import into
from schemas.rules import RULES

AGREED, OURS_ONLY, THEIRS_ONLY, NOT_IN_RUN = "agreed", "ours only", "theirs only", "case not in this run"
_EXAMPLES = 5
_SHOWN = 12
_WIDTHS = {"message": 60, "portal_message": 60, "nearest_rule_says": 60, "case_ref": 24, "example_case_refs": 60}
_BOLD = Style("bold", bold=True)
_WRAPPED = Style("wrapped", wrap=True, is_on_top=True)

Frames = dict[str, pl.DataFrame]


def frames(found: Comparison) -> Frames:
    """Three frames: ``compared`` (a row per thing said), ``by_rule``, ``rules_to_write``."""
    return {"compared": _compared(found), "by_rule": _by_rule(found), "rules_to_write": _to_write(found)}


def _compared(found: Comparison) -> pl.DataFrame:
    rows = [_row(pair) for pair in found.pairs]
    rows += [
        {"outcome": NOT_IN_RUN, "portal_row": said.row, "portal_case": said.case, "portal_field": said.field}
        | {"portal_message": said.message}
        for said in found.unknown
    ]
    text = ("outcome", "by_what", "case_ref", "local_ref", "officer", "rule_id", "severity", "fields", "message")
    schema: dict[str, pl.DataType] = {name: pl.String() for name in text}
    schema |= {"portal_row": pl.Int64()}
    schema |= {name: pl.String() for name in ("portal_case", "portal_field", "portal_message")}
    order = {AGREED: 2, OURS_ONLY: 3, THEIRS_ONLY: 0, NOT_IN_RUN: 1}
    rows.sort(
        key=lambda row: (
            order[str(row["outcome"])],
            *(str(row.get(name) or "") for name in ("rule_id", "case_ref", "portal_message")),
            int(str(row.get("portal_row") or 0)),
        )
    )
    return pl.DataFrame(rows, schema=schema)


def _row(pair: Pair) -> dict[str, object]:
    outcome = AGREED if pair.ours and pair.theirs else OURS_ONLY if pair.ours else THEIRS_ONLY
    row: dict[str, object] = {"outcome": outcome, "by_what": pair.sure}
    if pair.theirs:
        said = pair.theirs.said
        row |= {"case_ref": pair.theirs.case_ref, "fields": ", ".join(sorted(pair.theirs.fields))}
        row |= {"portal_row": said.row, "portal_case": said.case, "portal_field": said.field}
        row |= {"portal_message": said.message or said.rule}
    if pair.ours:
        ours = pair.ours
        row |= {"case_ref": ours.case_ref, "local_ref": ours.local_ref, "officer": ours.officer}
        row |= {"rule_id": ours.rule_id, "severity": ours.severity, "message": ours.message}
        row |= {"fields": ", ".join(sorted(ours.fields))}
    return row


def _by_rule(found: Comparison) -> pl.DataFrame:
    agreed: Counter[str] = Counter()
    by_field: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    severity: dict[str, str] = {}
    for pair in found.pairs:
        if pair.ours:
            rule = pair.ours.rule_id
            severity[rule] = min(severity.get(rule, pair.ours.severity), pair.ours.severity)
            (agreed if pair.theirs else alone)[rule] += 1
            by_field[rule] += pair.sure == BY_FIELD
    rows: list[dict[str, object]] = [
        {
            "rule_id": rule,
            "severity": severity[rule],
            "agreed": agreed[rule],
            "agreed_by_field_only": by_field[rule],
            "ours_only": alone[rule],
            "theirs_only": 0,
        }
        for rule in sorted(severity)
    ]
    for kind, group in _kinds(found):
        rows.append({"portal_message": kind, "agreed": 0, "agreed_by_field_only": 0, "ours_only": 0})
        rows[-1]["theirs_only"] = len(group)
    names = ("agreed", "agreed_by_field_only", "ours_only", "theirs_only")
    schema: dict[str, pl.DataType] = {name: pl.String() for name in ("rule_id", "severity", "portal_message")}
    return pl.DataFrame(rows, schema=schema | {name: pl.Int64() for name in names})


def _kinds(found: Comparison) -> list[tuple[str, list[Theirs]]]:
    """What only the portal says, by its normalised message, the most frequent first."""
    kinds: dict[str, list[Theirs]] = {}
    for pair in found.theirs_only:
        if pair.theirs:
            kinds.setdefault(pair.theirs.kind, []).append(pair.theirs)
    return sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))


def _to_write(found: Comparison) -> pl.DataFrame:
    rows = []
    for kind, group in _kinds(found):
        fields = frozenset(name for one in group for name in one.fields)
        cases = sorted({one.case_ref for one in group if one.case_ref})
        rule_id, says = _nearest(kind, fields)
        rows.append(
            {
                "portal_message": kind,
                "rule_id": "",
                "count": len(group),
                "cases": len(cases),
                "portal_fields": ", ".join(sorted({one.said.field for one in group if one.said.field})),
                "fields": ", ".join(sorted(fields)),
                "example_case_refs": ", ".join(cases[:_EXAMPLES]),
                "nearest_rule": rule_id,
                "nearest_rule_says": says,
            }
        )
    schema: dict[str, pl.DataType] = {"portal_message": pl.String(), "rule_id": pl.String()}
    schema |= {"count": pl.Int64(), "cases": pl.Int64()}
    text = ("portal_fields", "fields", "example_case_refs", "nearest_rule", "nearest_rule_says")
    return pl.DataFrame(rows, schema=schema | {name: pl.String() for name in text})


def _nearest(kind: str, fields: frozenset[str]) -> tuple[str, str]:
    said = words(kind)
    best: tuple[float, str, str] = (NEAR, "", "")
    for rule in RULES:
        names = {name if "." in name else f"{rule.section}.{name}" for name in rule.fields}
        # A field in common weighs as much as a quarter of the words.
        score = alike(said, words(rule.message)) + 0.25 * bool(fields & names)
        if score > best[0]:
            best = (score, rule.rule_id, rule.message)
    return best[1], best[2]


def write(found: Frames, folder: Path, *, title: str, made: datetime) -> list[Path]:
    """Write the frames as CSV files and as one workbook, all of mode 0600: a portal's messages may hold values.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        cover = (f"Portal beside run: {title}", "Handle as personal data.", f"Made {made:%d %B %Y %H:%M}.")
        cells = tuple(Cell(row, 0, line, _BOLD if row == 0 else _WRAPPED) for row, line in enumerate(cover))
        titles = {"rules_to_write": "Rules to write", "by_rule": "By rule", "compared": "Everything"}
        sheets = (
            Sheet("Cover", cells, (Column(90),)),
            *(
                frame_sheet(words_, found[name], heading=_BOLD, width=lambda title: _WIDTHS.get(title, 16))
                for name, words_ in titles.items()
            ),
        )
        book = Book(made, sheets, title=f"Portal beside run: {title}")
        with into(folder) as new:
            for name, frame in found.items():
                frame.write_csv(new / f"{name}.csv")
            write_xlsx(book, new / "compared.xlsx")
    except OSError:
        raise UsageError(f"The folder {folder.name} cannot be written.") from None
    return [folder / name for name in (*(f"{name}.csv" for name in found), "compared.xlsx")]


def summary(found: Comparison, made: Frames) -> str:
    """The counts in a screenful; rules and fields are named, the portal's messages are not: they may hold values."""
    agreed, response = found.agreed, found.response
    compared = len(response.said) - len(found.unknown)
    by_field = sum(pair.sure == BY_FIELD for pair in agreed)
    lines = [
        found.run.title,
        f"Response  {response.rows_read:,} rows read = {compared:,} compared + {len(found.unknown):,} on cases that are"
        f" not in this run + {response.left_out:,} that say nothing",
        f"Run       {len(found.run.findings):,} findings compared; {found.run.left_out:,} of cases that are not in the"
        " return are left out",
        "",
        f"Agreed       {len(agreed):,} ({by_field:,} of them because they are about the same field: look at them)",
        f"Ours only    {len(found.ours_only):,}",
        f"Theirs only  {len(found.theirs_only):,}; different messages among them: {made['rules_to_write'].height:,}",
    ]
    ours = made["by_rule"].filter(pl.col("rule_id").is_not_null())
    if ours.height:
        lines += ["", f"{'By rule':24} {'agreed':>8} {'ours only':>10}"]
        ranked = ours.sort(["agreed", "ours_only", "rule_id"], descending=[True, True, False])
        for row in ranked.head(_SHOWN).iter_rows(named=True):
            lines.append(f"  {row['rule_id']:22} {row['agreed']:>8,} {row['ours_only']:>10,}")
        lines += _more(ranked.height, "by_rule.csv")
    to_write = made["rules_to_write"]
    if to_write.height:
        lines += ["", f"{'Rules to write':24} {'rows':>8} {'cases':>10}  fields; nearest rule of ours"]
        for number, row in enumerate(to_write.head(_SHOWN).iter_rows(named=True), 1):
            about = "; ".join((row["fields"] or "fields not known", row["nearest_rule"] or "none is near"))
            lines.append(f"  {f'message {number}':22} {row['count']:>8,} {row['cases']:>10,}  {about}")
        lines += _more(to_write.height, "rules_to_write.csv")
    return "\n".join(lines)


def _more(height: int, name: str) -> Iterable[str]:
    return [f"  … and {height - _SHOWN:,} more: {name}"] if height > _SHOWN else []
