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


def _rule_page(name: str) -> Callable[[], str]:
    def render() -> str:
        from pipelines.validate.reference_pages import markdown_pages

        return markdown_pages()[name]

    return render


def _rules_in_one() -> str:
    from pipelines.validate.reference_pages import html_page

    return html_page()


def _deployments() -> str:
    from pipelines.schedules.prefect_yaml import of_the_checkout

    return of_the_checkout()


RULES = "docs/rules"
PAGES: dict[str, Callable[[], str]] = {
    "schemas/README.md": _dictionary,
    "schemas/rules/README.md": _rules,
    "sql/README.md": _relations,
    "docs/metrics.md": _metrics,
    "docs/mart.md": _mart,
    "docs/rules.html": _rules_in_one,
    "prefect.yaml": _deployments,
}


def _pages() -> dict[str, Callable[[], str]]:
    """Every generated page; of the rules, one each."""
    from pipelines.validate.reference_pages import markdown_pages

    return PAGES | {f"{RULES}/{name}": _rule_page(name) for name in markdown_pages()}


def _left_over() -> list[str]:
    """Pages of rules that there are no more."""
    known = _pages()
    there = sorted(f"{RULES}/{path.name}" for path in (ROOT / RULES).glob("*.md"))
    return [name for name in there if name not in known]


def stale() -> list[str]:
    """Pages whose committed text is not what the code gives now."""
    found = []
    for name, render in _pages().items():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != render():
            found.append(name)
    return found + _left_over()


def write() -> list[str]:
    """Write every generated page; returns those that changed."""
    changed, pages = stale(), _pages()
    (ROOT / RULES).mkdir(exist_ok=True)
    for name in changed:
        if name in pages:
            (ROOT / name).write_text(pages[name](), encoding="utf-8")
        else:
            (ROOT / name).unlink()
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
