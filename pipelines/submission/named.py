"""Which run a user means: by its id, the end of it, its quarter, or what became of it."""

from __future__ import annotations

import re

from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.warehouse import returned
from pipelines.warehouse.quarter import run_of
from pipelines.warehouse.sign_offs import signed_runs
from pipelines.warehouse.store import StoredRun, Warehouse

NEWEST, SIGNED_OFF = "newest", "signed-off"
HOW = (
    "Name a run by its id or the end of its id, by its quarter (2025-Q3: the last run made for it), or as newest,"
    " signed-off or 2025-Q3/signed-off."
)
_SHORTEST = 4
"""Letters of the end of an id by which a run can be named."""


def named_run(store: Warehouse, authority: str, text: str, quarter: Quarter | None = None) -> StoredRun:
    """The run that is meant.

    Args:
        store: the warehouse.
        authority: whose run.
        text: as the user names it (``HOW``).
        quarter: the one that ``newest`` and ``signed-off`` are of; by default any.

    Raises:
        InputError: the warehouse holds no such run, or several.
    """
    word = text.strip()
    if match := re.fullmatch(r"(\d{4}-Q[1-4])(?:/(newest|signed-off))?", word, re.IGNORECASE):
        quarter, word = Quarter.parse(match[1].upper()), (match[2] or NEWEST).lower()
    word = word.replace("signed_off", SIGNED_OFF)
    if word == NEWEST:
        return run_of(store, _newest(store, authority, quarter))
    if word == SIGNED_OFF:
        return run_of(store, _signed_off(store, authority, quarter))
    rows = store.connection.execute(
        "select run_id from runs where la_code = $la_code"
        " and (run_id = $text or ($is_long and ends_with(run_id, $text))) order by run_id = $text desc, run_order",
        {"la_code": authority, "text": word, "is_long": len(word) >= _SHORTEST},
    ).fetchall()
    if not rows:
        raise InputError(f"The warehouse holds no run of that name for {authority}. {HOW}")
    if len(rows) > 1 and rows[0][0] != word:
        raise InputError(f"{len(rows)} runs of {authority} have ids that end so. Give more of the id.")
    return run_of(store, rows[0][0])


def named_pair(store: Warehouse, authority: str, a: str, b: str) -> tuple[StoredRun, StoredRun]:
    """Two runs that are meant; a word that names no quarter is of the quarter of the other one.

    Raises:
        InputError: the warehouse holds no such run, or several.
    """
    words = (NEWEST, SIGNED_OFF, "signed_off")
    if a.strip() in words and b.strip() in words:
        # Whoever compares what was signed off with the newest run means one quarter: that of the sign-off.
        first = named_run(store, authority, SIGNED_OFF if SIGNED_OFF in (a, b) else a)
        return named_run(store, authority, a, first.quarter), named_run(store, authority, b, first.quarter)
    if a.strip() in words:
        other = named_run(store, authority, b)
        return named_run(store, authority, a, other.quarter), other
    one = named_run(store, authority, a)
    return one, named_run(store, authority, b, one.quarter)


def _newest(store: Warehouse, authority: str, quarter: Quarter | None) -> str:
    found = returned.newest(store.connection, authority, quarter, has_ended=True)
    if found is None:
        of = f"{authority} for {quarter}" if quarter else authority
        raise InputError(f"The warehouse holds no run of {of} that has ended.")
    return found[0]


def _signed_off(store: Warehouse, authority: str, quarter: Quarter | None) -> str:
    quarters = [quarter] if quarter else sorted(store.quarters(authority), key=str, reverse=True)
    for one in quarters:
        if signed := signed_runs(store.connection, authority, one):
            return signed[-1]
    raise InputError(f"No return of {authority}{f' for {quarter}' if quarter else ''} has been signed off.")
