"""Which of DuckDB's functions a statement may use: those whose result rests on their arguments alone."""

from __future__ import annotations

import difflib
from collections import defaultdict
from functools import cache
from typing import Any

from pipelines.extract.steps.parsed import Node, StatementError, ask, expression, walk

TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
_OWN = frozenset({"as_at", "unnest"})
_CALLED_AS_COLUMNS = frozenset(
    {
        "current_catalog",
        "current_date",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "session_user",
        "user",
    }
)
"""Names that mean a function where there is no such column."""
_REACHING = frozenset(
    {
        "current_localtime",
        "current_localtimestamp",
        "current_setting",
        "getvariable",
        "json_serialize_plan",
        "json_serialize_sql",
        "json_deserialize_sql",
        "parse_duckdb_log_message",
        "version",
        "vector_type",
        "reservoir_quantile",
    }
)
"""Functions that reach a clock, chance or settings, although the catalogue calls them consistent."""
_CLOCK = frozenset({("age", 1)})
"""Functions that read the clock with so many arguments."""


def refuse_function(node: Node, line: int | None) -> None:
    """Refuse a call of a function that is not allowed.

    Raises:
        StatementError: it is not.
    """
    name, count = str(node["function_name"]).casefold(), len(node.get("children") or ())
    if name in _OWN:
        return
    known = _known()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise StatementError(
            f"there is no function {node['function_name']}.{f' Did you mean {near[0]}?' if near else ''}", line
        )
    if name not in _allowed() or (name, count) in _CLOCK:
        raise StatementError(
            f"the function {name} cannot be used here: a result must rest on the export alone"
            " (as_at() is the day of the export)",
            line,
        )


def refuse_called_as_column(node: Node, line: int | None) -> None:
    """Refuse a name that is a function where there is no such column.

    Raises:
        StatementError: it is one.
    """
    names = node["column_names"]
    if len(names) == 1 and str(names[0]).casefold() in _CALLED_AS_COLUMNS:
        raise StatementError(
            f"{names[0]} cannot be used here: a result must rest on the export alone (as_at() is the day of the"
            " export); if it is a column, write the name of its table and a dot before it",
            line,
        )


@cache
def _catalogue() -> dict[str, list[tuple[str, str | None, str | None]]]:
    """Kind, stability and definition of each function by name; table functions left out."""
    found: dict[str, list[tuple[str, str | None, str | None]]] = defaultdict(list)
    rows: list[tuple[Any, ...]] = ask(
        "select function_name, function_type, stability, macro_definition from duckdb_functions()"
        " where function_type in ('scalar', 'aggregate', 'macro')"
    )
    for name, kind, stability, definition in rows:
        found[name.casefold()].append((kind, stability, definition))
    return dict(found)


@cache
def _known() -> frozenset[str]:
    return frozenset(_catalogue())


@cache
def _made_with(name: str) -> tuple[Node, ...]:
    """The pieces of what a macro stands for."""
    definitions = [definition for kind, _, definition in _catalogue().get(name, ()) if kind == "macro" and definition]
    return tuple(node for one in definitions for node in walk(expression(one)))


def _is_allowed(name: str) -> bool:
    if name in _REACHING or name.startswith("__internal"):
        return False
    if any(stability not in (None, "CONSISTENT") for _, stability, _ in _catalogue().get(name, ())):
        return False
    for node in _made_with(name):
        if node.get("class") == "SUBQUERY" or node.get("type") == "TABLE_FUNCTION":
            return False
        if node.get("class") == "COLUMN_REF" and node["column_names"][-1].casefold() in _CALLED_AS_COLUMNS:
            return False
        # json_group_object refuses a null key with error().
        used = str(node["function_name"]).casefold() if node.get("class") == "FUNCTION" else name
        if used not in (name, "error") and not _is_allowed(used):
            return False
    return name not in _CALLED_AS_COLUMNS


@cache
def _allowed() -> frozenset[str]:
    return frozenset(name for name in _known() if _is_allowed(name))


@cache
def aggregates() -> frozenset[str]:
    """Names of the functions that make one value of many rows; macros of them too."""
    own = {name for name, kinds in _catalogue().items() if any(kind == "aggregate" for kind, _, _ in kinds)}
    macros = {name for name in _catalogue() if any(node.get("function_name") in own for node in _made_with(name))}
    more = {name for name in _catalogue() if any(node.get("function_name") in macros for node in _made_with(name))}
    return frozenset(own | macros | more)
