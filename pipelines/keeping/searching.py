"""Looking for values in files: in their bytes, inside archives and workbooks, and in every column of a database."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from pipelines.errors import HclicError
from pipelines.keeping import contents
from pipelines.keeping.tables import connect_to_read, tables
from pipelines.keeping.values import REFERENCE, Value

_BLOCK = 1 << 24
_DATABASE = b"DUCK"
_DEPTH = 3
# What stands around a cell: in CSV, XML, HTML and JSON, and the ends of a text.
_BEFORE, _AFTER = r"(?:^|[>\"',;\t|\n\r=:\[(])\s*", r"\s*(?:$|[<\"',;\t|\n\r\])])"
_WORD_BEFORE, _WORD_AFTER = r"(?<![\w])", r"(?![\w])"


@dataclass(frozen=True)
class Sought:
    """Values to look for. A hit is a value; what is told of it is its kind."""

    values: frozenset[Value]

    @cached_property
    def forms(self) -> dict[str, list[Value]]:
        """The values by each form in which a file may hold them, in small letters."""
        found: dict[str, list[Value]] = {}
        for value in self.values:
            for form in value.forms:
                found.setdefault(form, []).append(value)
        return found

    @cached_property
    def _patterns(self) -> list[str]:
        return sorted(self.forms)

    def in_texts(self, texts: pl.Series) -> set[Value]:
        """The values that some text holds: as a whole, or inside where they are long enough."""
        if not self.values or texts.is_empty():
            return set()
        lower = texts.cast(pl.String).drop_nulls().str.to_lowercase()
        # In whole words: what contains a value may be another one.
        found = lower.str.extract_many(self._patterns, overlapping=True)
        met = pl.DataFrame({"text": lower, "form": found}).explode("form").drop_nulls().unique()
        hits: set[Value] = set()
        for text, form in met.iter_rows():
            for value in self.forms[form]:
                if value not in hits and (
                    text.strip() == form or (value.is_sought_inside and _has(text, form, is_inside=True))
                ):
                    hits.add(value)
        return hits

    def in_bytes(self, content: bytes, *, is_packed: bool = False) -> set[Value]:
        """The values that bytes hold; ``is_packed``: texts stand there without anything between them."""
        if not self.values:
            return set()
        hits: set[Value] = set()
        longest = max(map(len, self._patterns)) * 4
        for start in range(0, max(len(content), 1), _BLOCK):
            for text in contents.decoded(content[max(start - longest, 0) : start + _BLOCK]):
                hits |= self._in_text(text.lower(), hits, is_packed=is_packed)
        return hits

    def _in_text(self, text: str, known: Collection[Value], *, is_packed: bool) -> set[Value]:
        found = pl.Series([text]).str.extract_many(self._patterns, overlapping=True)
        hits: set[Value] = set()
        for form in set(found[0].to_list()):
            for value in self.forms[form]:
                if value in known or (is_packed and not value.is_sought_inside):
                    continue
                if is_packed or _has(text, form, is_inside=value.is_sought_inside):
                    hits.add(value)
        return hits


def _has(text: str, form: str, *, is_inside: bool) -> bool:
    before, after = (_WORD_BEFORE, _WORD_AFTER) if is_inside else (_BEFORE, _AFTER)
    return re.search(before + re.escape(form) + after, text) is not None


@dataclass
class Searched:
    """What was looked at: files, columns of databases, and bytes; and which files could not be looked into."""

    files: int = 0
    columns: int = 0
    bytes: int = 0
    closed: list[Path] = field(default_factory=list)


def files_below(folders: Iterable[Path], without: Collection[Path] = ()) -> Iterator[Path]:
    """Every file below the folders, each once, in the order of their names."""
    seen = {path.resolve() for path in without}
    for folder in folders:
        for path in sorted([folder] if folder.is_file() else folder.rglob("*")):
            if path.is_file() and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def in_file(path: Path, sought: Sought, searched: Searched) -> set[Value]:
    """The values that a file holds: a database is opened and every column read, what is packed is unpacked.

    A file that is gone by now holds nothing; one that cannot be read, or looked into, is among ``searched.closed``.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return set()
    except OSError:
        searched.closed.append(path)
        return sought.in_bytes(path.name.encode())
    searched.files += 1
    searched.bytes += len(content)
    if content[8:12] == _DATABASE:
        try:
            with connect_to_read(path) as con:
                hits = in_database(con, sought, searched)
                loose = sought.in_bytes(content, is_packed=True) - hits
                return hits | (loose - _part_of_texts(con, loose))
        except (duckdb.Error, HclicError):
            searched.closed.append(path)
            return sought.in_bytes(content, is_packed=True)
    closed: list[int] = []
    hits = in_content(content, sought, closed=closed) | sought.in_bytes(path.name.encode())
    if closed:
        searched.closed.append(path)
    return hits


