"""Every command that writes where people look moves its files there whole: seen by the system itself."""

from __future__ import annotations

import ast
import ctypes
import inspect
import json
import os
import struct
import sys
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer

from pipelines import cli
from tests.faults.forked import AUTHORITY, EXPORT, QUARTER, ROOT, Runs, runs

CASE = "E06000034_000000000001"
OF_A_RUN = ["--warehouse", "{warehouse}", "--authority", AUTHORITY, "--quarter", QUARTER]
OF_ALL = ["--warehouse", "{warehouse}", "--authority", AUTHORITY]
EXPORTED = [str(EXPORT), "--authority", AUTHORITY, "--source", "native"]

COMMANDS: dict[str, list[str]] = {
    "metrics": [*OF_A_RUN, "--out", "{out}"],
    "foi": [*OF_ALL, "--from", "2025-07", "--to", "2025-09", "--internal", "--out", "{out}/foi.csv"],
    "before-after": [*OF_A_RUN, "--from", "2025-01-01", "--out", "{out}/before.csv"],
    "cost": [*OF_A_RUN, "--out", "{out}"],
    "report": [*OF_A_RUN, "--internal", "--out", "{out}"],
    "tables": [*OF_A_RUN, "--explain", "--out", "{out}"],
    "p1e": [*OF_A_RUN, "--out", "{out}"],
    "worklists": [*OF_A_RUN, "--out", "{out}"],
    "mart": [*OF_A_RUN, "--out", "{out}"],
    "query": ["select 1 as one", *OF_ALL, "--out", "{out}/query.csv"],
    "qa": ["--warehouse", "{warehouse}", "--return", "{run}/return", "--out", "{out}"],
    "findings notes": [*OF_ALL, "--out", "{out}/notes.csv"],
    "people candidates": [*OF_ALL, "--out", "{out}"],
    "people numbers": [*OF_ALL, "--out", "{out}/numbers.csv"],
    "diff": ["{run}/return", "{run}/return", "--out", "{out}/differences.csv"],
    "compare": ["{id}", "{id}", "--warehouse", "{warehouse}", "--out", "{out}"],
    "reproduce": ["{id}", "--warehouse", "{warehouse}", "--out", "{out}"],
    "backup": ["--warehouse", "{warehouse}", "--to", "{out}"],
    "official compare": ["{response}", "--run-folder", "{run}", "--out", "{out}"],
    "profile draft": [str(EXPORT), "--out", "{out}/profile.toml"],
    "init": ["{out}", "--sample"],
    "deploy": [*EXPORTED, "--out", "{out}/outputs", "--folder", "{out}"],
    "deploy cron": [*EXPORTED, "--out", "{out}/outputs", "--folder", "{out}", "--without-prefect", "cron"],
}
"""Arguments by command; what follows the name of a command in a key says which way of it."""
WITH_FOLDERS = {"init"}
"""Commands that make folders in the folder: those are made before, so that the system can be asked to look at them."""

ELSEWHERE = {
    "run": "puts a whole folder in place: test_swap.py, test_surroundings.py",
    "revise": "is a run",
    "fleet run": "runs, and a summary that is written by whole.into: tests/fleet",
    "fleet check": "is fleet run",
    "fleet backup": "needs a PostgreSQL server; as backup: tests/fleet/test_backup.py",
    "published": "write_whole: tests/published",
    "reconcile": "needs a workbook of MHCLG's: tests/spine/test_reconcile.py",
    "synthesise": "needs a workbook of MHCLG's, and minutes",
    "forecast": "needs the extra; one file, written by whole.written",
    "people rekeyed": "writes nothing without such cases; one file, written by whole.written",
    "restore": "puts a file in place: tests/keeping/test_backup.py",
    "purge": "changes what runs left: tests/keeping/test_purge.py",
    "forget": "changes what runs left: tests/keeping",
    "dashboard": "a minute; whole.into, as the report",
    "subject": "half a minute; whole.into",
    "doctor": "writes only to try whether it can",
    "fleet tables": "needs a workbook of MHCLG's; whole.into: tests/fleet/test_england.py",
    "fleet compare": "needs several authorities; whole.into: tests/fleet/test_compare.py",
    "signoff": "the sheet is written by whole.into: tests/submission/test_sign_off.py",
}
"""Commands that name a place to write to and are not tried here, with the reason."""
NAMES_OF_PLACES = {"out", "to", "folder", "out_folder", "propose_headings"}


