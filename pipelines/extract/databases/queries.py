"""What a profile asks of a database: its queries, and whole tables where it names a table and no query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pipelines.errors import UsageError
from pipelines.extract.databases.listing import TABLE_NAME
from pipelines.extract.steps.plan import plan_of
from schemas.sources import Profile, Table


@dataclass(frozen=True)
class Query:
    """One thing asked; its result is the file ``<name>.parquet``."""

    name: str
    sql: str = ""
    table: tuple[str, ...] = ()
    """In place of ``sql``: the table or view that is read whole, ``("schema", "table")`` or its name alone."""
    optional: bool = False
    """Whether the table may be missing."""

    @property
    def words(self) -> str:
        """What messages call it."""
        return f"the {'table' if self.table else 'query'} {self.name}"


def queries_of(profile: Profile) -> tuple[Query, ...]:
    """Everything that the profile reads from a database, each once, in the order of the profile.

    Raises:
        UsageError: the profile names files in a way that no database has, or nothing at all.
    """
    found = {name.casefold(): Query(name, sql) for name, sql in profile.queries.items()}
    direct = tuple(table for table in profile.tables if not table.source)
    for table in (*direct, *plan_of(profile).files):
        name = table.file or ""
        if not name or table.sheet:
            raise UsageError(
                f"The source profile's {table.label} is a sheet, and a database has none. Name a table of the database"
                " by file, or a query under [queries]."
            )
        if name.casefold() in found:
            known = found[name.casefold()]
            if known.table and known.optional and not table.optional:
                found[name.casefold()] = Query(known.name, table=known.table)
            continue
        if _is_pattern_of(table, profile):
            continue
        if not TABLE_NAME.fullmatch(name):
            raise UsageError(
                f"The source profile's file {name} is no name of a table. A database is asked for tables by their whole"
                " names, or by queries under [queries]."
            )
        found[name.casefold()] = Query(name, table=tuple(name.split(".")), optional=table.optional)
    return tuple(found.values())


def _is_pattern_of(table: Table, profile: Profile) -> bool:
    """Whether its file is a pattern that queries of the profile fit."""
    pattern = (table.file or "").casefold()
    if not re.search(r"[*?\[]", pattern):
        return False
    return any(fnmatchcase(name.casefold(), pattern) for name in profile.queries)
