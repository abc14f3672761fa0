"""What comes with hclic: known faults of it, its licences, and the wheel as its users get it."""
