"""How a message goes out: a file, e-mail, a webhook, or what Apprise knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.alerts.notifiers.base import Notifier, NotSentError

__all__ = ["NotSentError", "Notifier", "notifier"]


def notifier(kind: str, options: Mapping[str, Any], environment: Mapping[str, str]) -> Notifier:
    """The notifier of a kind, with its options; secrets are taken from ``environment`` and kept nowhere else.

    Raises:
        UsageError: the environment lacks what the kind needs, or an option cannot be used.
    """
    if kind == "file":
        from pipelines.alerts.notifiers.file import FileNotifier

        return FileNotifier(options["folder"])
    if kind == "smtp":
        from pipelines.alerts.notifiers.smtp import SmtpNotifier

        return SmtpNotifier.of(options, environment)
    if kind == "webhook":
        from pipelines.alerts.notifiers.webhook import WebhookNotifier

        return WebhookNotifier.of(options, environment)
    from pipelines.alerts.notifiers.chat import ChatNotifier

    return ChatNotifier.of(environment)
