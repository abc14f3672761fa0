"""Groups of which a code chooses the element or type: written once in a profile, read as one group for each choice."""

from __future__ import annotations

from typing import Any

from schemas.returns.profile import ProfileError

Written = dict[str, Any]
"""A group as the profile writes it."""


def expanded(groups: list[Written]) -> list[Written]:
    """The groups, those with ``by`` and the groups within them once for each concrete element or type.

    Raises:
        ProfileError: ``by`` names no column, the path has no place for what it names, or a group within does not match
            on the column that decides.
    """
    found: list[Written] = []
    choices: dict[str, list[Written]] = {}
    for group in groups:
        name = str(group.get("name", group.get("section", "")))
        outer = choices.get(str(group.get("within", "")))
        for one in [group] if outer is None else _within(group, name, outer):
            chosen = _by_code(one, str(one.get("name", name)))
            if "by" in one:
                choices[str(one.get("name", name))] = chosen
            elif outer is not None:
                choices.setdefault(name, []).append(one)
            found += chosen
    return [{key: value for key, value in group.items() if key != _DECIDES} for group in found]


_DECIDES = "column that decides"


def _by_code(group: Written, name: str) -> list[Written]:
    if "by" not in group:
        return [group]
    given = {str(key): str(value) for key, value in group["by"].items()}
    column, other = given.pop("column", ""), given.pop("*", None)
    if not column or "{by}" not in str(group.get("path", "")):
        raise ProfileError(f"Group {name}: by needs the column whose code decides, and {{by}} in the path.")
    found = []
    for concrete in dict.fromkeys([*given.values(), *([other] if other is not None else [])]):
        one = {key: value for key, value in group.items() if key != "by"}
        one |= {"name": f"{name} as {concrete}", "path": str(group["path"]).replace("{by}", concrete)}
        if concrete == other:
            elsewhere = [code for code, value in given.items() if value != concrete]
            one["unless"] = {**group.get("unless", {}), column: elsewhere}
        else:
            codes = [code for code, value in given.items() if value == concrete]
            one["where"] = {**group.get("where", {}), column: codes}
        found.append(one | {_DECIDES: column})
    return found


def _within(group: Written, name: str, outer: list[Written]) -> list[Written]:
    """A group within one that a code chooses: in each choice, the rows with the code that leads to it."""
    found = []
    for around in outer:
        column = around[_DECIDES]
        if column not in group.get("match", []):
            raise ProfileError(f"Group {name}: match must name {column}, which decides about the group around it.")
        one = {**group, "name": f"{name} in {around['name']}", "within": around["name"], _DECIDES: column}
        for kind in ("where", "unless"):
            if column in around.get(kind, {}):
                one[kind] = {**group.get(kind, {}), column: around[kind][column]}
        found.append(one)
    return found
