"""The server itself: its socket, its end, and what it keeps to itself."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import StoppedBySignal, UsageError
from pipelines.serve.guard import App
from pipelines.serve.site import Site

LOOK_EVERY = 1.0
"""Seconds between two looks at whether the server is still used."""
EVERY_ADDRESS = ("0.0.0.0", "::", "")
"""What means every address of the machine: no request could be told to have come to the one meant."""


@contextmanager
def socket_at(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens at the address; port 0 is any that is free.

    Raises:
        UsageError: the address is not one of this machine, or the port is in use or not allowed.
    """
    if host in EVERY_ADDRESS:
        raise UsageError("Name one address or name with --host: the one that people will type.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        why = {
            errno.EADDRINUSE: f"Port {port} is in use. Name another with --port, or leave it out.",
            errno.EACCES: f"Port {port} is not allowed to this account. Name one above 1023 with --port.",
        }.get(error.errno or 0, f"{host} is not an address of this machine.")
        raise UsageError(why) from None
    with listening:
        yield listening


def check_certificate(certificate: Path, key: Path) -> None:
    """Refuse a certificate that cannot be used.

    Raises:
        UsageError: it cannot be read, its key is not its own or has a password, or others may read the key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def refuse() -> str:
        raise UsageError("The key of the certificate has a password: give one without, readable by its owner alone.")

    try:
        if key.stat().st_mode & 0o077:
            raise UsageError(f"Others may read the key {key.name}: chmod 600.")
        context.load_cert_chain(certificate, key, password=refuse)
    except OSError:
        raise UsageError(
            f"The certificate {certificate.name} and its key cannot be used. Both are PEM files."
        ) from None


def serve(
    app: Callable[[Callable[[], None]], App], site: Site, listening: socket.socket, on_ready: Callable[[], None]
) -> str:
    """Answer requests until the user ends it or nobody uses it any more; gives the reason in words.

    Args:
        app: makes the pages, of what ends the server.
        site: what is served.
        listening: an open socket.
        on_ready: called once requests are answered.
    """
    import uvicorn

    ended: list[str] = []

    def stop(why: str) -> None:
        ended.append(why)
        server.should_exit = True

    config = uvicorn.Config(
        app(lambda: stop("It was ended in the browser.")),
        # Nothing that uvicorn would log is wanted: its lines name addresses, its faults may quote requests.
        log_config={"version": 1, "disable_existing_loggers": False, "loggers": {name: _QUIET for name in _LOGGERS}},
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http="h11",
        ws="none",
        lifespan="off",
        limit_concurrency=64,
        timeout_graceful_shutdown=5,
        ssl_certfile=site.certificate,
        ssl_keyfile=site.key,
    )
    server = uvicorn.Server(config)

    async def watch() -> None:
        while not server.started:
            await asyncio.sleep(0.02)
        on_ready()
        while not server.should_exit:
            await asyncio.sleep(LOOK_EVERY)
            if site.is_idle():
                stop(f"Nobody used it for {site.idle_minutes:g} minutes.")

    async def both() -> None:
        watching = asyncio.ensure_future(watch())
        try:
            await server.serve(sockets=[listening])
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    try:
        asyncio.run(both())
    except KeyboardInterrupt:
        ended.append("It was ended by hand.")
    except StoppedBySignal as stopped:
        # A server has no other end than to be told to stop; uvicorn has closed it by then.
        ended.append("It was ended by hand." if stopped.number == signal.SIGINT else "The system ended it.")
    return ended[0] if ended else "It was ended by hand."


_QUIET = {"handlers": [], "propagate": False, "level": "CRITICAL"}
_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
