"""The wheel as users get it: built, installed by pipx and by uv into environments of their own, run from elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
CONSTRAINTS = ROOT / "constraints.txt"
SECONDS = 900


def _run(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """Standard output of a command; raises SystemExit with its errors where it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if done.returncode:
        raise SystemExit(
            f"wheel: {' '.join(command[:6])} … ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return done.stdout


def build() -> Path:
    """Source distribution and wheel in ``dist/``, the wheel built from the former."""
    shutil.rmtree(DIST, ignore_errors=True)
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(ROOT)], cwd=ROOT)
    return next(DIST.glob("hclic-*.whl"))


def by_pipx(wheel: Path, place: Path) -> Path:
    """The command that ``pipx install`` puts in place."""
    own = {name: str(place / part) for name, part in (
        ("PIPX_HOME", "pipx"), ("PIPX_BIN_DIR", "bin"), ("PIPX_MAN_DIR", "man"), ("PIPX_SHARED_LIBS", "shared"),
    )}  # fmt: skip
    options = f"--pip-args=--quiet --no-compile --constraint {CONSTRAINTS}"
    _run(
        [sys.executable, "-m", "pipx", "install", "--backend", "pip", str(wheel), options],
        cwd=place,
        environment=os.environ | own,
    )
    return place / "bin" / "hclic"


def by_uv(wheel: Path, place: Path) -> Path:
    """The command that ``uv tool install`` puts in place."""
    own = {name: str(place / part) for name, part in (
        ("UV_TOOL_DIR", "tools"), ("UV_TOOL_BIN_DIR", "bin"), ("UV_CACHE_DIR", "cache"),
    )}  # fmt: skip
    own |= {"UV_NO_CONFIG": "1", "UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"}
    asked = ["tool", "install", "--quiet", "--constraints", str(CONSTRAINTS), str(wheel)]
    _run([sys.executable, "-m", "uv", *asked], cwd=place, environment=os.environ | own)
    return place / "bin" / "hclic"


def try_out(command: Path, place: Path, *, pages: bool) -> None:
    """Version, help, guides, a new folder, a run in it and the doctor's word, with an empty home."""
    elsewhere, home = place / "elsewhere", place / "home"
    elsewhere.mkdir()
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    environment = kept | {"HOME": str(home), "USERPROFILE": str(home)}

    def hclic(*typed: str) -> str:
        return _run([str(command), *typed], cwd=elsewhere, environment=environment)

    said = hclic("--version").splitlines()[0]
    hclic("run", "--help")
    guide = Path(hclic("guide", "operations", "--path").strip())
    for name in ("prefect.yaml", "constraints.txt"):
        assert (guide.parent / name).is_file(), f"{name} is not in the wheel"
    hclic("init", "return", "--sample")
    made = elsewhere / "return" / "out" / "E06000034" / "2025-Q3"
    hclic("--config", "return/hclic.toml", "run", "--quarter", "2025-Q3", "--pages" if pages else "--no-pages")
    assert (made / "return").is_dir()
    assert (made / "metrics" / "dashboard.html").is_file() == pages
    hclic("--config", "return/hclic.toml", "doctor")
    print(f"wheel: {said} installed, and made a return from another folder.")


def bill_of_materials(python: Path, wheel: Path) -> Path:
    """The SBOM (CycloneDX) of an environment that holds the wheel and what it needs; the same bytes each time."""
    target = wheel.with_name(f"{'-'.join(wheel.name.split('-')[:2])}.cdx.json")
    _run(
        [sys.executable, "-m", "cyclonedx_py", "environment", str(python), "--pyproject", str(ROOT / "pyproject.toml"),
         "--output-reproducible", "--output-format", "JSON", "--output-file", str(target)],
        cwd=wheel.parent,
    )  # fmt: skip
    told = json.loads(target.read_text(encoding="utf-8"))
    # Where the wheel lay when it was installed says nothing of it, and is another place each time.
    for one in (told["metadata"]["component"], *told["components"]):
        one["externalReferences"] = [
            each for each in one.get("externalReferences", ()) if not each["url"].startswith("file:")
        ]
    target.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return target


def check() -> int:
    """Build, install both ways, run, and write the SBOM and the digests to ``dist/``."""
    wheel = build()
    with tempfile.TemporaryDirectory(prefix="hclic-wheel-") as folder:
        place = Path(folder)
        for how, install in (("uv", by_uv), ("pipx", by_pipx)):
            own = place / how
            own.mkdir()
            command = install(wheel, own)
            # The pages take as long as all else: once is enough.
            try_out(command, own, pages=how == "pipx")
            if how == "pipx":
                bill = bill_of_materials(own / "pipx" / "venvs" / "hclic", wheel)
                parts = json.loads(bill.read_text(encoding="utf-8"))["components"]
                print(f"wheel: {bill.relative_to(ROOT)} lists {len(parts)} parts.")
            shutil.rmtree(own)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(DIST.iterdir())]
    (DIST / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return 0
