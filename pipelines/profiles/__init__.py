"""Source profiles by machine and for people: a draft, a trial on an export, and the mapping as a table."""
