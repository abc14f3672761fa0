"""A select changed so that each row it gives has in ``_at`` the places of the rows that made it.

``_at`` is the last column of every select in FROM and WITH, too. What only decides whether a row is there (IN, EXISTS,
scalar sub-queries, the right side of a semi or anti join) has no part in making it. ``*`` is the columns of the files:
``_file``, ``_row`` and ``_at`` are only there where they are named.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pipelines.extract.steps.functions import aggregates
from pipelines.extract.steps.parsed import PIVOT, Node, StatementError, expression, parse, walk
from pipelines.extract.steps.stars import hide, hide_all, is_bare, named_hidden, visible, with_places
from pipelines.extract.steps.step import AT, both, quoted, united

_NO_PLACE = "[]::struct(t integer, r bigint)[]"
_SIDE = "_side of two"
_LEFT, _RIGHT = 0, 1
_NULLABLE = {"LEFT": (False, True), "RIGHT": (True, False), "FULL": (True, True), "OUTER": (True, True)}
"""Whether a join leaves rows of its left and right side without a row of the other."""


@dataclass(frozen=True)
class _Source:
    """A relation in FROM."""

    name: str
    has_places: bool
    nullable: bool = False
    relation: str = ""
    """Casefolded name of the relation, where it is one that has a name."""

    @property
    def at(self) -> str:
        return f"{quoted(self.name)}.{AT}"


def follow(node: Node, taken: Iterable[str] = ()) -> Node:
    """The select's tree, changed.

    ``taken``: names that the statement uses.

    Raises:
        StatementError: its rows cannot be followed.
    """
    return _Follower(taken).select(copy.deepcopy(node), is_whole=True)


class _Follower:
    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {one.casefold() for one in taken}
        self._number = 0

    def _new_name(self) -> str:
        while True:
            self._number += 1
            name = f"_rows {self._number}"
            if name not in self._taken:
                return name

    def select(self, node: Node, is_whole: bool = False) -> Node:
        """The select, followed; ``is_whole``: it is the statement itself, and may have columns beside its own."""
        for one in node["cte_map"]["map"]:
            query = one["value"]["query"]
            query["node"] = self.select(query["node"])
        if node["type"] == "SELECT_NODE":
            return self._plain(node, is_whole)
        if node["type"] == "SET_OPERATION_NODE":
            return self._two(node)
        raise StatementError(
            "its rows cannot be followed to the files through a with recursive; write the levels one by one as joins"
        )

    def _two(self, node: Node) -> Node:
        """A union, an intersection or a difference."""
        named = named_hidden(node)
        node["left"], node["right"] = self.select(node["left"]), self.select(node["right"])
        if node["setop_type"] in ("UNION", "UNION_BY_NAME"):
            is_all, node["setop_all"] = node["setop_all"], True
            return node if is_all else self._grouped(node, named)
        if node["setop_all"]:
            raise StatementError(
                f"its rows cannot be followed to the files through {node['setop_type'].lower()} all; write it without"
                " all, or as a join"
            )
        in_both = node["setop_type"] == "INTERSECT"
        for side, number in (("left", _LEFT), ("right", _RIGHT)):
            marked = _over(node[side], self._new_name(), f"*, {number} as {quoted(_SIDE)}")
            node[side] = marked
        other = f"bool_or({quoted(_SIDE)} = {_RIGHT})"
        having = f"bool_or({quoted(_SIDE)} = {_LEFT}) and {other if in_both else f'not {other}'}"
        node["setop_type"], node["setop_all"] = "UNION", True
        return self._grouped(node, named, having)

    def _grouped(self, node: Node, named: Iterable[str], having: str = "") -> Node:
        """Equal rows of a select as one, with the places of all of them."""
        outer = _over(
            node, self._new_name(), f"{visible(named, ('_at:.*', _SIDE))}, {united(AT)} as {AT}", "group by all"
        )
        if having:
            outer["having"] = expression(having)
        kept = [one for one in node["modifiers"] if one["type"] != "DISTINCT_MODIFIER"]
        node["modifiers"] = []
        # Without a limit the order means nothing: it ends with the select.
        if any(one["type"] != "ORDER_MODIFIER" for one in kept):
            outer["modifiers"] = [_outside(one, node) for one in kept]
        return outer

    def _plain(self, node: Node, is_whole: bool) -> Node:
        if node["sample"]:
            raise StatementError("it takes a sample, which rests on chance")
        named = named_hidden(node)
        own = any(_is_places(one) for one in node["select_list"])
        is_grouped = _is_grouped(node)
        has_star = any(
            one["class"] == "STAR" and not one["columns"] and not is_bare(one) for one in node["select_list"]
        )
        sources = list(self._sources(node["from_table"], follows=not own))
        holders = [one.name for one in sources if one.has_places]
        self._conditions(node)
        for one in node["select_list"]:
            hide(one, holders)
        for key in ("where_clause", "having", "qualify", "group_expressions", "modifiers"):
            hide_all(node[key], holders)
        if own:
            _as_places(node["select_list"])
            return node
        node["select_list"].append(expression(f"{_places(sources, is_grouped)} as {AT}"))
        if any(one["type"] == "DISTINCT_MODIFIER" and not one["distinct_on_targets"] for one in node["modifiers"]):
            return self._grouped(node, named)
        if is_whole:
            node["select_list"][-1:-1] = _places_of_cells(node, sources, is_grouped)
        if has_star:
            return _over(node, self._new_name(), f"{visible(named, ())}, {AT}")
        return node

    def _sources(self, table: Node, follows: bool) -> Iterator[_Source]:
        """The relations whose rows make a row of FROM; selects among them are followed."""
        kind = table["type"]
        if table.get("sample"):
            raise StatementError("it takes a sample, which rests on chance")
        if kind == "JOIN":
            yield from self._joined(table, follows)
        elif kind == "BASE_TABLE":
            name = table["alias"] or table["table_name"]
            yield _Source(name, has_places=True, relation=table["table_name"].casefold())
        elif kind == "SUBQUERY":
            table["subquery"]["node"] = self.select(table["subquery"]["node"])
            yield _Source(self._named(table), has_places=True)
        elif kind == "PIVOT":
            if follows or not table["aggregates"]:
                yield self._unpivoted(table)
        elif kind in ("TABLE_FUNCTION", "EXPRESSION_LIST", "COLUMN_DATA"):
            yield _Source(table["alias"], has_places=False)
        elif kind != "EMPTY":
            raise StatementError(f"its rows cannot be followed to the files through {kind.lower().replace('_', ' ')}")

    def _joined(self, table: Node, follows: bool) -> Iterator[_Source]:
        if table["ref_type"] == "NATURAL":
            raise StatementError("a natural join would join by rows of files; write join … using (…) with the columns")
        left = list(self._sources(table["left"], follows))
        right = list(self._sources(table["right"], follows))
        if table["join_type"] in ("SEMI", "ANTI"):
            right = []
        for side, nullable in zip((left, right), _NULLABLE.get(table["join_type"], (False, False)), strict=True):
            for one in side:
                yield replace(one, nullable=one.nullable or nullable)

    def _unpivoted(self, table: Node) -> _Source:
        if table["aggregates"]:
            raise StatementError(PIVOT)
        stars = [one["star_expr"] for pivot in table["pivots"] for one in pivot["entries"] if one.get("star_expr")]
        if stars or table["source"]["type"] not in ("BASE_TABLE", "SUBQUERY"):
            every = parse("select * from (select 1)")["node"]
            every["from_table"] = table["source"]
            source = parse("select 1 from (select 1)")["node"]["from_table"]
            source["subquery"]["node"] = self.select(every)
            source["alias"] = _name(table["source"]) or self._new_name()
            table["source"] = source
        else:
            list(self._sources(table["source"], follows=True))
        for one in stars:
            if one["expr"]:
                hide(one, (table["source"]["alias"],))
            else:
                one["exclude_list"] = with_places(one["exclude_list"])
        return _Source(self._named(table), has_places=True)

    def _named(self, table: Node) -> str:
        table["alias"] = table["alias"] or self._new_name()
        return str(table["alias"])

    def _conditions(self, node: Node) -> None:
        """Let the selects that decide on rows, and make none, give what they gave before."""
        for key, piece in node.items():
            if key != "cte_map":
                for one in walk(piece, into_queries=False):
                    if one.get("class") == "SUBQUERY":
                        _unfollowed(one["subquery"]["node"])


def _name(table: Node) -> str:
    return str(table.get("alias") or table.get("table_name") or "")


def _unfollowed(node: Node) -> None:
    """Hide ``_at`` of followed relations from ``*`` in a select that is not followed."""
    for one in walk(node):
        for column in one.get("select_list", ()):
            hide(column, ())


def _over(node: Node, name: str, columns: str, rest: str = "") -> Node:
    """A select over a select; what that one has in WITH stands before both."""
    outer: Node = parse(f"select {columns} from (select 1) as {quoted(name)} {rest}")["node"]
    outer["from_table"]["subquery"]["node"] = node
    return outer


def _outside(modifier: Node, node: Node) -> Node:
    """An order or a limit of a select, as it stands outside of it: its columns have no table any more."""
    columns = node.get("select_list", [])
    for order in modifier.get("orders", []):
        for one in columns:
            if one["alias"] and _same(one, order["expression"]):
                order["expression"] = expression(quoted(one["alias"]))
        for one in walk(order["expression"], into_queries=False):
            if one.get("class") == "COLUMN_REF":
                one["column_names"] = one["column_names"][-1:]
    return modifier


def _same(one: Node, other: Node) -> bool:
    def bare(piece: Any) -> Any:
        if isinstance(piece, dict):
            return {key: bare(value) for key, value in piece.items() if key not in ("alias", "query_location")}
        return [bare(value) for value in piece] if isinstance(piece, list) else piece

    return bool(bare(one) == bare(other))


def _is_places(column: Node) -> bool:
    """Whether a column of a select is its places, as its author has written them."""
    if column["class"] == "STAR":
        return any(str(one["key"]).casefold() == AT for one in column["replace_list"])
    name = column["alias"] or (column["class"] == "COLUMN_REF" and column["column_names"][-1]) or ""
    return str(name).casefold() == AT


def _as_places(columns: list[Node]) -> None:
    """Let the places that a select gives itself be of their type, and none where there are none."""
    for column in columns:
        if column["class"] == "STAR":
            for one in column["replace_list"]:
                if str(one["key"]).casefold() == AT:
                    one["value"] = _typed(one["value"])
        elif _is_places(column):
            column_of_that_type = _typed({**column, "alias": ""})
            column.clear()
            column.update(column_of_that_type, alias=AT)


def _typed(places: Node) -> Node:
    whole = expression(f"coalesce(list_sort(list_distinct(1::struct(t integer, r bigint)[])), {_NO_PLACE})")
    cast = next(one for one in walk(whole) if one.get("type") == "OPERATOR_CAST")
    cast["child"] = places
    return whole


def _is_grouped(node: Node) -> bool:
    """Whether a select makes one row of several."""
    if node["group_expressions"] or node["group_sets"] or node["having"]:
        return True
    if node["aggregate_handling"] == "FORCE_AGGREGATES":
        return True
    return any(
        one.get("class") == "FUNCTION" and str(one["function_name"]).casefold() in aggregates()
        for piece in (node["select_list"], node["qualify"], node["modifiers"])
        for one in walk(piece, into_queries=False)
    )


def _places(sources: list[_Source], is_grouped: bool) -> str:
    """The places of a row, in SQL."""
    having = [one for one in sources if one.has_places]
    if not having:
        return _NO_PLACE
    at = having[0].at
    if is_grouped:
        return f"coalesce({united(_one_list(having))}, {_NO_PLACE})"
    if len(having) == 2:
        at = both(having[0].at, having[1].at)
    elif len(having) > 2:
        at = f"list_sort(list_distinct({_one_list(having)}))"
    return f"coalesce({at}, {_NO_PLACE})" if any(one.nullable for one in having) else at


def _places_of_cells(node: Node, sources: list[_Source], is_grouped: bool) -> list[Node]:
    """``_at:X`` of the columns X whose cell is not in all the rows that made the row, or not in the first of them.

    That is a function over some rows of a group (``max("Answer") filter (where …)``), and a column of a relation that
    is joined with itself.
    """
    if not any(one.has_places for one in sources):
        return []
    relations = [one.relation for one in sources]
    twice = {one.name.casefold(): one for one in sources if one.relation and relations.count(one.relation) > 1}
    found = []
    for column in node["select_list"][:-1]:
        names = column["column_names"] if column["class"] == "COLUMN_REF" else []
        if len(names) == 2 and names[0].casefold() in twice and not is_grouped:
            at = f"coalesce({twice[names[0].casefold()].at}, {_NO_PLACE})"
            found.append(expression(f"{at} as {_place_of(column['alias'] or names[1])}"))
        filters = [one["filter"] for one in walk(column, into_queries=False) if one.get("filter")]
        if not column["alias"] or not filters or any(not _same(one, filters[0]) for one in filters):
            continue
        at = f"coalesce({united(_one_list(sources), 'not true')}, {_NO_PLACE})"
        places = expression(f"{at} as {_place_of(column['alias'])}")
        for one in walk(places):
            if one.get("filter"):
                one["filter"] = copy.deepcopy(filters[0])
        found.append(places)
    return found


def _place_of(column: str) -> str:
    return quoted(f"{AT}:{column}")


def _one_list(sources: list[_Source]) -> str:
    """The places of a row of FROM, in SQL, unsorted."""
    first, *more = (one.at for one in sources if one.has_places)
    for one in more:
        first = f"list_concat({first}, {one})"
    return first
