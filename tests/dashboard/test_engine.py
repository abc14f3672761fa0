"""The drawing engine in a process of its own."""

from __future__ import annotations

import json

import pytest

from pipelines.emit.pages.engine import Engine

CHART = {"data": {"values": [{"a": "x", "b": 3}]}, "mark": "bar", "encoding": {"x": {"field": "b"}}}


def test_what_was_asked_together_is_answered_in_its_order() -> None:
    engine = Engine()
    wide, narrow = (json.dumps({**CHART, "width": width}) for width in (400, 90))
    one, other = engine.draw([wide, narrow])
    assert 'width="4' in one and 'width="4' not in other
    painted = engine.paint([one, other])
    assert [png[1:4] for png in painted] == [b"PNG", b"PNG"] and painted[0] != painted[1]
    assert engine.draw([]) == []
    assert engine.beside(lambda: engine.draw([wide])).result() == [one]
    engine.close()


def test_it_ends_when_nobody_can_ask_any_more() -> None:
    engine = Engine()
    engine.close()
    assert engine._process.returncode == 0


def test_an_engine_that_was_stopped_is_a_fault_and_not_a_page_without_charts() -> None:
    engine = Engine()
    engine._process.kill()
    with pytest.raises(RuntimeError, match="drawing engine ended"):
        engine.draw([json.dumps(CHART)])
    engine.close()