@pytest.fixture(scope="module")
def server() -> Iterator[Runs]:
    with runs() as started:
        yield started


@pytest.fixture(scope="module")
def given(server: Runs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A warehouse with one run, its outputs, and what else the commands read."""
    outputs = tmp_path_factory.mktemp("outputs")
    ended = server.run(outputs)
    assert ended.status == 0, ended.errors
    response = outputs.parent / "response.csv"
    response.write_text(f"Case reference,Error\n{CASE},Some error\n")
    run = outputs / AUTHORITY / QUARTER
    return {
        "warehouse": str(outputs / "warehouse.duckdb"),
        "run": str(run),
        "response": str(response),
        "id": json.loads((run / "ledger.json").read_text())["run_id"],
    }


@dataclass
class Seen:
    """Names of what came into folders: by being moved there, or otherwise."""

    moved: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


_CREATED, _MODIFIED, _MOVED_TO, _A_FOLDER = 0x100, 0x2, 0x80, 0x40000000


@contextmanager
def watched(folder: Path) -> Iterator[Seen]:
    """What happens in the folder, and in those in it, as the system tells (inotify)."""
    system = ctypes.CDLL(None, use_errno=True)
    handle = system.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    folders = [folder, *(entry for entry in folder.rglob("*") if entry.is_dir())]
    for one in folders:
        assert system.inotify_add_watch(handle, os.fsencode(one), _CREATED | _MODIFIED | _MOVED_TO) > 0
    seen = Seen()
    try:
        yield seen
        told = b""
        while True:
            try:
                told += os.read(handle, 1 << 16)
            except BlockingIOError:
                break
    finally:
        os.close(handle)
    at = 0
    while at < len(told):
        _, mask, _, length = struct.unpack_from("iIII", told, at)
        name = told[at + 16 : at + 16 + length].rstrip(b"\0").decode()
        at += 16 + length
        if not mask & _A_FOLDER:
            (seen.moved if mask & _MOVED_TO else seen.written).add(name)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what happens in a folder")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_moves_whole_files_to_where_people_look(
    command: str, server: Runs, given: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    places = {**given, "out": str(out)}
    arguments = [*command.removesuffix(" cron").split(), *COMMANDS[command]]
    line = [part.format(**places) if "{" in part else part for part in arguments]
    if command in WITH_FOLDERS:
        server.call(line)
        for path in [path for path in out.rglob("*") if path.is_file()]:
            path.unlink()

    with watched(out) as seen:
        ended = server.call(line)

    assert ended.status == 0, ended.errors
    # Who looks into a folder does not see what is hidden: locks, and what is not ready.
    assert {name for name in seen.written if not name.startswith(".")} == set()
    assert seen.moved, "nothing was written"
    assert list(out.rglob(".hclic-*")) == []
    loose = [path.name for path in out.rglob("*") if path.stat().st_mode & 0o077]
    assert loose == []


def commands(app: typer.Typer, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Every command and the options that name a place to write to."""
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands(group.typer_instance, (*path, str(group.name)))
    found = [(path, app.registered_callback.callback)] if app.registered_callback else []
    for one in app.registered_commands:
        assert one.callback is not None
        found.append(((*path, one.name or one.callback.__name__.replace("_", "-")), one.callback))
    for name, function in found:
        hints = typing.get_type_hints(function)
        parameters = set(inspect.signature(function).parameters) | set(hints)
        yield " ".join(name), parameters & NAMES_OF_PLACES


def test_every_command_that_names_a_place_to_write_to_is_tried_here_or_says_where() -> None:
    tried = {command.split()[0] for command in COMMANDS} | set(COMMANDS)
    missing = [
        name
        for name, places in commands(cli.app)
        if places and name and name not in tried and not {name, name.split()[0]} & set(ELSEWHERE)
    ]
    assert missing == []


WRITES = {
    "write_text", "write_bytes", "write_csv", "write_parquet", "write_json", "write_excel", "write_table", "copyfile",
    "copy2", "touch", "sink_csv", "sink_parquet",
}  # fmt: skip
"""Names of calls that write a file in place."""
RUN = "a run's folder, which is put in place whole"
MEMORY = "in memory"
CALLER = "its callers give a path of whole.into or whole.written, or of a run"
BELOW = {
    "docs.py": "pages of this repository",
    "emit/findings/files.py": "within whole.into",
    "emit/pages/rules.py": RUN,
    "emit/returns/write.py": RUN,
    "emit/tables/files.py": "within whole.into",
    "emit/tables/several.py": "within whole.into",
    "emit/workbooks/headings.py": MEMORY,
    "emit/workbooks/ods.py": CALLER,
    "emit/workbooks/relations.py": CALLER,
    "emit/workbooks/xlsx.py": CALLER,
    "extract/layouts.py": CALLER,
    "extract/shaped.py": "exports for tests and benchmarks",
    "finance/cost/build.py": "a private folder",
    "fleet/data_files.py": "a name that is moved when its digest is known, or a folder that is not yet in place",
    "fleet/england/write.py": "within whole.into",
    "fleet/one.py": "the system's own count of memory",
    "finance/mart/files.py": "within whole.into",
    "finance/mart/query.py": MEMORY,
    "keeping/files.py": "a hidden folder, from which the file is moved",
    "private.py": "the mark of a private folder",
    "published/command.py": "within whole.written",
    "published/kept.py": MEMORY,
    "report/word.py": MEMORY,
    "run/ledger.py": RUN,
    "run/lock.py": "the lock itself",
    "run/notes.py": RUN,
    "run/outputs.py": RUN,
    "run/sources.py": RUN,
    "run/writing.py": RUN,
    "schedules/writing.py": "within whole.into",
    "submission/sent.py": "a private folder",
    "synthesise/write.py": "within whole.into",
    "whole.py": "what is no file",
}
"""Modules that write a file at the path they are given, and why no reader finds half of it there."""


def writers() -> dict[str, list[int]]:
    """Lines of ``pipelines`` that write a file in place, outside a block of ``whole``, by module."""
    found: dict[str, list[int]] = {}
    for path in sorted((ROOT / "pipelines").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        covered = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.With) and any(is_whole(item.context_expr) for item in node.items)
            for inner in ast.walk(node)
        }
        outside = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and writes(node) and node not in covered
        ]
        if outside:
            found[str(path.relative_to(ROOT / "pipelines"))] = outside
    return found


def is_whole(call: ast.expr) -> bool:
    name = call.func if isinstance(call, ast.Call) else None
    return (isinstance(name, ast.Name) and name.id in ("into", "written")) or (
        isinstance(name, ast.Attribute) and name.attr in ("into", "written")
    )


def writes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("open", "ZipFile"):
        given = [*call.args, *(word.value for word in call.keywords)]
        modes = {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        is_new = any(
            isinstance(part, ast.Attribute) and part.attr == "O_CREAT" for one in given for part in ast.walk(one)
        )
        return is_new or any(mode.strip("bt+") in ("w", "x", "a") for mode in modes)
    return name in WRITES and not (name == "write_csv" and not call.args)


def test_no_other_module_writes_a_file_in_place() -> None:
    """A new one goes through ``whole``, or gives its reason here."""
    found = writers()

    assert {module: lines for module, lines in found.items() if module not in BELOW} == {}
    assert sorted(set(BELOW) - set(found)) == []
