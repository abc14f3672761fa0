"""Messages as JSON to an address of the council's own."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

from pipelines.alerts.message import Message
from pipelines.alerts.notifiers.base import TIMEOUT, NotSentError, ca_text, is_loopback
from pipelines.errors import UsageError

URL, KEY = "HCLIC_WEBHOOK_URL", "HCLIC_WEBHOOK_KEY"
"""Names in the environment: an address that is itself a secret, and the key of the signature."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where a message goes is said in the file, not by who answers there."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


@dataclass(frozen=True)
class WebhookNotifier:
    """An address that takes JSON by POST: https, or http on this machine."""

    url: str = field(repr=False)
    context: ssl.SSLContext = field(repr=False)
    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, options: Mapping[str, Any], environment: Mapping[str, str]) -> WebhookNotifier:
        """From the options of ``alerts.toml`` and the environment.

        Raises:
            UsageError: there is no address, or one that cannot be used. It is not repeated.
        """
        url = environment.get(URL) or options.get("url", "")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise UsageError("The address of the webhook notifier is not understood.") from None
        if not url or not host:
            raise UsageError(f"The webhook notifier needs an address: url in the alerts file, or {URL}.")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise UsageError("The address of the webhook notifier must begin with https://.")
        if parts.username is not None or parts.password is not None:
            raise UsageError(f"The address of the webhook notifier holds a user or password. Sign with {KEY} instead.")
        try:
            context = ssl.create_default_context(cafile=ca_text(options.get("ca_file")))
        except (OSError, ssl.SSLError):
            raise UsageError("The ca_file of the webhook notifier cannot be read as certificates (PEM).") from None
        return cls(url, context, environment.get(KEY, ""))

    def deliver(self, message: Message) -> None:
        """Post one message; any answer from 200 to 299 has taken it."""
        content = json.dumps(payload(message), ensure_ascii=True, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "hclic", "Idempotency-Key": message.ident}
        if self.key:
            signed = hmac.new(self.key.encode(), content, hashlib.sha256).hexdigest()
            headers["X-Hclic-Signature"] = f"sha256={signed}"
        request = urllib.request.Request(self.url, data=content, headers=headers, method="POST")
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.HTTPSHandler(context=self.context)]
        if is_loopback(urlsplit(self.url).hostname or ""):
            handlers.append(urllib.request.ProxyHandler({}))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=TIMEOUT):
                return
        except urllib.error.HTTPError as error:
            error.close()
            raise NotSentError(f"the webhook answered with code {error.code}") from None
        except (OSError, HTTPException) as error:
            raise NotSentError(f"the webhook cannot be reached ({type(error).__name__})", is_down=True) from None


def payload(message: Message) -> dict[str, Any]:
    """What is posted: counts, references and days. The recipient is an address, never a name."""
    return {
        "id": message.ident,
        "authority": message.authority,
        "as_at": message.as_at.isoformat(),
        "to": message.address,
        "may_be_again": message.may_be_again,
        "counts": message.counts,
        "alerts": [
            {"id": one.alert_id, "kind": one.kind, "case_ref": one.case_ref, "about_on": one.about_on.isoformat()}
            for one in message.alerts
        ],
    }
