"""Many authorities: their list, one warehouse for all, the row of England, and one beside the other."""
