"""Ten years of one authority: an invented case-management system, its quarters, and a recount that shares no code."""
