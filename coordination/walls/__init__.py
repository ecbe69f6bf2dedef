"""PostgreSQL's own walls: which rows the web role may see, told in the words of the read rule, and
the roles that share the base. SQLite has none of this: production is PostgreSQL.

The queries of each room are the first wall; these policies are the second. Either alone lets
nothing out (tests/test_walls_postgresql.py takes one away, then the other).
"""

from coordination.walls.roles import NoRoles, Roles, ease, make, raise_walls

__all__ = ["NoRoles", "Roles", "ease", "make", "raise_walls"]
