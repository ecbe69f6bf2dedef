"""The catalogue of programmes and their dated rules."""
