"""Passerelles: the working tool of multi-agency coordination committees."""

__version__ = "0.2.0"
