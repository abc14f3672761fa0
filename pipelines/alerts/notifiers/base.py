"""What every notifier does, and what it says when it cannot."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Protocol

from pipelines.alerts.message import Message

TIMEOUT = 20.0
"""Seconds until a server that does not answer is given up."""


class NotSentError(Exception):
    """A message that was not taken: why, in words that hold no address, no secret and nothing that a server said.

    ``is_down``: the next message would meet the same, so that it is not tried.
    """

    def __init__(self, why: str, *, is_down: bool = False) -> None:
        super().__init__(why)
        self.is_down = is_down


class Notifier(Protocol):
    """Takes one message at a time."""

    def deliver(self, message: Message) -> None:
        """Hand the message over; when this returns, it was taken.

        Raises:
            NotSentError: it was not.
        """


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ca_text(path: Path | None) -> str | None:
    """The path of a file of certificates, as ``ssl`` takes it."""
    return None if path is None else str(path)
