"""Messages as files in a folder that only its owner may read."""

from __future__ import annotations

from pathlib import Path

from pipelines import whole
from pipelines.alerts.message import Message
from pipelines.alerts.notifiers.base import NotSentError


class FileNotifier:
    """One text file a message, ``2025-09-30_<ident>.txt``, mode 0600; the same message takes the same place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: Message) -> None:
        """Write the file whole, or not at all."""
        final = self._folder / f"{message.as_at}_{message.ident}.txt"
        text = f"To: {message.address}\nSubject: {message.subject}\n\n{message.body}"
        try:
            whole.write(final, text.encode("utf-8"))
        except OSError as error:
            raise NotSentError(f"the folder cannot be written ({type(error).__name__})", is_down=True) from None
