"""Messages as files in a folder that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines.alerts.message import Message
from pipelines.alerts.notifiers.base import NotSentError


class FileNotifier:
    """One text file a message, ``2025-09-30_<ident>.txt``, mode 0600; the same message takes the same place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: Message) -> None:
        """Write the file whole, or not at all."""
        final = self._folder / f"{message.as_at}_{message.ident}.txt"
        half = final.with_suffix(".new")
        text = f"To: {message.address}\nSubject: {message.subject}\n\n{message.body}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            half.unlink(missing_ok=True)
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            half.replace(final)
        except OSError as error:
            raise NotSentError(f"the folder cannot be written ({type(error).__name__})", is_down=True) from None
