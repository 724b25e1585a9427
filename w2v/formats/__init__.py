"""One module for each file format. It only translates between a file and words with a matrix."""
