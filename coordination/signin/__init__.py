"""Signing in: personas of the demonstration, e-mail link, sessions."""
