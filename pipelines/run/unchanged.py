"""Whether the outputs of a run stand there already, byte for byte."""

from __future__ import annotations

import json

from pipelines.run import ledger, storing
from pipelines.run.outcome import BLOCKED, CLEAN
from pipelines.run.outputs import OWN_ENTRIES, OutputFolder
from pipelines.run.request import Request


def stands_unchanged(folder: OutputFolder, request: Request, digest: str) -> bool:
    """Whether a run made from the same has ended, its outputs stand as they were written, and nothing came after it.

    Every byte is read again: each output has the digest that the ledger lists, nothing is missing or added, and the
    ledger is, letter for letter, the one that the warehouse keeps of the authority's newest run.
    """
    try:
        text = (folder.final / "ledger.json").read_text(encoding="utf-8")
        book = json.loads(text)
        if book["made_from"] != digest or book["result"] not in (CLEAN, BLOCKED):
            return False
        run_id, listed = book["run_id"], book["outputs"]
        named = {item["path"] for item in listed}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    found = [
        item
        for item in ledger.outputs(folder.final)
        if item["path"] in named or item["path"].partition("/")[0] in OWN_ENTRIES
    ]
    if found != listed:
        return False
    stored = storing.stored_ledger(request, run_id)
    return stored is not None and ledger.render(stored) == text
