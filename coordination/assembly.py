"""The explicit tuples that gather functions of several rooms: CLOSERS, RULES, LETTERS, JOBS."""

from starlette.routing import BaseRoute

from coordination import audit
from coordination.db import Closer

# Run just before each commit, in this order: the audit chain last, so that its lock is held for
# one insert.
CLOSERS: tuple[Closer, ...] = (audit.chain,)


def load_models() -> None:
    """Import every module that declares a table, so that the metadata is complete."""
    from coordination import files, jobs, links, outbox  # noqa: F401
    from coordination.agencies import models as _agencies  # noqa: F401
    from coordination.committees import models as _committees  # noqa: F401
    from coordination.consent import models as _consent  # noqa: F401
    from coordination.directory import models as _directory  # noqa: F401
    from coordination.journeys import models as _journeys  # noqa: F401
    from coordination.monitoring import models as _monitoring  # noqa: F401
    from coordination.persons import models as _persons  # noqa: F401
    from coordination.programmes import models as _programmes  # noqa: F401
    from coordination.referrals import models as _referrals  # noqa: F401
    from coordination.signals import models as _signals  # noqa: F401
    from coordination.signin import models as _signin  # noqa: F401
    from coordination.web import models as _web  # noqa: F401


def routes() -> list[BaseRoute]:
    """Every route of every room; the order matters only where a word could be taken for an id."""
    from coordination.signin import pages as signin

    return [*signin.routes]
