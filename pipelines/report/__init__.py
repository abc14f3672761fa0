"""The quarter as a document for committees: what changed, with tables, charts and definitions."""
