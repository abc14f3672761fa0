"""The manifest of a fleet: which authorities are run, and with which options of a run.

It is a CSV with one row per run and one column per option of ``hclic run`` (authority, export, source, quarter, …), or
a pattern of paths such as ``exports/{authority}/{quarter}``. Paths in a CSV start from the folder that it lies in. All
that is wrong with it is found before anything runs, and told at once.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.authority import check_authority
from pipelines.emit.returns.source import SOURCE
from pipelines.errors import HclicError, UsageError
from pipelines.place import is_lake
from pipelines.run.request import OPTIONS, Option, Request, settled
from pipelines.schedules.options import whole
from schemas.sources import ProfileError, load

OF_THE_COMMAND = frozenset({"out", "warehouse"})
"""Options that are the same for all rows: the command has them."""
COLUMNS: Mapping[str, Option] = {option.name: option for option in OPTIONS if option.name not in OF_THE_COMMAND}
"""What a column may be called."""
WAREHOUSE = "warehouse.duckdb"
"""Name of an authority's own warehouse, in its folder of the outputs."""

AUTHORITY, QUARTER = "{authority}", "{quarter}"
SHOWN = 100
"""Errors that are shown; how many more there are is said."""

_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_CODE = r"[A-Za-z]\d{8}"


@dataclass(frozen=True)
class Row:
    """One run of a fleet: where it is asked for, its options as ``Request.read`` takes them, and its export's bytes."""

    where: str
    authority: str
    quarter: str
    options: Mapping[str, Any]
    size: int | None = None
    """None of a database, which is not asked before its run."""

    @property
    def key(self) -> str:
        """What the run is known by within the fleet."""
        return f"{self.authority} {self.quarter}"


def plan(
    manifest: str, given: Mapping[str, Any], *, out: Path, warehouse: str | None, started: datetime, folder: Path
) -> tuple[Row, ...]:
    """Every run that the manifest asks for, the largest export first: what ends last is then small.

    Args:
        manifest: path of a CSV, or a pattern.
        given: options of a run by name, as typed, that hold for each row that does not say otherwise.
        out: folder for the outputs of all.
        warehouse: that of all; None where each authority has a file of its own, ``OUT/<authority>/warehouse.duckdb``.
        started: the time now: no day of a manifest may lie behind it.
        folder: that in which pattern and options were typed.

    Raises:
        UsageError: the manifest cannot be read, or anything in it is wrong: every error, with its line.
    """
    common = {name: _whole(COLUMNS[name], value, folder) for name, value in given.items() if _is_given(name, value)}
    is_pattern = AUTHORITY in manifest
    asked, wrong = _found(manifest, common, folder) if is_pattern else _listed(Path(manifest))
    rows: list[Row] = []
    first_of: dict[tuple[str, str], str] = {}
    for where, own in asked:
        options = settled({**common, **own}, started)
        try:
            row = _row(where, options, out.absolute(), warehouse, started)
        except HclicError as error:
            wrong.append(f"{where}: {error}")
            continue
        before = first_of.setdefault((row.authority, row.quarter), where)
        if before != where:
            wrong.append(f"{where}: the same authority and quarter as {before}. Each is run once.")
        rows.append(row)
    if wrong:
        raise UsageError(_told(wrong))
    if not rows:
        nothing = "no export is found by the pattern" if is_pattern else "the manifest has no rows"
        raise UsageError(f"Nothing to run: {nothing}.")
    return tuple(sorted(rows, key=lambda row: (row.size is not None, -(row.size or 0), row.key)))


def own_warehouse(out: Path, authority: str) -> Path:
    """Where the warehouse of an authority lies that shares none: in its folder of the outputs."""
    return out / authority / WAREHOUSE


def is_shared_file(warehouse: str | None) -> bool:
    """Whether all rows write one DuckDB file, and so can only be run one after the other."""
    return warehouse is not None and not is_lake(warehouse)


def _is_given(name: str, value: Any) -> bool:
    return name in COLUMNS and value not in (None, "", COLUMNS[name].default)


def _told(wrong: Sequence[str]) -> str:
    head = "The manifest has 1 error" if len(wrong) == 1 else f"The manifest has {len(wrong):,} errors"
    more = [f"  … and {len(wrong) - SHOWN:,} more"] if len(wrong) > SHOWN else []
    return "\n".join([f"{head}; nothing was run:", *(f"  {one}" for one in wrong[:SHOWN]), *more])


