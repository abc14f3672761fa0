"""The wheel alone, in an environment that is empty but for its dependencies: the command with all that it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installed:
    """A wheel that was installed, and where it is run: another folder, with an empty home."""

    wheel: Path
    python: Path
    command: Path
    folder: Path

    def __call__(self, *typed: str) -> subprocess.CompletedProcess[str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        kept = {
            name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "COVERAGE_PROCESS_START") if name in os.environ
        }
        return subprocess.run(
            [str(self.command), *typed],
            cwd=self.folder,
            env=kept | {"HOME": str(home), "HCLIC_CACHE": "off"},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The dependencies are those of the tests: what an index gives is tried by ``make wheel-check``."""
    place = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(place),
        str(ROOT),
    ]
    done = subprocess.run(build, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wheel = next(place.glob("hclic-*.whl"))
    environment = place / "environment"
    venv.create(environment, with_pip=False)
    bin_folder = environment / ("Scripts" if os.name == "nt" else "bin")
    python = bin_folder / ("python.exe" if os.name == "nt" else "python")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [site] = environment.rglob("site-packages")
    (site / "dependencies.pth").write_text(f"{Path(duckdb.__file__).parents[1]}\n")
    folder = place / "elsewhere"
    folder.mkdir()
    return Installed(wheel, python, bin_folder / "hclic", folder)


def test_the_command_is_that_of_the_wheel_and_says_its_version(installed: Installed) -> None:
    where = subprocess.run(
        [str(installed.python), "-c", "import pipelines, schemas, sql; print(pipelines.__file__, schemas.__file__)"],
        cwd=installed.folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(ROOT) not in where
    said = installed("--version")
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[0] == f"hclic {installed.wheel.name.split('-')[1]}"


def test_help_and_guides_come_with_the_wheel(installed: Installed) -> None:
    assert "--exclude-cases-with-errors" in installed("run", "--help").stdout
    listed = installed("guide")
    assert listed.returncode == 0, listed.stderr
    ours = {path.stem for path in (ROOT / "docs").glob("*.md")} | {"source-profiles", "readme", "changes"}
    assert ours <= {line.split()[0] for line in listed.stdout.splitlines() if line.strip()}
    where = Path(installed("guide", "operations", "--path").stdout.strip())
    assert where.read_bytes() == (ROOT / "docs" / "operations.md").read_bytes()
    assert (where.parent / "prefect.yaml").read_bytes() == (ROOT / "prefect.yaml").read_bytes()
    profiles = Path(installed("guide", "source-profiles", "--path").stdout.strip())
    assert profiles.read_bytes() == (ROOT / "schemas" / "sources" / "README.md").read_bytes()
    assert (where.parent / "constraints.txt").is_file()


def test_a_new_folder_and_a_run_in_it_work_from_the_wheel(installed: Installed) -> None:
    made = installed("init", "new", "--sample")
    assert made.returncode == 0, made.stderr
    done = installed("--config", "new/hclic.toml", "run", "--quarter", "2025-Q3", "--no-pages")
    assert done.returncode == 0, done.stderr
    assert (installed.folder / "new" / "out" / "E06000034" / "2025-Q3" / "return").is_dir()
    assert (installed.folder / "new" / "warehouse" / "warehouse.duckdb").is_file()
    # Nothing was left in the home of who ran it.
    assert list((installed.folder / "home").iterdir()) == []


def test_the_wheel_holds_no_tests_data_or_compiled_files_and_the_same_bytes_each_time(
    installed: Installed, tmp_path: Path
) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = wheel.namelist()
    assert {name.split("/")[0] for name in names} == {
        "pipelines", "schemas", "sql", "hclic_guides", installed.wheel.name.split("-py3")[0] + ".dist-info",
    }  # fmt: skip
    assert not [name for name in names if name.endswith((".pyc", ".duckdb", ".xlsx")) or "__pycache__" in name]
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in ("pipelines", "schemas", "sql")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert len(ours) > 500
    # Every one of them: the digest of our own files, which each ledger names, is then that of a checkout.
    assert ours - set(names) == set()
    again = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    # Built by way of the source distribution: whatever the wheel needs is in that too.
    assert next(tmp_path.glob("*.whl")).read_bytes() == installed.wheel.read_bytes()
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as source:
        held = {name.split("/", 1)[1] for name in source.getnames() if "/" in name}
    assert {"Makefile", "constraints.txt", "prefect.yaml", "tests/conftest.py", "docs/operations.md", "LICENSE"} <= held
