"""The row of England, and of each region: what the authorities of a warehouse add up to, beside MHCLG's figures."""
