"""The quality report: a return counted again from its files, beside the quarters before it."""
