"""Running many authorities side by side, with Prefect on Dask."""
