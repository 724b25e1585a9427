"""What lies at URLs instead of on this machine, through fsspec."""
