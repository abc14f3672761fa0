"""The wheel carries the SQL, the code lists and the profiles, not only the modules."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = {".sql", ".csv", ".toml", ".xsd", ".html", ".css"}


def test_the_wheel_holds_every_data_file_of_the_three_packages(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        ".",
    ]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("hclic-*.whl"))) as wheel:
        held = set(wheel.namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in ("pipelines", "schemas", "sql")
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA
    }
    assert len(ours) > 200
    assert ours - held == set()
    assert not [name for name in held if name.startswith(("tests/", "data/", "bench/"))]
