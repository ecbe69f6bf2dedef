"""The roles that share a PostgreSQL base, made by one command, and what each may do.

owner    makes and alters the tables; with the walls forced, reads no row about a person
web      serves the pages: only what the policies open, and never a past act or access line changed
beyond   what web becomes for one named piece of work (`db.beyond`): every row; nobody enters as it
worker   long work and commands: every row
audit    acts and access lines, nothing else
backup   reads everything, writes nothing
"""

import re
from typing import NamedTuple

from sqlalchemy import Engine, text
from sqlmodel import Session

from coordination import db
from coordination.walls.policies import AGENCY, BEYOND, KNOWS, NOW, PROFESSIONAL, policies

INSERT_ONLY = ("audit_entry", "access_line", "access_seal")


class Roles(NamedTuple):
    """Their names."""

    web: str
    beyond: str
    worker: str
    audit: str
    backup: str

    @classmethod
    def named(cls, prefix: str) -> "Roles":
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", prefix):
            raise ValueError("not the beginning of a role's name")
        return cls(*(f"{prefix}_{word}" for word in cls._fields))


class NoRoles(RuntimeError):
    """The base has no such roles yet."""


def make(engine: Engine, roles: Roles) -> list[str]:
    """Create the roles that are not there yet; their names come back. They may enter, once someone
    gave them a password, and nothing else: no inheritance of the owner, no way past the walls."""
    with db.transaction(engine) as session:
        known = set(session.execute(text("SELECT rolname FROM pg_roles")).scalars())
        missing = [role for role in roles if role not in known]
        for role in missing:
            enters = "NOLOGIN" if role == roles.beyond else "LOGIN"
            session.execute(
                text(f"CREATE ROLE {role} {enters} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
            )
        # Only what it asks to be, never both at once: `beyond` sees every row.
        session.execute(text(f"ALTER ROLE {roles.web} NOINHERIT"))
        session.execute(text(f"GRANT {roles.beyond} TO {roles.web}"))
    return missing


def raise_walls(session: Session, roles: Roles) -> None:
    """Grants and policies, written anew: after each migration, as the owner of the tables."""
    if session.get_bind().dialect.name != "postgresql":
        return
    known = set(session.execute(text("SELECT rolname FROM pg_roles")).scalars())
    if missing := set(roles) - known:
        raise NoRoles(f"Il manque des rôles\u00a0: {', '.join(sorted(missing))}.")
    for statement in (*_grants(roles), *_knows(roles), *_policies(roles)):
        session.execute(text(statement.replace(":", r"\:")))


def ease(session: Session) -> None:
    """Let the owner read and write rows: for a migration that fills, for a load of many rows. The
    web role stays behind the walls; `raise_walls` closes them on the owner again."""
    if session.get_bind().dialect.name != "postgresql":
        return
    there = text("SELECT relname FROM pg_class WHERE relforcerowsecurity AND relkind = 'r'")
    for table in session.execute(there).scalars().all():
        session.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))


def _grants(roles: Roles) -> list[str]:
    everyone = ", ".join(roles)
    only = ", ".join(INSERT_ONLY)
    return [
        f"GRANT USAGE ON SCHEMA public TO {everyone}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {everyone}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"
        f" TO {roles.web}, {roles.beyond}, {roles.worker}",
        f"REVOKE UPDATE, DELETE ON {only} FROM {roles.web}, {roles.beyond}, {roles.worker}",
        f"REVOKE INSERT ON access_seal FROM {roles.web}, {roles.beyond}",
        f"GRANT SELECT ON {only}, agency, professional TO {roles.audit}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {roles.backup}",
    ]


def _policies(roles: Roles) -> list[str]:
    statements = []
    for table, policy in policies().items():
        seen, added = (f"{BEYOND} OR {words}" for words in policy)
        for name in (
            "web_sees",
            "web_changes",
            "web_removes",
            "web_adds",
            "beyond",
            "worker",
            "backup",
            "audit",
        ):
            statements.append(f"DROP POLICY IF EXISTS {name} ON {table}")
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY web_sees ON {table} FOR SELECT TO {roles.web} USING ({seen})",
            f"CREATE POLICY web_changes ON {table} FOR UPDATE TO {roles.web}"
            f" USING ({seen}) WITH CHECK ({added})",
            f"CREATE POLICY web_removes ON {table} FOR DELETE TO {roles.web} USING ({seen})",
            f"CREATE POLICY web_adds ON {table} FOR INSERT TO {roles.web} WITH CHECK ({added})",
            f"CREATE POLICY beyond ON {table} TO {roles.beyond} USING (true) WITH CHECK (true)",
            f"CREATE POLICY worker ON {table} TO {roles.worker} USING (true) WITH CHECK (true)",
            f"CREATE POLICY backup ON {table} FOR SELECT TO {roles.backup} USING (true)",
        ]
        if table in INSERT_ONLY:
            statements.append(
                f"CREATE POLICY audit ON {table} FOR SELECT TO {roles.audit} USING (true)"
            )
    return statements


def _knows(roles: Roles) -> list[str]:
    """Has the agency that acts any live business with this person? Asked of a table that is itself
    behind the walls: by a function of the owner's, which sees it whole and says yes or no."""
    return [
        f"""CREATE OR REPLACE FUNCTION {KNOWS}(person uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER COST 1000 SET search_path = public, pg_temp AS $$
        SELECT EXISTS (SELECT 1 FROM reach WHERE reach.person_id = person
            AND reach.agency_id = {AGENCY} AND reach.effect = 'allow'
            AND (reach.professional_id IS NULL OR reach.professional_id = {PROFESSIONAL})
            AND reach.from_at <= {NOW}
            AND (reach.until_at IS NULL OR reach.until_at > {NOW})) $$""",
        f"REVOKE ALL ON FUNCTION {KNOWS}(uuid) FROM PUBLIC",
        "DROP POLICY IF EXISTS knows ON reach",
        "CREATE POLICY knows ON reach FOR SELECT TO CURRENT_USER USING (true)",
        f"GRANT EXECUTE ON FUNCTION {KNOWS}(uuid) TO {roles.web}",
    ]
