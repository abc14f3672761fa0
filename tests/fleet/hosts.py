"""Network namespaces as machines: one that hands out, and hosts with workers, on a network that no other reaches."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NETWORK = "10.203.77"
CONTROLLER = f"{NETWORK}.1"
PATIENCE = 600
"""Seconds after which something is held not to happen at all."""
_CLONE_NEWNET = 0x40000000


def _ip(*given: str) -> None:
    done = subprocess.run(["ip", *given], capture_output=True, text=True, timeout=20)
    if done.returncode:
        raise OSError(done.stderr.strip())


@dataclass
class Started:
    """A process with all that it starts, and what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def is_up(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """End it and all of its group, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


@dataclass
class Machines:
    """The machines: this process is on the one that hands out for as long as they are there."""

    folder: Path
    environment: dict[str, str]
    started: list[Started] = field(default_factory=list)

    def start(
        self, name: str, *command: str, host: str | None = None, more: Mapping[str, str] | None = None
    ) -> Started:
        """Start a program of this installation, here or on a host."""
        at = [] if host is None else ["ip", "netns", "exec", _namespace(host)]
        log = self.folder / f"{name}.log"
        with log.open("ab") as words:
            process = subprocess.Popen(
                [*at, str(Path(sys.executable).with_name(command[0])), *command[1:]],
                cwd=ROOT,
                env={**self.environment, **(more or {})},
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(Started(process, log))
        return self.started[-1]

    def link(self, host: str, *, up: bool) -> None:
        """Plug in, or pull out, the cable of a host. Nobody is told: what is sent goes nowhere."""
        _ip("link", "set", _cable(host), "up" if up else "down")


def _namespace(host: str) -> str:
    return f"hclic-{os.getpid()}-{host}"


def _cable(host: str) -> str:
    return f"to-{host}"


@contextmanager
def machines(folder: Path, environment: Mapping[str, str], *hosts: str) -> Iterator[Machines]:
    """Make them for the block; skips where this process may not, and leaves nothing behind."""
    if sys.platform != "linux" or os.geteuid() or shutil.which("ip") is None:
        pytest.skip("network namespaces need Linux, root and iproute2")
    with ExitStack() as held:
        try:
            _make(held, *hosts)
        except OSError as error:
            pytest.skip(f"no network namespaces here: {error}")
        made = Machines(folder, dict(environment))
        try:
            yield made
        finally:
            for one in reversed(made.started):
                one.kill()


def _make(held: ExitStack, *hosts: str) -> None:
    for name in ("controller", *hosts):
        _ip("netns", "add", _namespace(name))
        held.callback(_ip, "netns", "del", _namespace(name))
        _ip("-n", _namespace(name), "link", "set", "lo", "up")
    held.enter_context(_inside(_namespace("controller")))
    _ip("link", "add", "lan", "type", "bridge")
    _ip("addr", "add", f"{CONTROLLER}/24", "dev", "lan")
    _ip("link", "set", "lan", "up")
    for number, host in enumerate(hosts, start=2):
        _ip("link", "add", _cable(host), "type", "veth", "peer", "name", "eth0", "netns", _namespace(host))
        _ip("link", "set", _cable(host), "master", "lan", "up")
        _ip("-n", _namespace(host), "addr", "add", f"{NETWORK}.{number}/24", "dev", "eth0")
        _ip("-n", _namespace(host), "link", "set", "eth0", "up")


@contextmanager
def _inside(namespace: str) -> Iterator[None]:
    """This thread, and what it starts, in a namespace for the block."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        _go_to(there)
        try:
            yield
        finally:
            _go_to(home)
    finally:
        os.close(there)
        os.close(home)


def _go_to(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "this process may not go to a network namespace")


def until(what: str, probe: Callable[[], object], *needed: Started, seconds: float = PATIENCE) -> None:
    """Wait until the probe finds something, while those that are needed for it are up."""
    end = time.monotonic() + seconds
    while not probe():
        for one in needed:
            assert one.is_up(), f"{what} did not happen: {one.log.name} ended:\n{one.said[-3000:]}"
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.1)


def listens(port: int) -> bool:
    """Whether the machine that hands out answers at the port."""
    with socket.socket() as one:
        return one.connect_ex((CONTROLLER, port)) == 0
