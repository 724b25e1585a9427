"""The engines: whatever trains a text on some weights, each behind the protocol of `engine.py`."""
