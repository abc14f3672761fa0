"""The columns of every published table in every quarter, and the cells known to be wrong in print."""
