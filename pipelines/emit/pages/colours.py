"""The colours of the charts, each once; the dark mode of ``templates/style.css`` recolours them one by one."""

from __future__ import annotations

BLUE, ORANGE, GREY, INK = "#12436d", "#b5460f", "#595959", "#0b0c0c"
