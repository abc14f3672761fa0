"""Answering for a return: its quality report, sign-off, revision, and making it again."""
