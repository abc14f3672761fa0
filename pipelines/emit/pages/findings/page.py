"""The page of findings: one file with its own style and script, and nothing to fetch. Its markup: ``templates/``.

A page that is served has the same parts and the same script (``values``); there, style and script are files.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import whole
from pipelines.authority import authority_name
from pipelines.emit.pages.findings.columns import AGES, KINDS, NO_AGE, RESOLVED, STATES, WAIVED, data, rows_of
from pipelines.emit.pages.findings.history import history
from pipelines.emit.pages.findings.story import Stories
from pipelines.emit.pages.templating import as_markup, render
from pipelines.emit.pages.words import day
from pipelines.errors import OutputError
from pipelines.period import Quarter
from pipelines.state import BLOCKED, CLEAN, FAILED

FILE = "findings.html"
EDITION = "Internal: handle as personal data"
SHOWN_WITHOUT_SCRIPT = 100
REASONS_SHOWN = 20
MOST = 50_000
"""Lines that the page holds: a browser filters them at once, and who has more mends the export, not its cases."""


@dataclass(frozen=True)
class Standing:
    """How the run ended, in counts: the first thing that the page says.

    ``errors`` block; ``cases`` is the number of cases that they are on, ``without_case`` that of errors on none.
    ``not_run`` holds rule and reason of each rule that was not run, ``problems`` the sentences of a return that failed
    its own check. ``provisional`` is said of a return that nobody but we have checked. ``is_asked``: a run for its
    findings alone writes no return, whatever it finds.
    """

    result: str | None
    errors: int
    cases: int
    without_case: int = 0
    not_run: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    provisional: str | None = None
    is_asked: bool = True

    @property
    def heading(self) -> str:
        """Whether the return can be submitted."""
        if self.result == BLOCKED:
            return "This return cannot be submitted yet"
        if self.result == FAILED:
            return "This return cannot be submitted: it failed its own check"
        if self.result != CLEAN:
            return "It is not known whether this return can be submitted"
        if not self.is_asked:
            return "Nothing blocks a return of these cases"
        return "Nothing blocks this return" if self.provisional else "This return can be submitted"

    @property
    def sentences(self) -> list[str]:
        """What blocks it, in whole sentences."""
        said = []
        if self.errors:
            said.append(f"{self._errors()} {'blocks' if self.errors == 1 else 'block'} it.")
        if self.not_run:
            several = len(self.not_run) != 1
            said.append(
                f"{_count(len(self.not_run), 'rule')} could not be run, so nothing is known about what"
                f" {'they check' if several else 'it checks'}. That blocks the return too."
            )
        if self.result == FAILED:
            said.append(
                "The file was written and read back, and it is not as it must be, so it was taken away again. This is"
                " not a matter of the cases: give the lines below to who looks after hclic."
            )
        if self.result == CLEAN and self.is_asked:
            said.append("The return was written, read back and counted again.")
        elif self.result == CLEAN:
            said.append("None was written: the run was asked for its findings alone.")
        return said

    @property
    def reasons(self) -> list[str]:
        """Each rule that was not run with its reason, and each problem of a return that failed its own check."""
        return [*(f"{rule_id}: {reason}" for rule_id, reason in self.not_run), *self.problems]

    def _errors(self) -> str:
        count = _count(self.errors, "error")
        if not self.cases:
            return count
        if not self.without_case:
            return f"{count} in {_count(self.cases, 'case')}"
        return (
            f"{count}, {self.without_case:,} of them on no single case and the others in {_count(self.cases, 'case')},"
        )


@dataclass(frozen=True)
class Page:
    """All that the page is made of.

    ``findings`` and ``resolved`` are in the columns of the officer's frame, ``runs`` holds one row per run, kind and
    state (run_id, quarter, as_at, result, kind, state, findings). ``reasons`` says of a rule why there is one.
    ``changes`` are sentences on what became of the findings since the export before, empty where there was none.
    ``notes`` are sentences for the head. ``made`` and ``software_version`` stand in the footer.
    """

    la_code: str
    quarter: Quarter
    as_at: date
    standing: Standing
    findings: pl.DataFrame
    resolved: pl.DataFrame
    runs: pl.DataFrame
    stories: Stories
    made: datetime
    software_version: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """The page as one file; the same findings give the same text, but for the time in the footer."""
        script, style = static("findings.js"), _style()
        return render(
            "findings.html",
            **self.values(rule_pages=""),
            script=as_markup(script),
            style=as_markup(style),
            policy=f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:;"
            " base-uri 'none'; form-action 'none'",
        )

    def values(self, rule_pages: str = "") -> dict[str, Any]:
        """What the templates need. ``rule_pages`` stands before the address of each rule's page."""
        rows = rows_of(self.findings, self.resolved, self.as_at)
        held = rows.head(MOST)
        zone = " UTC" if self.made.utcoffset() is not None else ""
        return {
            "name": "Findings",
            "authority": authority_name(self.la_code),
            "quarter": self.quarter,
            "edition": EDITION,
            "standing": self.standing,
            "reasons": self.standing.reasons[:REASONS_SHOWN],
            "reasons_left": max(0, len(self.standing.reasons) - REASONS_SHOWN),
            "notes": self._notes(),
            "counts": _counts(rows, is_compared=bool(self.changes)),
            "changes": self.changes,
            "history": history(self.runs),
            "groups": _groups(rows),
            "first": _first(rows),
            "held": held.height,
            "total": rows.height,
            "data": as_markup(data(held, self.stories, self.reasons, rule_pages)),
            "last_day": day(self.quarter.last_day),
            "software_version": self.software_version,
            "made_on": day(self.made.date()),
            "made_at": f"{self.made:%H:%M}{zone}",
        }

    def _notes(self) -> list[str]:
        said = [f"These findings are of the export of {day(self.as_at)}."]
        if self.as_at < self.quarter.last_day:
            said.append(f"It was taken before the quarter ended on {day(self.quarter.last_day)}: a preview.")
        if self.standing.provisional:
            said.append(self.standing.provisional)
        return [*said, *self.notes]


