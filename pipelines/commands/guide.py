"""``hclic guide``."""

from __future__ import annotations

from typing import Annotated

import typer


def guide(
    name: Annotated[
        str | None, typer.Argument(help="The guide. Without one they are listed.", show_default=False)
    ] = None,
    path: Annotated[bool, typer.Option(help="Print where the file lies instead of its text.")] = False,
) -> None:
    """The guides that come with hclic: list them, or read one.

    Example: hclic guide tutorial
    """
    import sys

    from pipelines.commands.console import say
    from pipelines.setup import guides

    if name is None:
        for one in guides.names():
            say(f"{one:24} {guides.title(guides.path_of(one))}")
        say(f"\nRead one with: hclic guide NAME. The files lie in {guides.folder()}")
        return
    found = guides.path_of(name)
    if path:
        say(str(found))
        return
    text = found.read_text(encoding="utf-8")
    if not sys.stdout.isatty():
        say(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    with console.pager(styles=True):
        console.print(Markdown(text))
