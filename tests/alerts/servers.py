"""Servers on this machine's loopback that take messages: a mail server and a web server, on ports of their own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = "127.0.0.1"


@dataclass
class Mailbox:
    """What a mail server took; ``refused``: recipients that it does not."""

    port: int = 0
    mails: list[Any] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    refuses_all: bool = False
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refuses_all or address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope)
        return "250 OK"


class _AnyPort(Controller):
    """On a port that the system chooses: to see whether it is ready, it asks there, not at port 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(
    certificate: Path | None = None, login: tuple[str, str] | None = None, *, at_once: bool = False
) -> Iterator[Mailbox]:
    """A mail server; with a certificate it asks for STARTTLS, or speaks TLS ``at_once``; with a login, for that."""
    box = Mailbox()

    def is_right(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        box.logins.append((data.login, data.password))
        assert login is not None
        is_known = (data.login, data.password) == tuple(one.encode() for one in login)
        # Not handled: the server itself says so to who asks.
        return AuthResult(success=is_known, handled=False)

    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options = {"ssl_context": context} if at_once else {"tls_context": context, "require_starttls": True}
    if login is not None:
        options |= {"authenticator": is_right, "auth_required": True}
    controller = _AnyPort(box, hostname=LOOPBACK, port=0, **options)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


@dataclass
class Posted:
    """What a web server was posted: path, headers and content; ``answer`` is the code that it gives."""

    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answer: int = 204
    location: str = ""

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/alerts"


@contextmanager
def web_server() -> Iterator[Posted]:
    """A web server that takes posts."""
    posted = Posted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            posted.requests.append((self.path, dict(self.headers), content))
            self.send_response(posted.answer)
            if posted.location:
                self.send_header("Location", posted.location)
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *given: Any) -> None:
            return

    with HTTPServer((LOOPBACK, 0), Handler) as server:
        posted.port = server.server_port
        at_work = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        at_work.start()
        try:
            yield posted
        finally:
            server.shutdown()
            at_work.join()


def make_certificate(path: Path) -> Path:
    """A certificate of the loopback with its key in one file, valid today and signed by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hclic tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
