"""The flow takes user and password of a database from a Prefect block, and hands them on to nobody else."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines import flows
from pipelines.errors import UsageError

SECRET = "geheim"


def block(monkeypatch: pytest.MonkeyPatch, held: Any, name: str = "housing-database") -> None:
    def load(asked: str) -> Any:
        if asked != name:
            raise ValueError(f"Unable to find block document named {asked}; it held {SECRET}")
        return SimpleNamespace(get=lambda: held)

    monkeypatch.setattr(flows, "Secret", SimpleNamespace(load=load))
    monkeypatch.setenv("HCLIC_DB_BLOCK", "housing-database")


def test_a_block_gives_user_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    block(monkeypatch, {"user": "reader", "password": SECRET})
    who = flows._credentials()
    assert who is not None
    assert (who.user, who.password) == ("reader", SECRET)
    assert SECRET not in repr(who)
    assert SECRET not in os.environ.values()


def test_without_a_block_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HCLIC_DB_BLOCK", raising=False)
    assert flows._credentials() is None


def test_a_block_that_is_not_there_is_a_sentence_without_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    block(monkeypatch, SECRET, name="another")
    with pytest.raises(UsageError, match="no Secret block housing-database") as refused:
        flows._credentials()
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__
