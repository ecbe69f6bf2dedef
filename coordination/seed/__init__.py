"""The demonstration Région: a seeded generator, the same rows for the same seed and day. It writes
only states that the product itself could have left."""

from coordination.seed.planting import plant

__all__ = ["plant"]
