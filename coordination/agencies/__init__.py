"""Régions, territories, agencies and the professionals who work for them."""
