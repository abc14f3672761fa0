"""What is written: the return, the published tables, reports."""
