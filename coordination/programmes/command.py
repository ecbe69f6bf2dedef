"""Loading the shipped catalogue into a base that lives already."""

from sqlalchemy import Engine

from coordination import audit, db
from coordination.agencies.actors import COMMAND
from coordination.programmes import planting


def plant(engine: Engine) -> planting.Planted:
    """Add what is missing, in one transaction, with its line in the journal when anything came."""
    with db.transaction(engine, (audit.chain,)) as session:
        done = planting.plant(session)
        if any(done):
            audit.act(session, COMMAND, "programme.planted", added=done.added, tidied=done.tidied)
        return done
