"""What a machine and an installation have for training, and what is wrong with them."""
