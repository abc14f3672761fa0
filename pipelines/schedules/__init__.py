"""What runs by itself and when, and the files that make a machine do it: with Prefect, and without."""
