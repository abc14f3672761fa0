"""Which texts of an authority's own (teams, sites, cost centres) may stand in the mart, and how they are listed."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.disclosure import local_words
from pipelines.place import Place
from pipelines.transform import create
from pipelines.warehouse.quarter import open_quarter

INPUTS = ("local_text", "personal_text", "shown_text")
"""Relations of ``sql/finance/inputs`` that are made here, each called ``mart_<name>``; ``mart_word`` beside them."""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``mart_shown_text(field, value)``, one row per text that may stand in the mart, and what it rests on.

    It may where the authority has confirmed it, or where enough cases share it and it does not look like a person's;
    in neither case where it is a name, an address, a number or a member of staff of the cases at hand.
    """
    create(con, "finance/inputs", "local_text", called="mart_local_text")
    create(con, "finance/inputs", "personal_text", called="mart_personal_text")
    row = con.execute("select la_code from reporting_period").fetchone()
    assert row is not None
    words = local_words.confirmed(con, row[0])
    texts = con.execute("select field, value from mart_local_text order by all").fetchall()
    judged = pl.DataFrame(
        [
            (
                field,
                value,
                words.shown(field, value) != local_words.WITHHELD,
                local_words.why_not(value) is not None,
            )
            for field, value in texts
        ],
        schema={
            "field": pl.String,
            "value": pl.String,
            "is_confirmed": pl.Boolean,
            "looks_personal": pl.Boolean,
        },
        orient="row",
    )
    arrow.load(con, "create or replace temp table mart_word as select * from incoming", judged)
    create(con, "finance/inputs", "shown_text", called="mart_shown_text")


def drop(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what ``prepare`` made."""
    for name in (*INPUTS, "word"):
        con.execute(f"drop table if exists temp.mart_{name}")


def words_listed(warehouse: Place, authority: str | None) -> list[str]:
    """Sentences and lines about the words of an authority: those confirmed, then those of its newest run that are not.

    A text that may not stand in the mart is counted, not named: it may be a name in the wrong column.

    Raises:
        UsageError: the warehouse holds several authorities and none is named.
        InputError: it cannot be read or holds no run of the authority.
    """
    with open_quarter(warehouse, authority) as opened:
        con = opened.connection
        known = con.execute(
            "select kind, word, said_by, said_on from confirmed_word where la_code = ? and withdrawn_on is null"
            " order by kind, word",
            [opened.run.la_code],
        ).fetchall()
        prepare(con)
        others = con.execute(
            "select text.field, if(shown.value is null, null, text.value) as word, count(*), sum(text.count_cases)"
            " from mart_local_text as text inner join mart_word as word using (field, value)"
            " left join mart_shown_text as shown using (field, value)"
            " where not word.is_confirmed group by all order by text.field, word nulls last"
        ).fetchall()
    lines = [opened.words]
    lines += ["Confirmed for sharing:"] if known else ["No word is confirmed: all are withheld from what is shared."]
    lines += [f"  {kind}: {word} ({f'{who}, ' if who else ''}{day})" for kind, word, who, day in known]
    if others:
        lines.append("Withheld until confirmed:")
    for kind, word, count, cases in others:
        if word is not None:
            lines.append(f"  {kind}: {word} ({cases:,} cases)")
        else:
            texts = "1 text that is" if count == 1 else f"{count:,} texts that are"
            lines.append(f"  {kind}: {texts} not shown here: few cases share them, or they look like a person's")
    if others:
        lines.append('Confirm one with: hclic words confirm "WORD" --kind KIND --warehouse FILE')
    return lines
