"""The templates escape whatever they are given, and do not print a blank for a value that nobody gave."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from pipelines.emit.pages.templating import as_markup, render

SIZE = as_markup('width="1"')


def test_text_is_escaped_and_markup_is_kept() -> None:
    drawn = render(
        "picture.html",
        ident="a",
        title="<script>\"x\"</script> & 'y'\x07",
        description="d",
        size=SIZE,
        inside=as_markup("<g/></svg>"),
    )
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "\x07" not in drawn
    assert drawn.endswith("<g/></svg>")


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="description"):
        render("picture.html", ident="a", title="t", size=SIZE, inside=as_markup(""))
