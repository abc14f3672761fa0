"""Authorities of one quarter beside each other: their counts, figures with intervals, and the page."""
