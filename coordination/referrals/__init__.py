"""Referrals: one agency asks another to take a person on."""
