"""Runs killed at random moments, and what must be true after each kill and after the run that follows."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from pipelines.run.steps import STEPS
from pipelines.warehouse import chain
from tests.faults.forked import AUTHORITY, OTHER_EXPORT, QUARTER, Runs

WRITES = 70
"""The run opens about as many files to write, renames and removes them."""
IN_A_ROW = 8
"""How many times in a row a run is killed at most, before one is left to end."""
_NUMBER = {step.name: number for number, step in enumerate(STEPS)}
# Their zip entries are stamped by the clock.
STAMPED = ".xlsx"


def kill(chance: Random, longest: float, first: int = 0) -> dict[str, Any]:
    """How the next run is killed: at a write, where a step is about to be committed or has been, or at any time.

    Args:
        chance: what is drawn from.
        longest: seconds of processor time that a run takes.
        first: number of the step where the run goes on; those before it are done.
    """
    kind = chance.choice(["write", "write", "behind", "at", "cpu"])
    if kind == "write":
        return {"write": chance.randint(1, WRITES)}
    if kind == "cpu":
        return {"cpu": chance.uniform(0.001, longest)}
    return {kind: chance.choice(STEPS[first:]).name}


def contents(out: Path) -> dict[str, bytes]:
    """What stands in the folder of the outputs, but for what the clock stamps."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.suffix != STAMPED:
            text = path.read_bytes()
            if path.name == "ledger.json":
                book = json.loads(text)
                book["outputs"] = [item for item in book["outputs"] if not item["path"].endswith(STAMPED)]
                text = json.dumps(book).encode()
            found[path.relative_to(out).as_posix()] = text
    return found


@dataclass
class Killing:
    """A folder with the outputs of a run, over which the run of another export is killed again and again."""

    server: Runs
    place: Path
    chance: Random
    kills: int = 0
    rounds_done: Callable[[Killing], None] = lambda killing: None
    """Called after each round."""

    def prepare(self) -> None:
        """Make the older outputs, and the newer ones undisturbed."""
        self.older = self.place / "older"
        assert self.server.run(self.older).status == 0
        newer = Path(shutil.copytree(self.older, self.place / "newer"))
        self.status = self.server.run(newer, export=OTHER_EXPORT).status
        assert self.status in (0, 1)
        self.expected = contents(newer / AUTHORITY / QUARTER)
        self.files = names(newer)
        self.references = references(newer)

    def rounds(self, wanted: int, longest: float) -> Iterator[str]:
        """Kill until there were as many kills; gives what was found wrong in each round, and nothing if all is well."""
        while self.kills < wanted:
            out = Path(shutil.copytree(self.older, self.place / "killed"))
            told: list[str] = []
            first = 0
            for _ in range(IN_A_ROW):
                how = kill(self.chance, longest, first)
                last = self.server.run(out, export=OTHER_EXPORT, **how)
                first = max(first, *(_NUMBER[how[one]] for one in ("at", "behind") if one in how), 0)
                if not last.is_killed:
                    # It had ended before: of what had gone on little was left to do.
                    break
                self.kills += 1
                told.append(str(how))
                if not is_whole(out / AUTHORITY / QUARTER):
                    yield f"{told}: no whole folder stands there"
            else:
                last = self.server.run(out, export=OTHER_EXPORT)
            if last.status != self.status:
                yield f"{told}: the next run ended with {last.status}: {last.errors}"
            yield from (f"{told}: {words}" for words in self.wrong(out))
            shutil.rmtree(out)
            self.rounds_done(self)

    def wrong(self, out: Path) -> Iterator[str]:
        """What is not as an undisturbed run leaves it."""
        found = contents(out / AUTHORITY / QUARTER)
        different = sorted(name for name in found | self.expected if found.get(name) != self.expected.get(name))
        if different:
            yield f"other bytes in {', '.join(different)}"
        if names(out) != self.files:
            yield f"left behind: {sorted(names(out) ^ self.files)}"
        if references(out) != self.references:
            yield "references moved"
        with duckdb.connect(str(out / "warehouse.duckdb"), read_only=True) as con:
            results = {row[0] for row in con.execute("select result from runs").fetchall()}
            if not results <= {"clean", "blocked"}:
                yield f"runs that are called {results}"
            yield from (fault.words for fault in chain.verify(con))


def names(out: Path) -> set[str]:
    """Every file and folder."""
    return {path.relative_to(out).as_posix() for path in out.rglob("*")}


def references(out: Path) -> list[tuple[Any, ...]]:
    """The map of references in the warehouse."""
    with duckdb.connect(str(out / "warehouse.duckdb"), read_only=True) as con:
        return con.execute("select la_code, local_ref, case_ref from reference_map order by all").fetchall()


def is_whole(folder: Path) -> bool:
    """Whether all files are there that the ledger names, with the bytes that it names, and no others."""
    try:
        listed = {one["path"]: one["sha256"] for one in json.loads((folder / "ledger.json").read_bytes())["outputs"]}
        found = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "ledger.json"
        }
    except (OSError, ValueError):
        return False
    return listed == found
