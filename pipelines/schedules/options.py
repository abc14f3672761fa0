"""The options of a run that a schedule gives, so that they mean the same in whatever folder it is started."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipelines.address import is_address
from pipelines.errors import UsageError
from pipelines.period import LAST
from pipelines.run.request import OPTIONS, Option, Request
from pipelines.schedules.deployed import WAIT_MINUTES, Deployed

OF_THE_SCHEDULE = frozenset({"quarter", "as_at", "only", "until_signed_off", "revision"})
"""Options that a schedule decides by itself, or that are of one run: they would be wrong on the next night."""
LEFT_OPEN = tuple(option for option in OPTIONS if option.name not in OF_THE_SCHEDULE)
"""Options that the user of a schedule gives once."""


def checked(given: Mapping[str, Any], *, started: datetime, folder: Path) -> dict[str, Any]:
    """The options that differ from their defaults, with whole paths; the wait is that of a run by night.

    Args:
        given: option by name, as typed.
        started: the time now, since a request is not understood without.
        folder: that in which they were typed.

    Raises:
        UsageError: a value is not understood, or the export is not there.
    """
    asked = {option.name: given.get(option.name) for option in LEFT_OPEN}
    complete = {
        option.name: value if isinstance(value, bool | int) else whole(option, str(value), folder)
        for option in LEFT_OPEN
        if (value := asked[option.name]) not in (None, "", option.default)
    }
    request = Request.read({**complete, "quarter": LAST}, started=started)
    if isinstance(request.export, Path) and not request.export.exists():
        raise UsageError(f"There is no export {request.export}. Name the file or folder that is replaced every day.")
    if any("{{" in str(value) for value in complete.values()):
        raise UsageError("An option holds {{, which Prefect would fill in. Leave it out.")
    return {**complete, "wait": complete.get("wait", WAIT_MINUTES)}


def whole(option: Option, value: str, folder: Path) -> str:
    """The value, as a whole path where it is one: of a name or a path, where there is such a file."""
    if is_address(value):
        return value
    is_shipped = option.name == "source" and (files("schemas") / "sources" / f"{value}.toml").is_file()
    may_be_one = option.name in ("source", "return_profile") and (folder / value).exists() and not is_shipped
    if option.kind is Path or option.name == "export" or may_be_one:
        return str((folder / value).absolute())
    return value


def of_a_run(what: Deployed, options: Mapping[str, Any]) -> dict[str, Any]:
    """What ``hclic run`` is given for it: the options of the user and those of the schedule."""
    own: dict[str, Any] = {"quarter": what.quarter, "only": what.only, "until_signed_off": what.until_signed_off}
    return {**options, **{name: value for name, value in own.items() if value}}
