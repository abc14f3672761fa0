"""The options of a run as the warehouse remembers them: the same run can be asked for again, from any folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.address import is_address
from pipelines.emit.returns.source import SOURCE
from pipelines.place import is_lake
from pipelines.run.request import OPTIONS
from schemas.returns import shipped_profiles
from schemas.sources import profile_names


def from_anywhere(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Value by option, with whole paths in place of those that begin at the folder in which the run was started."""
    return {name: str(Path(value).absolute()) if _is_path(name, value) else value for name, value in typed.items()}


def _is_path(name: str, value: object) -> bool:
    if not isinstance(value, str) or not value:
        return False
    if name == "export":
        return not is_address(value)
    if name == "source":
        return value != SOURCE and value not in profile_names()
    if name == "return_profile":
        return value not in shipped_profiles()
    return name in _PATHS and not is_lake(value)


_PATHS = frozenset(one.name for one in OPTIONS if one.kind is Path)
