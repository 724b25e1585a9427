"""Text in: a corpus is read, counted into a vocabulary and encoded as token ids."""
