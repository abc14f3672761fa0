"""``hclic.toml``: what a folder's commands take as given, so that it need not be typed each time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipelines.address import is_address
from pipelines.errors import UsageError
from pipelines.place import is_lake
from pipelines.run.request import OPTIONS, Option

NAME = "hclic.toml"
VARIABLE = "HCLIC_CONFIG"
"""Name in the environment: the configuration file, where it is not ``hclic.toml`` of the current folder."""

SHARED = ("authority", "warehouse")
"""Said at the head of the file: the warehouse holds for every command, the authority for those that need one."""
SECTION = "run"
AS_RUN = ("run", "check", "deploy", "doctor")
"""Commands that take all of the section that they have an option for."""
AT_OUT = ("signoff",)
"""Groups of commands whose ``--out`` is that of the run: elsewhere it is a folder for what is written."""
WHERE_OUTPUTS_ARE = {"purge": "out", "forget": "out", "subject": "outputs"}
"""Option by command that searches what runs wrote: without it, it would look beside the warehouse alone."""
ONE_RUN_ONLY = frozenset({"as_at", "exclude_cases_with_errors", "revision", "only", "until_signed_off"})
"""Options that are decided for one run: in a file they would go on in silence."""

_FOLDERS_OR_NAMES = ("source", "return_profile")
"""Options that are a name or a path."""


@dataclass(frozen=True)
class Configuration:
    """What a file says: option by name, as it would be typed. Paths are complete."""

    path: Path | None = None
    shared: Mapping[str, str] = field(default_factory=dict)
    of_run: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every option that the file names."""
        return (*self.shared, *self.of_run)

    def get(self, name: str) -> Any:
        """What the file says of an option of a run; None where it says nothing."""
        return self.shared.get(name, self.of_run.get(name))


def find(given: Path | None, environment: Mapping[str, str], folder: Path) -> Path | None:
    """The file to read: the one that is named, in the command or in the environment, else ``hclic.toml`` of the folder.

    Raises:
        UsageError: one is named and is not there.
    """
    named = given or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            raise UsageError(
                f"There is no configuration file {named.name} where it was looked for. Name one that exists."
            )
        return named
    return folder / NAME if (folder / NAME).is_file() else None


def read(path: Path) -> Configuration:
    """What the file says. A path in it starts from the folder that it lies in.

    Raises:
        UsageError: the file cannot be read, names something that there is not, or gives it a value of another kind.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"The configuration {path.name} cannot be read as text (UTF-8).") from None
    except tomllib.TOMLDecodeError:
        raise UsageError(
            f'The configuration {path.name} is not TOML. Write one option a line, such as: authority = "E06000034"'
        ) from None
    section = said.pop(SECTION, {})
    if not isinstance(section, dict):
        raise UsageError(f"The configuration {path.name}: write [{SECTION}] on a line of its own, its options below.")
    options = {option.name: option for option in OPTIONS}
    folder = path.absolute().parent
    for name in said:
        if name not in SHARED:
            where = f" Write it below [{SECTION}]." if name in options else ""
            raise UsageError(
                f"The configuration {path.name} names at its head something that cannot stand there.{where}"
                f" There can stand: {', '.join(SHARED)}."
            )
    allowed = [name for name in options if name not in SHARED and name not in ONE_RUN_ONLY]
    for name in section:
        if name not in allowed:
            where = " Write authority and warehouse at its head." if name in SHARED else ""
            if name in ONE_RUN_ONLY:
                where = f" --{name.replace('_', '-')} is decided for one run: type it."
            raise UsageError(
                f"The configuration {path.name} names below [{SECTION}] something that cannot stand there.{where}"
                f" There can stand: {', '.join(allowed)}."
            )
    return Configuration(
        path,
        {name: _typed(options[name], value, folder, path) for name, value in said.items()},
        {name: _typed(options[name], value, folder, path) for name, value in section.items()},
    )


def _typed(option: Option, value: Any, folder: Path, path: Path) -> Any:
    """The value as it would be typed, of the kind of the option."""
    if isinstance(value, date) and not isinstance(value, datetime) and option.kind is str:
        value = value.isoformat()
    if type(value) is not (str if option.kind is Path else option.kind):
        expected = {bool: "true or false", int: "a whole number"}.get(option.kind, "words in quotation marks")
        raise UsageError(f"The configuration {path.name}: {option.name} must be {expected}.")
    return complete(option.name, value, folder) if isinstance(value, str) and is_path(option) else value


def is_path(option: Option) -> bool:
    """Whether what is typed is, or may be, a path."""
    return option.kind is Path or option.name == "export" or option.name in _FOLDERS_OR_NAMES


def complete(name: str, value: str, folder: Path) -> str:
    """A path of the file from the root on; a database's address, or the name of a shipped profile, as it is."""
    if (
        is_address(value)
        or is_lake(value)
        or (name in _FOLDERS_OR_NAMES and not Path(value).suffix and "/" not in value.replace("\\", "/"))
    ):
        return value
    return str(folder / value)


def defaults(configuration: Configuration, commands: Mapping[str, Any], group: str = "") -> dict[str, Any]:
    """Value by option by command, nested as the commands are: what the command line takes where nothing is typed."""
    return dict(_defaults(configuration, commands, group))


def _own_of(group: Any) -> set[str]:
    """The options that a group of commands takes itself, where it does something without one of them."""
    return {one.name for one in group.params if group.invoke_without_command and one.name == "warehouse"}


def _defaults(
    configuration: Configuration, commands: Mapping[str, Any], group: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, command in commands.items():
        if within := getattr(command, "commands", None):
            own = {key: value for key, value in configuration.shared.items() if key in _own_of(command)}
            yield name, own | defaults(configuration, within, name)
        elif not group and name in AS_RUN:
            has = {one.name for one in command.params}
            given = {key: configuration.get(key) for key in configuration.names if key in has}
            warehouse = given.get("warehouse", "")
            if name == "check" and not is_lake(warehouse) and not Path(warehouse).is_file():
                # It compares with the last run, and before the first one there is none.
                given.pop("warehouse", None)
            yield name, given
        else:
            takes = {one.name for one in command.params if one.required or one.name == "warehouse"}
            given = {key: value for key, value in configuration.shared.items() if key in takes}
            out = configuration.of_run.get("out")
            if out and group in AT_OUT:
                given["out"] = out
            elif out and not group and name in WHERE_OUTPUTS_ARE:
                given[WHERE_OUTPUTS_ARE[name]] = [out]
            yield name, given
