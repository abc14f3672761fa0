"""Invented households whose official tables are the published row of an authority."""
