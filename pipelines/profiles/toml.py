"""Texts, lists and lines of TOML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

WIDTH = 46
"""Characters of a line after which a comment begins."""
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def text(value: str) -> str:
    """The value as a basic string."""
    return '"' + "".join(_ESCAPED.get(one, one if one.isprintable() else f"\\U{ord(one):08X}") for one in value) + '"'


def listing(values: Iterable[str]) -> str:
    """The values as an array on one line."""
    return "[" + ", ".join(text(one) for one in values) + "]"


def table(values: Mapping[str, str]) -> str:
    """Values that are TOML already, as an inline table."""
    return "{ " + ", ".join(f"{key(name)} = {value}" for name, value in values.items()) + " }"


def key(name: str) -> str:
    """The name as a key, in quotation marks where it needs some."""
    bare = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return name if bare else text(name)


def line(content: str, comment: str = "", *, off: bool = False) -> str:
    """One line with its comment; ``off``: the whole of it is a comment, to be pasted."""
    start = f"# {content}" if off else content
    return f"{start:<{WIDTH}}  # {comment}" if comment else start


def comment(words: str, width: int = 118) -> list[str]:
    """A sentence as lines of comment."""
    lines, current = [], "#"
    for word in words.split():
        if len(current) + 1 + len(word) > width and current != "#":
            lines.append(current)
            current = "#"
        current += f" {word}"
    return [*lines, current]