def _listed(path: Path) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """What each row of a CSV asks for, by its line; and what is wrong with it already."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            numbered = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise UsageError(
            f"There is no manifest {path}. Name a CSV with the columns authority, export, source and quarter, or a"
            f" pattern such as exports/{AUTHORITY}/{QUARTER}."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error):
        raise UsageError(f"The manifest {path} cannot be read as CSV (UTF-8, commas between the columns).") from None
    if not numbered:
        raise UsageError(f"The manifest {path} is empty: its first line names the columns.")
    (_, head), *body = numbered
    columns = [name.strip().casefold().replace("-", "_").replace(" ", "_") for name in head]
    if wrong := list(_wrong_columns(columns)):
        raise UsageError(_told([f"line 1: {one}" for one in wrong]))
    folder, asked = path.absolute().parent, []
    for line, cells in body:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"line {line}"
        if len(cells) != len(columns):
            wrong.append(f"{where}: it has {len(cells)} cells, and the first line names {len(columns)} columns.")
            continue
        own: dict[str, Any] = {}
        for name, cell in zip(columns, cells, strict=True):
            if (text := cell.strip()) == "":
                continue
            try:
                own[name] = _whole(COLUMNS[name], text, folder)
            except UsageError as error:
                wrong.append(f"{where}: {error}")
        asked.append((where, own))
    return asked, wrong


def _wrong_columns(columns: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(columns, 1):
        if name in OF_THE_COMMAND:
            yield f"column {place} is {name}, which is the same for all: give it to the command, as --{name}."
        elif name not in COLUMNS:
            yield f"column {place} is no option of a run. There can be: {', '.join(COLUMNS)}."
        elif name in columns[: place - 1]:
            yield f"column {place} is {name} again."
    if "authority" not in columns:
        yield "there is no column authority."


def _found(pattern: str, common: Mapping[str, Any], folder: Path) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """What each path asks for that the pattern finds; and those where the code is none."""
    if pattern.count(AUTHORITY) > 1 or pattern.count(QUARTER) > 1:
        raise UsageError(f"A pattern names {AUTHORITY} once, and {QUARTER} once or not at all.")
    if QUARTER not in pattern and not common.get("quarter"):
        raise UsageError(f"Which quarter? The pattern holds no {QUARTER}: add --quarter.")
    named = pattern.replace(QUARTER, str(common["quarter"])) if common.get("quarter") else pattern
    whole_pattern = str(folder / named)
    if any(sign in whole_pattern for sign in "*?["):
        raise UsageError(f"A pattern holds {AUTHORITY} and {QUARTER}, and no other signs such as * or [.")
    fits = re.compile(
        re.escape(whole_pattern)
        .replace(re.escape(AUTHORITY), r"(?P<authority>[^/\\]+)")
        .replace(re.escape(QUARTER), r"(?P<quarter>[^/\\]+)")
    )
    anchor = Path(whole_pattern).anchor
    within = whole_pattern.replace(AUTHORITY, "*").replace(QUARTER, "*").removeprefix(anchor)
    asked, wrong = [], []
    for path in sorted(Path(anchor or ".").glob(within)):
        said = fits.fullmatch(str(path))
        if said is None or any(part.startswith(".") for part in said.groups()):
            continue
        where = str(path.relative_to(folder) if path.is_relative_to(folder) else path)
        if not re.fullmatch(_CODE, said["authority"]):
            wrong.append(f"{where}: what stands for {AUTHORITY} is no GSS code such as E06000034.")
            continue
        own = {"export": str(path), "authority": said["authority"]}
        asked.append((where, own | ({"quarter": said["quarter"]} if "quarter" in said.groupdict() else {})))
    return asked, wrong


def _whole(option: Option, value: Any, folder: Path) -> Any:
    """The value as ``Request.read`` takes it: a path whole, yes and no as a switch.

    Raises:
        UsageError: a switch that is neither.
    """
    if isinstance(value, bool | int):
        return value
    if option.kind is bool:
        if value.casefold() not in _YES_NO:
            raise UsageError(f"{option.name} is yes or no.")
        return _YES_NO[value.casefold()]
    return whole(option, str(value), folder)


def _row(where: str, options: Mapping[str, Any], out: Path, warehouse: str | None, started: datetime) -> Row:
    """The run of one row, tried as far as can be without reading the export.

    Raises:
        UsageError: anything in it that no run would take.
    """
    missing = [option.name for option in COLUMNS.values() if option.is_required and not options.get(option.name)]
    if missing:
        raise UsageError(f"there is no {' and no '.join(missing)}.")
    code = check_authority(COLUMNS["authority"].read(options["authority"]))
    if warehouse is None:
        store = str(own_warehouse(out, code))
    else:
        store = warehouse if is_lake(warehouse) else str(Path(warehouse).absolute())
    options = {**options, "authority": code, "out": str(out), "warehouse": store}
    request = Request.read(options, started=started)
    request.check_days()
    for name, option in COLUMNS.items():
        path = getattr(request, name)
        if isinstance(path, Path) and not path.exists():
            raise UsageError(f"there is no file or folder {path} ({option.name}).")
    if request.source != SOURCE:
        _check_source(request.source)
    if request.return_profile != COLUMNS["return_profile"].default and not Path(request.return_profile).exists():
        raise UsageError("there is no such return profile: provisional, or the folder of an official pack.")
    size = _bytes_of(request.export) if isinstance(request.export, Path) else None
    return Row(where, code, str(request.quarter), {**options, "quarter": str(request.quarter)}, size)


@cache
def _check_source(name: str) -> None:
    try:
        load(name)
    except ProfileError as error:
        raise UsageError(str(error)) from None


def _bytes_of(export: Path) -> int:
    if export.is_file():
        return export.stat().st_size
    return sum(one.stat().st_size for one in export.rglob("*") if one.is_file())
