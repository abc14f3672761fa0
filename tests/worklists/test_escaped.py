"""Rows of long tables are escaped by columns, and come out as a template would print each cell."""

from __future__ import annotations

import polars as pl
from markupsafe import escape

from pipelines.emit.pages.templating import escaped
from pipelines.emit.pages.words import clean

TEXTS = ["<script>alert('x')</script>", '"&amp;" & co', "plain", "", "\x00\x07\x85\ufffe\uffff", "é — 漢", "a\nb\tc\r"]


def test_a_column_is_escaped_as_a_template_escapes_each_text() -> None:
    rows = pl.DataFrame({"text": TEXTS}).select(escaped(pl.col("text")))
    assert rows["text"].to_list() == [str(escape(clean(text))) for text in TEXTS]
