"""The configuration, and whether what it names is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.address import is_address
from pipelines.errors import HclicError
from pipelines.run.request import OPTIONS
from pipelines.setup.configuration import NAME, is_path
from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning

_ABOUT = "configuration"
_MADE_BY_RUNS = frozenset({"out", "warehouse"})


def look(machine: Machine) -> Iterator[Line]:
    """The file is read, and each file or folder that it names is there."""
    said = machine.configuration
    if said is None:
        yield ok(_ABOUT, f"No {NAME} here: every option is typed. hclic init FOLDER makes a folder with one.")
        return
    if isinstance(said, HclicError):
        yield fault(_ABOUT, str(said), f"Correct {NAME}; hclic guide configuration explains it.")
        return
    assert said.path is not None
    yield ok(_ABOUT, f"{said.path} gives: {', '.join(said.names) or 'nothing'}.")
    for option in OPTIONS:
        value = said.get(option.name)
        if not isinstance(value, str) or not is_path(option) or option.name in _MADE_BY_RUNS or is_address(value):
            continue
        place = Path(value)
        if place.is_absolute() and not place.exists():
            what = f"{option.name} names {value}, which is not there."
            make = (
                f"Make one with: hclic profile draft EXPORT --out {value}"
                if option.name == "source"
                else "Put it there"
            )
            yield warning(_ABOUT, what, f"{make}, or take {option.name} out of {said.path.name}.")
        elif option.name == "export" and place.is_dir() and not any(place.iterdir()):
            yield warning(_ABOUT, f"{value} is empty.", "Put an export of your case-management system there.")
    if "authority" not in said.names:
        what = f"{said.path.name} does not say which authority it is for: every command has to be told."
        yield warning(_ABOUT, what, 'Write its code there, as in authority = "E06000034".')
