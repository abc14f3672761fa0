"""Setting up: a new folder for an authority, and a look at the machine."""
