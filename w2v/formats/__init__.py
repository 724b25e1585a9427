"""One module a file format; each only translates between a file and words with their matrix."""
