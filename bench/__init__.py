"""Measures against a bare baseline of the same run: `make bench`, or `make bench ONLY=loop`."""
