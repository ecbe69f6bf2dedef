"""Members, roles, catalogue, audit."""
