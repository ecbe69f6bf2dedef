"""Composes each notice at the moment of sending, from ids, and sends it. No other room talks to the
outside. A mail carries no personal data: who reads it signs in, or opens a link."""
