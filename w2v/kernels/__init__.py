"""The arithmetic: compiled functions that see only arrays and scalars."""
