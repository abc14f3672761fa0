"""In which state the returns of an authority are, and whether what is signed off still stands on disk as it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from pipelines.period import Quarter, in_words
from pipelines.state import CLEAN
from pipelines.submission import places
from pipelines.submission.sign_off import PURGED
from pipelines.warehouse import returned, sign_offs
from pipelines.warehouse.sign_offs import DRAFT, FROZEN, STATES
from pipelines.warehouse.store import Warehouse


@dataclass(frozen=True)
class Standing:
    """The return of one run: its state with who, when and why, and what is wrong with its files on disk."""

    quarter: str
    run_id: str
    state: str
    by: str | None
    at: str | None
    why: str | None
    not_checked: tuple[str, ...]
    """Sections of which the sign-off says that they were not checked."""
    on_disk: tuple[str, ...]
    """A sentence for each file that is not as it was signed off; nothing where no folder was named."""


def standings(store: Warehouse, authority: str, quarter: Quarter | None, out: Path | None) -> list[Standing]:
    """By quarter and in order every return of which something was said, and the newest draft.

    Raises:
        InputError: the warehouse holds no run of the authority.
    """
    found = []
    for one in store.quarters(authority) if quarter is None else [quarter]:
        newest = returned.newest(store.connection, authority, one, has_ended=True)
        last = {said.run_id: said for said in sign_offs.states(store.connection, authority, one)}
        # A checked draft that a newer run took the place of says nothing of today's return.
        for run_id, said in last.items():
            if said.state in FROZEN or said.state == sign_offs.SUPERSEDED or (newest and newest[0] == run_id):
                found.append(_standing(store, authority, one, said, out))
        if newest and newest[0] not in last:
            result = f"The newest run is {newest[1]}: it wrote no return." if newest[1] != CLEAN else None
            found.append(Standing(str(one), newest[0], DRAFT, None, None, result, (), ()))
    return found


def in_form(rows: Sequence[Standing], form: str) -> str:
    """The returns as text: ``table`` for a reader, or ``json``."""
    if form == "json":
        return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
    lines = []
    for row in rows:
        who = f"by {row.by} on {in_words(date.fromisoformat(row.at[:10]))}" if row.by and row.at else ""
        lines.append(f"{Quarter.parse(row.quarter).words:<28}{STATES[row.state]:<12}{who}".rstrip())
        lines.append(f"    run {row.run_id}")
        lines += [f"    {text}" for text in (row.why, *row.on_disk) if text]
        if row.not_checked:
            lines.append(f"    not checked: {', '.join(row.not_checked)}")
    return "\n".join(lines) or "There is no return of that quarter in the warehouse."


def _standing(
    store: Warehouse, authority: str, quarter: Quarter, said: sign_offs.SignOff, out: Path | None
) -> Standing:
    wrong: list[str] = []
    if out is not None and said.state in FROZEN:
        folder = places.folder_of(out, authority, quarter, said.run_id)
        kept = places.as_kept(sign_offs.frozen_files(store.connection, said.run_id))
        if not kept:
            wrong = [PURGED]
        elif folder is None:
            wrong = [f"Its outputs are not below {out / authority}. hclic signoff restore writes the return again."]
        else:
            wrong = places.differences(folder, kept)
            if wrong:
                wrong.append("hclic signoff restore writes the files again as they were signed off.")
    unchecked = tuple(name for name, level in said.levels.items() if level == "not_checked")
    return Standing(
        str(quarter), said.run_id, said.state, said.said_by, said.said_at, said.why, unchecked, tuple(wrong)
    )
