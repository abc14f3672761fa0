"""Queries of a source profile: what a database is asked for, in its own SQL. Each is one ``select``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemas.sources.checked import mapping
from schemas.sources.errors import ProfileError
from schemas.sources.profile import Table

_NAME = re.compile(r"\w(?:[\w .$#&-]{0,98}\w)?")
_PIECE = re.compile(
    r"""--[^\n]*|/\*(?!!|M!).*?\*/          # comments; not MySQL's, which are carried out
    |\$(?P<tag>\w*)\$.*?\$(?P=tag)\$         # PostgreSQL's texts between dollars
    |'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]
    |(?P<word>[A-Za-z_]\w*)(?P<call>\s*\()?
    |(?P<other>\S)""",
    re.DOTALL | re.VERBOSE,
)
_BEGINS = ("select", "with")
_CHANGES = frozenset(
    (
        "alter",
        "analyze",
        "attach",
        "backup",
        "begin",
        "call",
        "commit",
        "copy",
        "create",
        "dbcc",
        "declare",
        "delete",
        "deny",
        "detach",
        "drop",
        "exec",
        "execute",
        "explain",
        "grant",
        "insert",
        "install",
        "into",
        "kill",
        "load",
        "lock",
        "merge",
        "pragma",
        "rename",
        "replace",
        "restore",
        "revoke",
        "rollback",
        "savepoint",
        "set",
        "shutdown",
        "truncate",
        "unlock",
        "update",
        "upsert",
        "use",
        "vacuum",
        "waitfor",
    )
)
"""Words that no ``select`` needs outside of quotes; with a bracket behind it, such a word is a function."""


def queries(data: Any) -> dict[str, str]:
    """Query by name, as ``[queries]`` gives them.

    Raises:
        ProfileError: one is no text, has a name that no file can have, or is not one ``select``.
    """
    found = {}
    for name, text in mapping(data, "[queries]").items():
        if not isinstance(text, str) or not text.strip():
            raise ProfileError(f'[queries], {name}: a query is a text; write it between """ and """.')
        if not _NAME.fullmatch(str(name)):
            raise ProfileError(f"[queries], {name}: a query's name is letters, digits, spaces and _ - . only.")
        found[str(name)] = one_select(str(name), text)
    return found


def one_select(name: str, text: str) -> str:
    """The query without a semicolon at its end.

    Raises:
        ProfileError: it is not one ``select`` that changes nothing.
    """
    place = f"[queries], {name}"
    sql = text.strip()
    pieces = list(_pieces(sql, place))
    while pieces and pieces[-1][0] == ";":
        sql = sql[: pieces.pop()[1]].rstrip()
    words = [piece for piece, _ in pieces]
    if not words or words[0].casefold() not in _BEGINS:
        raise ProfileError(f"{place}: a query is one select; a source is only read.")
    if ";" in words:
        raise ProfileError(f"{place}: a query is one select; this is several statements.")
    for word in words:
        if word.casefold() in _CHANGES:
            raise ProfileError(
                f'{place}: a query is one select that changes nothing, so "{word}" has no place in it; a column of that'
                " name stands in quotes."
            )
    return sql


def _pieces(sql: str, place: str) -> Iterator[tuple[str, int]]:
    """Words (functions left out) and marks of the query, outside of texts and comments, with their positions."""
    for match in _PIECE.finditer(sql):
        if match["word"] and not match["call"]:
            yield match["word"], match.start()
        elif match["word"]:
            yield "()", match.start()
        elif match["other"] in ("'", '"', "`"):
            raise ProfileError(f"{place}: a quote is opened and not closed.")
        elif match["other"] == "/" and sql[match.start() : match.start() + 2] == "/*":
            raise ProfileError(f"{place}: a comment is not closed, or is one that MySQL carries out.")
        elif match["other"]:
            yield match["other"], match.start()


def read_directly(tables: tuple[Table, ...], named: Mapping[str, str]) -> tuple[Table, ...]:
    """The tables, those that read ``from`` a query as if its result were a file; one that several read stays shared."""
    folded = {name.casefold(): name for name in named}
    readers = Counter(table.source.casefold() for table in tables if table.source)
    return tuple(
        replace(table, file=folded[table.source.casefold()], source="")
        if readers[table.source.casefold()] == 1 and table.source.casefold() in folded
        else table
        for table in tables
    )
