"""Time in temporary accommodation: stock and flow, length of stay, bed and breakfast, out-of-district placements."""
