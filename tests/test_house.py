"""The page of the house in CONTRIBUTING.md, the contract in pyproject.toml and the imports say the same."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = CONTRACTS[0]["layers"]


def _rooms(layer: str) -> list[str]:
    return re.findall(r"[\w.]+", layer)


HEIGHT = {room: number for number, layer in enumerate(reversed(LAYERS)) for room in _rooms(layer)}


def _room(module: str) -> str | None:
    return next((room for room in HEIGHT if module == room or module.startswith(room + ".")), None)


def _imports() -> list[tuple[str, str]]:
    """(importing module, imported name), also for imports within functions."""
    found = []
    for package in ("pipelines", "schemas", "sql"):
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    found += [(module, name.name) for name in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found += [(module, f"{node.module}.{name.name}") for name in node.names]
    return found


def test_the_house_page_lists_the_rooms_as_the_contract_does() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text().split("## The house")[1].split("Where something new goes")[0]
    rows = [line.replace("\\|", "/").split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    shown = [row.replace("`", "").replace("/", "|") for row in rows]
    assert shown == [layer.replace("pipelines.", "") for layer in LAYERS]


def test_every_folder_of_code_is_a_room() -> None:
    folders = {path.name for path in (ROOT / "pipelines").iterdir() if (path / "__init__.py").exists()} - {"emit"}
    folders |= {f"emit.{path.name}" for path in (ROOT / "pipelines/emit").iterdir() if (path / "__init__.py").exists()}
    assert {f"pipelines.{name}" for name in folders} <= set(HEIGHT)


def test_a_room_imports_only_from_below_or_from_a_neighbour_that_may_be() -> None:
    beside = {room: set(_rooms(layer)) if ":" in layer else {room} for layer in LAYERS for room in _rooms(layer)}
    wrong = []
    for module, name in _imports():
        here, there = _room(module), _room(name)
        if here and there and there not in beside[here] and HEIGHT[there] >= HEIGHT[here]:
            wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_only_the_flows_and_their_deployment_import_prefect() -> None:
    found = {module for module, name in _imports() if name.split(".")[0] == "prefect"}
    assert found <= {"pipelines.flows", "pipelines.deployments", "pipelines.fanout.flow", "pipelines.fanout.server"}


def test_the_command_line_starts_without_what_has_threads_of_its_own() -> None:
    started = "import sys, pipelines.cli; print(*{'polars', 'duckdb', 'numpy', 'prefect', 'dask'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", started], capture_output=True, text=True, check=True, cwd=ROOT)
    # Of a process with threads none may be split off that watches, and a second is gone before any command.
    assert ended.stdout.split() == []
