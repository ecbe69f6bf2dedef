"""The Région's figures: counts, never names."""
