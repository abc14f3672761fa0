"""``python -m tools.site.pictures``: the pictures of the tutorial, drawn from the sample by Debian's Chromium.

They show what the sample's run writes, in a folder that is removed again. A picture is committed: its bytes follow the
browser and its fonts, so that nothing is compared with them.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
WIDE, HIGH = 1120, 700
COLOURS = 64
PATIENCE = 180_000
"""Milliseconds: a machine that does much besides takes its time."""
QUARTER = "out/E06000034/2025-Q3"

SHOWN: dict[str, tuple[str, str | None]] = {
    "findings": (f"{QUARTER}/findings/findings.html", None),
    "dashboard": (f"{QUARTER}/metrics/dashboard.html", None),
    "worklists": (f"{QUARTER}/worklists/worklists.html", None),
    "quality": (f"{QUARTER}-quality/quality_report.html", None),
    "sign-off": (f"{QUARTER}/sign_off/sign_off.html", None),
}
"""Page, and what is scrolled to, by picture."""


def hclic(folder: Path, *typed: str) -> None:
    """A command in the folder; its exit status is not looked at: what is blocked has pages too."""
    environment = os.environ | {"HCLIC_CACHE": "off"}
    subprocess.run([sys.executable, "-m", "pipelines.cli", *typed], cwd=folder, env=environment, check=False)


def draw(folder: Path, names: Sequence[str]) -> None:
    """The pictures of those names."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
        page.set_default_timeout(PATIENCE)
        for name in names:
            path, to = SHOWN[name]
            if not (folder / path).is_file():
                print(f"no {path}: {name}.png is left as it is")
                continue
            page.goto((folder / path).as_uri())
            page.wait_for_timeout(500)
            if to:
                page.locator(to).first.scroll_into_view_if_needed()
            shot = Image.open(io.BytesIO(page.screenshot()))
            shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
                PICTURES / f"{name}.png", optimize=True
            )
        browser.close()


def main(names: Sequence[str]) -> None:
    """All pictures, or those named."""
    with tempfile.TemporaryDirectory() as place:
        hclic(Path(place), "init", "homelessness-return", "--sample")
        folder = Path(place) / "homelessness-return"
        hclic(folder, "run", "--quarter", "2025-Q3")
        hclic(folder, "qa", "--quarter", "2025-Q3")
        of, levels = ("--quarter", "2025-Q3"), "main=audited,people=sampled,all=checked"
        compared = "Compared with the caseload report"
        hclic(folder, "signoff", "check", *of, "--levels", levels, "--by", "A. Officer", "--why", compared)
        answers = ("--fit-to-publish", "yes", "--evidence", "Totals agree with the monthly report")
        hclic(folder, "signoff", "sign", *of, *answers, "--by", "B. Manager", "--why", "Agreed at the data meeting")
        draw(folder, names or list(SHOWN))


if __name__ == "__main__":
    main(sys.argv[1:])
