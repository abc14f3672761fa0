"""Why trouble with an export matters, where several kinds of it share the reason, in words that need no code."""

from __future__ import annotations

LOST = "What is not read is missing from the return and from every figure, and nobody sees that it is."
ASIDE = "A row that is set aside is in no return and no figure until it is mended."
BLANKED = "A cell that is not understood is read as blank, so the case is judged, sent and counted without it."
NOT_MEANT = "Where the source profile and the export differ, less is read than was meant, and nobody sees it."
GUESS = "Where nothing says which of several is meant, whatever is read may be the wrong one."
DOUBLED = "What is there twice is counted and paid twice."
