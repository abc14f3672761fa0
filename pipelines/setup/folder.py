"""A new folder to work in: places for what is kept, a configuration, first steps. Nothing that is there is touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipelines.authority import check_authority
from pipelines.errors import UsageError
from pipelines.run.request import OPTIONS, Option
from pipelines.setup import guides
from pipelines.setup.configuration import NAME, ONE_RUN_ONLY, SHARED
from pipelines.whole import into

PLACES = ("exports", "profiles", "decisions", "warehouse", "out")
"""Folders of a new folder; only their owner may look into them."""

IN_FORCE = {"export": "exports", "source": "profiles/my-system.toml", "out": "out"}
"""Options that a new configuration sets: where its own places are."""
OF_THE_SAMPLE = IN_FORCE | {
    "authority": "E06000034",
    "source": "native",
    "note": "The households of the sample are invented; only the totals of its official tables are real.",
}
"""The same, and what is to be known of it, where the export is the sample."""
OF_CASES = frozenset({"waivers", "forced_cases", "migration_map", "reference_map"})
"""Files that name cases."""


@dataclass(frozen=True)
class Made:
    """Names of what was written and of what was there before, as paths within the folder."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def make(folder: Path, authority: str | None = None, *, sample: bool = False) -> Made:
    """Make the folder, or add to it what it lacks; with ``sample``, an export of invented households too.

    Raises:
        UsageError: the authority is not known, or the folder cannot be written.
    """
    if sample:
        authority = OF_THE_SAMPLE["authority"]
    if authority is not None:
        check_authority(authority)
    written, kept = list[str](), list[str]()
    try:
        texts = _texts(authority, sample=sample)
        for path in sorted(guides.sample().glob("*.csv")) if sample else ():
            texts[f"exports/{path.name}"] = path.read_text(encoding="utf-8")
        for place in PLACES:
            (kept if (folder / place).is_dir() else written).append(f"{place}/")
        with into(folder, replaces=False) as new:
            for place in PLACES:
                (new / place).mkdir(mode=0o700)
            for name, text in texts.items():
                (kept if (folder / name).exists() else written).append(name)
                if not (folder / name).exists():
                    (new / name).write_text(text, encoding="utf-8")
    except OSError:
        raise UsageError(f"The folder {folder} cannot be written.") from None
    return Made(tuple(written), tuple(kept))


def _texts(authority: str | None, *, sample: bool) -> dict[str, str]:
    shipped = files("pipelines.setup") / "starting"

    def text(name: str) -> str:
        return (shipped / name).read_text(encoding="utf-8")

    return {
        NAME: configuration(authority, text, OF_THE_SAMPLE if sample else IN_FORCE),
        "README.md": text("README.md").replace("@authority@", authority or "your authority"),
        ".gitignore": text("gitignore"),
    }


def configuration(authority: str | None, text: Callable[[str], str], in_force: Mapping[str, str]) -> str:
    """The configuration of a new folder: every option of a run in its words, those of the folder's places in force."""
    line = f'authority = "{authority}"' if authority else '# authority = "E06000034"'
    parts = [text("head.toml").replace("@authority@", line).rstrip("\n") + "\n\n"]
    parts += [_lines(one, in_force) for one in OPTIONS if one.name not in (*SHARED, *ONE_RUN_ONLY, "quarter")]
    return "\n".join(parts)


def _lines(option: Option, in_force: Mapping[str, str]) -> str:
    if option.name in in_force:
        return f"# {option.help}\n{option.name} = {json.dumps(in_force[option.name])}\n"
    example = f"decisions/{option.name}.csv" if option.name in OF_CASES else option.default
    if example is None:
        example = "…"
    return f"# {option.help}\n# {option.name} = {json.dumps(example, ensure_ascii=False)}\n"
