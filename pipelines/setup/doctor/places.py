"""Folders and files: may they be written, who may read them, is there room, does git leave them alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipelines import private
from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning

ROOM = 500 * 2**20
"""Bytes that a run of the largest authority needs beside its warehouse: outputs, run database, what DuckDB spills."""
TIMES = 3
"""A migration and a backup each make a whole copy of the warehouse."""
MOST_FILES = 20_000
"""Files of the output folder that are looked at."""


def look(machine: Machine) -> Iterator[Line]:
    """The folders of the warehouse and of the outputs, then their files, then the room they have."""
    folders = list(dict.fromkeys((machine.warehouse.absolute().parent, machine.out.absolute())))
    for folder in folders:
        yield from _folder(folder)
    yield from _files(machine)
    yield from _room(machine, folders)
    for folder in folders:
        yield from _git(folder)


def _folder(folder: Path) -> Iterator[Line]:
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir():
        yield fault("folder", f"{there} is a file where a folder is needed.", "Name another folder.")
        return
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".hclic-doctor-"):
            pass
    except OSError:
        yield fault(
            "folder", f"{there} cannot be written.", "Give the account that runs hclic the right to write there."
        )
        return
    if there != folder:
        yield ok("folder", f"{folder} is not there yet; it can be made.")
    elif private.is_private(folder) is None:
        todo = "In its properties, Security: let nobody read it but who makes the return; hclic cannot do that here."
        yield warning("folder", f"{folder}: who may read it is not looked at on Windows.", todo)
    elif not private.is_private(folder):
        yield warning("folder", f"Others may look into {folder}.", f"chmod 700 {folder}")
    else:
        yield ok("folder", f"{folder} can be written, and only its owner may look into it.")


def _files(machine: Machine) -> Iterator[Line]:
    if os.name != "posix":
        return
    beside = machine.warehouse.parent
    own = [path for path in beside.glob(f"{machine.warehouse.name}*") if path.is_file()] if beside.is_dir() else []
    below = (
        islice((path for path in machine.out.rglob("*") if path.is_file()), MOST_FILES) if machine.out.is_dir() else ()
    )
    found, open_to_others = 0, list[Path]()
    for path in (*own, *below):
        found += 1
        if not private.is_private(path):
            open_to_others.append(path)
    if open_to_others:
        named = ", ".join(sorted({path.name for path in open_to_others})[:3])
        yield fault(
            "files",
            f"Others may read {len(open_to_others):,} of {found:,} files, such as {named}.",
            f"chmod -R go= {machine.out} {machine.warehouse}*",
        )
    elif found:
        yield ok("files", f"{found:,} files: only their owner may read them.")


def _room(machine: Machine, folders: list[Path]) -> Iterator[Line]:
    size = machine.warehouse.stat().st_size if machine.warehouse.is_file() else 0
    need, seen = TIMES * size + ROOM, set[int]()
    for folder in folders:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        device = there.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(there).free
        words = f"{_size(free)} are free on the disk of {there}; {_size(need)} are needed."
        if free < size + ROOM:
            yield fault("room", words, "Make room before the next run.")
        elif free < need:
            yield warning("room", words, "Make room before the next migration or backup, which copies the warehouse.")
        else:
            yield ok("room", words)


def _size(number: int) -> str:
    return f"{number / 2**30:,.1f} GB" if number >= 2**30 else f"{number / 2**20:,.0f} MB"


def _git(folder: Path) -> Iterator[Line]:
    if not any((one / ".git").exists() for one in (folder, *folder.parents)) or shutil.which("git") is None:
        return
    there = next(one for one in (folder, *folder.parents) if one.exists())
    asked = ["git", "-C", str(there), "check-ignore", "--quiet", str(folder / "file")]
    done = subprocess.run(asked, capture_output=True, check=False, timeout=20)
    if done.returncode == 1:
        todo = "Leave it out in .gitignore as hclic init does, or move it: git forgets nothing."
        yield fault("git", f"git would take up case data in {folder}.", todo)
    elif done.returncode == 0:
        yield ok("git", f"git leaves {folder} alone.")
