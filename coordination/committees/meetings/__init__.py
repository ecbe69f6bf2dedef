"""A meeting: planned, invited, moved, opened, closed."""
