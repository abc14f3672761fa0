"""Messages by what Apprise knows: Teams, Slack and a hundred others."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.alerts.message import Message
from pipelines.alerts.notifiers.base import NotSentError
from pipelines.errors import UsageError

ADDRESS = "HCLIC_APPRISE_URL"
"""Name in the environment of the Apprise address: it holds tokens, so it stands in no file."""


@dataclass(frozen=True)
class ChatNotifier:
    """One channel that gets the messages of all recipients, each headed by the name in the contacts file."""

    address: str = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> ChatNotifier:
        """From the environment.

        Raises:
            UsageError: there is no address, or Apprise does not understand it. It is not repeated.
        """
        address = environment.get(ADDRESS, "")
        if not address:
            raise UsageError(f"The apprise notifier needs an Apprise address in {ADDRESS}.")
        made = cls(address)
        made._channel()
        return made

    def deliver(self, message: Message) -> None:
        """Hand the message to Apprise, which says whether it was taken, and not why it was not."""
        try:
            is_taken = self._channel().notify(title=message.subject, body=f"For {message.to}.\n\n{message.body}")
        except Exception as error:
            # Its plugins raise what they like, with the address in the text.
            raise NotSentError(f"Apprise stopped ({type(error).__name__})", is_down=True) from None
        if not is_taken:
            raise NotSentError("Apprise could not hand it over", is_down=True)

    def _channel(self) -> Any:
        # What it logs on a failure quotes what the server answered.
        logging.getLogger("apprise").disabled = True
        with warnings.catch_warnings():
            # On the first address it loads every plugin it has, and some warn of what they import.
            warnings.simplefilter("ignore")
            import apprise

            channel = apprise.Apprise()
            is_understood = channel.add(self.address)
        if not is_understood:
            raise UsageError(f"Apprise does not understand the address in {ADDRESS}.")
        return channel
