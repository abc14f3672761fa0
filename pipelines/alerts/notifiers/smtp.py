"""Messages by e-mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from pipelines.alerts.message import Message
from pipelines.alerts.notifiers.base import TIMEOUT, NotSentError, ca_text, is_loopback
from pipelines.errors import UsageError

USER, PASSWORD = "HCLIC_SMTP_USER", "HCLIC_SMTP_PASSWORD"
"""Names in the environment."""

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class SmtpNotifier:
    """A mail server; ``security`` is ``starttls`` (default), ``tls`` or ``none``. Its certificate is verified."""

    host: str
    port: int
    security: str
    sender: str
    context: ssl.SSLContext = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, options: Mapping[str, Any], environment: Mapping[str, str]) -> SmtpNotifier:
        """From the options of ``alerts.toml`` and the environment.

        Raises:
            UsageError: a password would travel in the clear, or the file of certificates cannot be read.
        """
        security = options["security"]
        user, password = environment.get(USER, ""), environment.get(PASSWORD, "")
        if user and security == "none" and not is_loopback(options["host"]):
            raise UsageError(
                f"{USER} is set, and the smtp notifier has security none: the password would travel in the clear."
                " Take starttls or tls."
            )
        try:
            context = ssl.create_default_context(cafile=ca_text(options.get("ca_file")))
        except (OSError, ssl.SSLError):
            raise UsageError("The ca_file of the smtp notifier cannot be read as certificates (PEM).") from None
        port = options.get("port", _PORTS[security])
        return cls(options["host"], port, security, options["sender"], context, user, password)

    def deliver(self, message: Message) -> None:
        """Send one e-mail to one recipient, over a connection of its own."""
        mail = self.mail(message)
        try:
            with self._connected() as server:
                server.send_message(mail, from_addr=self.sender, to_addrs=[message.address])
        except smtplib.SMTPRecipientsRefused:
            raise NotSentError("the mail server refused the recipient") from None
        except smtplib.SMTPResponseException as error:
            raise NotSentError(f"the mail server answered with code {error.smtp_code}") from None
        except ssl.SSLError as error:
            raise NotSentError(
                f"the mail server has no certificate to trust ({type(error).__name__})", is_down=True
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSentError(f"the mail server cannot be reached ({type(error).__name__})", is_down=True) from None

    def _connected(self) -> smtplib.SMTP:
        server: smtplib.SMTP
        if self.security == "tls":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=self.context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            if self.security == "starttls":
                # Raises where the server does not offer it: nothing is sent in the clear instead.
                server.starttls(context=self.context)
            if self.user:
                self._log_in(server)
        except BaseException:
            server.close()
            raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        try:
            server.login(self.user, self.password)
        except (smtplib.SMTPException, OSError):
            # Some servers hang up on a wrong password where others answer.
            raise NotSentError(f"the mail server did not accept {USER} and {PASSWORD}", is_down=True) from None

    def mail(self, message: Message) -> EmailMessage:
        """The e-mail. Its id is that of the alerts, so that mail systems can tell a repetition."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, message.address, message.subject
        mail["Date"] = format_datetime(message.made)
        mail["Message-ID"] = f"<{message.ident}@{self.sender.rpartition('@')[2]}>"
        # No out-of-office answers.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body)
        return mail
