"""Agreements’ pages, withdrawal, and what crosses rooms about a person’s rights."""