def in_content(content: bytes, sought: Sought, depth: int = 0, *, closed: list[int] | None = None) -> set[Value]:
    """The values that the bytes of a file hold, and the files packed in it.

    ``closed`` is told the depth of what could not be unpacked.
    """
    hits = sought.in_bytes(content)
    if contents.is_without_spaces(content):
        hits |= sought.in_bytes(content, is_packed=True)
    try:
        for part in contents.parts(content):
            if depth == _DEPTH:
                raise contents.ClosedError
            hits |= in_content(part, sought, depth + 1, closed=closed)
    except contents.ClosedError:
        if closed is not None:
            closed.append(depth)
    return hits


def in_database(con: duckdb.DuckDBPyConnection, sought: Sought, searched: Searched) -> set[Value]:
    """The values that the tables of a database hold. Days are not read: they are other people's, or other days."""
    hits: set[Value] = set()
    for met in by_column(con, sought, searched).values():
        hits |= met
    return hits


def by_column(con: duckdb.DuckDBPyConnection, sought: Sought, searched: Searched) -> dict[str, set[Value]]:
    """The values that the columns of a database hold, by table and column, where there are any."""
    found: dict[str, set[Value]] = {}
    for table in tables(con):
        for name, kind in table.columns:
            searched.columns += 1
            hits: set[Value] = set()
            if kind == "BLOB":
                for (content,) in con.execute(f'select "{name}" from {table.name}').fetchall():
                    hits |= in_content(bytes(content or b""), sought)
            elif kind == "VARCHAR" or "[]" in kind or kind.startswith(("STRUCT", "MAP")):
                texts = con.execute(f'select distinct "{name}"::varchar as text from {table.name}').pl()["text"]
                # Rows are taken out by reference: elsewhere a short one, or one word, is another thing's.
                hits = {
                    one for one in sought.in_texts(texts) if one.is_sought_inside or _is_told(one, table.name, name)
                }
            if hits:
                found[f"{table.name}.{name}".replace('"', "")] = hits
    return found


def _part_of_texts(con: duckdb.DuckDBPyConnection, values: Collection[Value]) -> set[Value]:
    """Those of the values that are part of a text that the tables hold of somebody else: 2 High Street, of number 12.

    In the bytes of a database the texts stand without anything between them.
    """
    if not values:
        return set()
    forms = {form: value for value in values for form in value.forms}
    met: set[str] = set()
    for table in tables(con):
        for name, kind in table.columns:
            if kind == "VARCHAR":
                texts = con.execute(f'select distinct lower("{name}") as text from {table.name}').pl()["text"]
                found = texts.drop_nulls().str.extract_many(sorted(forms), overlapping=True)
                met |= set(found.explode().drop_nulls().to_list())
    return {forms[form] for form in met}


def _is_told(value: Value, table: str, column: str) -> bool:
    """Whether a column may hold the value as what it is."""
    if value.kind == REFERENCE:
        return column in ("case_ref", "local_ref")
    return "history" in table