def write_page(page: Page, folder: Path) -> Path:
    """Write ``findings.html``, which only its owner may read.

    Raises:
        OutputError: it cannot be written.
    """
    path = folder / FILE
    content = page.text().encode("utf-8")
    try:
        whole.write(path, content)
    except OSError:
        raise OutputError("The page of findings could not be written.") from None
    return path


@cache
def static(name: str) -> str:
    """Text of a file that the page takes in and a server serves: ``findings.js``, ``findings.css``."""
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")


def _style() -> str:
    common = files("pipelines.emit.pages").joinpath("templates", "style.css").read_text(encoding="utf-8")
    return f"{common}\n{static('findings.css')}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class Count:
    """One of the counts at the head, and what the list shows when it is followed."""

    show: str
    label: str
    findings: int
    detail: str


def _sum(rows: pl.DataFrame) -> int:
    return int(rows["count"].fill_null(1).sum())


def _counts(rows: pl.DataFrame, *, is_compared: bool) -> list[Count]:
    """Counts by kind, of what is neither resolved nor waived; then what became of those of the run before."""
    is_at_hand = ~pl.col("state").is_in([RESOLVED, WAIVED]).fill_null(False)
    details = {
        "fix": "data that the return needs right",
        "casework": "advice: a duty past its time, a stay without a decision",
        "tidy": "the record, not this return",
    }
    found = [
        Count(kind, words, _sum(rows.filter(is_at_hand & (pl.col("kind") == kind))), details[kind])
        for kind, words in KINDS.items()
    ]
    waived = _sum(rows.filter(pl.col("state") == WAIVED))
    if is_compared:
        found.append(
            Count(RESOLVED, STATES[RESOLVED], _sum(rows.filter(pl.col("state") == RESOLVED)), "since the last run")
        )
    if waived:
        found.append(Count(WAIVED, STATES[WAIVED], waived, "somebody answers for it until a day"))
    return found


@dataclass(frozen=True)
class Group:
    """Counts by one column; each row leads to its findings: words, value, count and how many of them block."""

    ident: str
    title: str
    rows: tuple[tuple[str, str, int, int], ...]


def _groups(rows: pl.DataFrame) -> list[Group]:
    shown = rows.filter(~pl.col("state").is_in([RESOLVED, WAIVED]).fill_null(False))
    bands = [*(words for _, words in AGES), NO_AGE]
    return [
        _group(shown, "rule", "rule_id", "rule", with_example=True),
        _group(shown, "officer", "officer", "officer"),
        _group(shown, "team", "team", "team"),
        _group(shown, "age", "age", "time since first seen", order=bands),
    ]


def _group(
    rows: pl.DataFrame,
    ident: str,
    column: str,
    words: str,
    *,
    order: list[str] | None = None,
    with_example: bool = False,
) -> Group:
    summed = rows.group_by(column).agg(
        pl.col("count").fill_null(1).sum().alias("findings"),
        pl.col("count").fill_null(1).filter(pl.col("blocks").fill_null(False)).sum().alias("blocking"),
        pl.col("what").sort().first().alias("example"),
    )
    if order:
        summed = summed.sort(pl.col(column).replace_strict({name: n for n, name in enumerate(order)}))
    else:
        summed = summed.sort("blocking", "findings", column, descending=[True, True, False], nulls_last=True)
    found = []
    for name, count, blocking, example in summed.iter_rows():
        value = "" if name is None else name
        shown = "Not recorded" if name is None else name
        found.append((f"{example} ({shown})" if with_example and example else shown, value, count, blocking))
    return Group(ident, f"By {words}", tuple(found))


def _first(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The first lines in words, for a browser that runs no script."""
    return [
        {
            **row,
            "since": "" if row["since"] is None else day(row["since"]),
            "state": STATES.get(row["state"] or "", ""),
            "tag": "Blocks the return" if row["blocks"] else KINDS.get(row["kind"] or "", ""),
        }
        for row in rows.head(SHOWN_WITHOUT_SCRIPT).iter_rows(named=True)
    ]
