"""The file that says who is told, how long before, and by which notifiers; and the file of contacts beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.side_files import read_rows

KINDS_OF_NOTIFIER: dict[str, dict[str, type]] = {
    "file": {"folder": str},
    "smtp": {"host": str, "port": int, "security": str, "sender": str, "ca_file": str},
    "webhook": {"url": str, "ca_file": str},
    "apprise": {},
}
"""Options of each kind of notifier. User, password, signing key and Apprise address come from the environment."""

SECURITY = ("starttls", "tls", "none")

# No blank, bracket, comma or control character: one address, which can end no line of a message.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_NUMBERS = ("bed_and_breakfast", "duty", "review", "deadline")


@dataclass(frozen=True)
class Near:
    """Days before a day from which it is told that the day is near; all are ours, and 0 tells it on the day."""

    bed_and_breakfast: int = 7
    duty: int = 7
    review: int = 7
    deadline: int = 10


@dataclass(frozen=True)
class Contacts:
    """Address by name of an officer or team; ``default`` for all others, ``returns`` for what concerns the return."""

    default: str
    returns: str
    by_name: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name as the contacts file has it, and address, by the name folded."""

    def of(self, officer: str | None, team: str | None) -> tuple[str, str]:
        """Whom it goes to, and the address: the officer, else the team, else the default one."""
        for name in (officer, team):
            if name and (found := self.by_name.get(_folded(name))):
                return found
        return "default", self.default


@dataclass(frozen=True)
class AlertConfig:
    """What ``alerts.toml`` says."""

    contacts: Contacts
    notifiers: tuple[tuple[str, Mapping[str, Any]], ...]
    """Kind and options of each notifier, in the order of the file."""
    near: Near = Near()
    days_back: int = 28
    deadlines: Mapping[Quarter, date] = field(default_factory=dict)
    """Last day for submitting the return, by quarter: MHCLG sets it for each round, and does not publish it."""


def read_config(path: Path) -> AlertConfig:
    """Read ``alerts.toml`` and the contacts that it names, which lie beside it.

    Raises:
        UsageError: either cannot be read or says something that is not understood. No address is repeated.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"The alerts file {path.name} cannot be read as text (UTF-8).") from None
    except tomllib.TOMLDecodeError:
        raise UsageError(f"The alerts file {path.name} is not TOML. See docs/alerts.md for an example.") from None
    said = _Said(path.name)
    said.only(given, {"recipients", "near", "days_back", "deadlines", "notifier"}, "")
    days_back = given.get("days_back", AlertConfig.days_back)
    if not _is_number(days_back):
        raise said.wrong("days_back must be a whole number of days, 0 or more")
    return AlertConfig(
        contacts=_contacts(said, path, given.get("recipients")),
        notifiers=_notifiers(said, path, given.get("notifier")),
        near=_near(said, given.get("near", {})),
        days_back=days_back,
        deadlines=_deadlines(said, given.get("deadlines", {})),
    )


@dataclass(frozen=True)
class _Said:
    name: str

    def wrong(self, what: str) -> UsageError:
        return UsageError(f"The alerts file {self.name}: {what}.")

    def only(self, given: Any, known: set[str], where: str) -> None:
        """Refuse what is no table, and an entry that there is not: a misspelt one would be passed over in silence."""
        if not isinstance(given, dict) or set(given) - known:
            raise self.wrong(f"{where or 'it'} can hold only {', '.join(sorted(known))}")

    def address(self, given: Any, where: str) -> str:
        if not isinstance(given, str) or not is_address(given):
            raise self.wrong(f"{where} must be one e-mail address, such as housing@council.example")
        return given


def is_address(text: str) -> bool:
    """Whether a text is one plain e-mail address."""
    return _ADDRESS.fullmatch(text) is not None and ".." not in text


def _contacts(said: _Said, path: Path, given: Any) -> Contacts:
    if given is None:
        raise said.wrong("it needs [recipients] with a default address")
    said.only(given, {"default", "returns", "contacts"}, "[recipients]")
    default = said.address(given.get("default"), "default in [recipients]")
    returns = said.address(given.get("returns", default), "returns in [recipients]")
    by_name: dict[str, tuple[str, str]] = {}
    if "contacts" in given:
        if not isinstance(given["contacts"], str):
            raise said.wrong("contacts in [recipients] must be the path of a CSV file")
        rows = read_rows(path.parent / given["contacts"], ("name", "address"), what="contacts file", error=UsageError)
        for row in rows:
            name, address = row.cells["name"], row.cells["address"]
            if not name:
                raise UsageError(f"{row.at('name')}: it is empty. Write the officer or team as in the export.")
            if not is_address(address):
                raise UsageError(f"{row.at('address')}: this is not one e-mail address. Write it without a name.")
            if by_name.get(_folded(name), (name, address))[1] != address:
                raise UsageError(f"{row.at('name')}: this officer or team stands in the file twice. Keep one address.")
            by_name[_folded(name)] = (name, address)
    return Contacts(default, returns, by_name)


def _notifiers(said: _Said, path: Path, given: Any) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    if not isinstance(given, list) or not given:
        raise said.wrong("it needs at least one [[notifier]] with a kind: " + ", ".join(KINDS_OF_NOTIFIER))
    found: list[tuple[str, Mapping[str, Any]]] = []
    for entry in given:
        kind = entry.get("kind") if isinstance(entry, dict) else None
        if kind not in KINDS_OF_NOTIFIER:
            raise said.wrong("the kind of a [[notifier]] is one of " + ", ".join(KINDS_OF_NOTIFIER))
        if kind in {one for one, _ in found}:
            raise said.wrong(f"there can be one notifier of the kind {kind}")
        options = KINDS_OF_NOTIFIER[kind]
        said.only(entry, {"kind", *options}, f"the {kind} notifier")
        for name, value in entry.items():
            if name != "kind" and (type(value) is not options[name] or value == ""):
                raise said.wrong(f"{name} of the {kind} notifier must be {_WORDS[options[name]]}")
        found.append((kind, _checked(said, path, kind, {name: entry[name] for name in entry if name != "kind"})))
    return tuple(found)


_WORDS = {str: "text", int: "a whole number"}


def _checked(said: _Said, path: Path, kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    for name in ("folder", "ca_file"):
        if name in entry:
            entry[name] = path.parent / entry[name]
    if kind == "file" and "folder" not in entry:
        raise said.wrong("the file notifier needs a folder")
    if kind == "smtp":
        if "host" not in entry or re.search(r"[^A-Za-z0-9.:-]", entry["host"]):
            raise said.wrong("the smtp notifier needs a host, such as mail.council.example")
        said.address(entry.get("sender"), "sender of the smtp notifier")
        if entry.setdefault("security", "starttls") not in SECURITY:
            raise said.wrong(f"security of the smtp notifier is one of {', '.join(SECURITY)}")
    return entry


def _near(said: _Said, given: Any) -> Near:
    said.only(given, set(_NUMBERS), "[near]")
    if not all(_is_number(value) for value in given.values()):
        raise said.wrong("each entry of [near] must be a whole number of days, 0 or more")
    return Near(**given)


def _deadlines(said: _Said, given: Any) -> dict[Quarter, date]:
    if not isinstance(given, dict) or not all(type(day) is date for day in given.values()):
        raise said.wrong('[deadlines] holds a day by quarter, such as "2025-Q4" = 2026-02-06')
    return {Quarter.parse(quarter): day for quarter, day in given.items()}


def _is_number(value: Any) -> bool:
    return type(value) is int and value >= 0


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
