"""The files that the pages fetch are those of the list, unchanged, and nothing else is fetched."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

from pipelines.serve.files import SHIPPED, contents
from tests.serve.asking import Asker

HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
"""SHA-256 of ``dist/htmx.min.js`` in the npm package htmx.org 4.0.1."""


def test_htmx_is_as_it_was_published() -> None:
    assert hashlib.sha256(contents()["htmx.min.js"][0]).hexdigest() == HTMX
    assert b"4.0.1" in contents()["htmx.min.js"][0]


def test_every_file_of_the_list_is_served_with_its_type(user: Asker) -> None:
    for name, (_, kind) in SHIPPED.items():
        answer = user.ask(f"/static/{name}")
        assert (answer.status, answer.headers["content-type"]) == (200, kind)


def test_the_templates_hold_no_script_style_or_address_of_another_site() -> None:
    for template in (files("pipelines.serve") / "templates").iterdir():
        text = template.read_text(encoding="utf-8")
        assert not re.search(
            r"<script(?! src=\"/static/)|<style|\sstyle=|\son\w+=|hx-on|js:|https?://|\|\s*safe", text
        ), template.name


def test_a_page_fetches_only_what_is_shipped(user: Asker) -> None:
    fetched = re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", user.ask("/").text)
    assert len(fetched) == 5
    assert [user.ask(target).status for target in fetched] == [200] * 5
