"""The same person under two references: candidates for officers, what they answered, and the person numbers of it."""
