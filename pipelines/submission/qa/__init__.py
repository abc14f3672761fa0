"""The quality report of a return, from its files on disk."""
