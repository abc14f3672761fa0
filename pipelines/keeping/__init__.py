"""Keeping the warehouse: backups, retention, and the rights of the people in it."""
