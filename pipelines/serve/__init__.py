"""The pages of a warehouse, live, for people on this machine: read-only but for notes and waivers."""
