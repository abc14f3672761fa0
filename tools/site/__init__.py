"""The site of the documentation, and its pictures."""
