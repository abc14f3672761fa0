"""What a portal said of a return, laid beside our findings of the run that made it."""
