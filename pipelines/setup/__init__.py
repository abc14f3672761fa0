"""Setting up: the configuration of a folder, a new folder, what a machine needs, the guides."""
