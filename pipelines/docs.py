"""Generated pages: written from models, rules and SQL, committed, and checked to be current."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _dictionary() -> str:
    from pipelines.dictionary import markdown

    return markdown()


def _rules() -> str:
    from pipelines.validate.catalogue import render_markdown

    return render_markdown()


def _relations() -> str:
    import sql

    return sql.readme()


def _metrics() -> str:
    from pipelines.metrics.catalogue import render_markdown

    return render_markdown()


def _mart() -> str:
    from pipelines.finance.mart.docs import render_markdown

    return render_markdown()


PAGES: dict[str, Callable[[], str]] = {
    "schemas/README.md": _dictionary,
    "schemas/rules/README.md": _rules,
    "sql/README.md": _relations,
    "docs/metrics.md": _metrics,
    "docs/mart.md": _mart,
}


def stale() -> list[str]:
    """Pages whose committed text is not what the code gives now."""
    found = []
    for name, render in PAGES.items():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != render():
            found.append(name)
    return found


def write() -> list[str]:
    """Write every generated page; returns those that changed."""
    changed = stale()
    for name in changed:
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
    return changed


def main(arguments: list[str]) -> int:
    """``write`` or ``check``."""
    if arguments == ["write"]:
        from schemas.returns.generate import main as write_xsd

        write_xsd()
        for name in write():
            print(f"wrote {name}")
        return 0
    found = stale()
    for name in found:
        print(f"{name} is stale: run make docs and commit it")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
