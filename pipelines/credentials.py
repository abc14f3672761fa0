"""Who asks a database: from the environment, or from what a secret store gives. Never shown, never kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import UsageError

USER, PASSWORD, BLOCK = "HCLIC_DB_USER", "HCLIC_DB_PASSWORD", "HCLIC_DB_BLOCK"
"""Names in the environment: the user, the password, or the Prefect block that holds both."""


def block_is_missing(name: str) -> UsageError:
    """What is said where the block cannot be loaded; nothing of the reason, which may hold its contents."""
    return UsageError(f"There is no Secret block {name} in Prefect, or it cannot be read; {BLOCK} names it.")


@dataclass(frozen=True)
class Credentials:
    """User and password; either may be missing where the server knows who asks. Neither is in its ``repr``."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Credentials:
        """User and password of the environment."""
        return cls(environment.get(USER, ""), environment.get(PASSWORD, ""))

    @classmethod
    def from_block(cls, held: Any, environment: Mapping[str, str]) -> Credentials:
        """User and password of what a block holds: a mapping with both (or its JSON), or the password alone.

        Raises:
            UsageError: it holds neither.
        """
        if isinstance(held, str):
            try:
                held = json.loads(held)
            except ValueError:
                held = {"password": held}
        if not isinstance(held, Mapping):
            held = {"password": str(held)} if isinstance(held, int) else {}
        user = held.get("user") or held.get("username") or environment.get(USER, "")
        password = held.get("password")
        if not isinstance(password, str) or not isinstance(user, str):
            raise UsageError(f"The block that {BLOCK} names holds no password: give it one, or a user and a password.")
        return cls(user, password)
