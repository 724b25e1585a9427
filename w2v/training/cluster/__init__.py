"""Training on a Dask cluster: what runs on its workers, and how they exchange what they changed."""
