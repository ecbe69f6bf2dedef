"""A base of so many journeys for the bench of alerts: `python -m bench.signals_plant URL COUNT`. A
count of 0 takes a base planted before, as it was: without alerts."""

import sys

from sqlmodel import SQLModel, delete

from coordination import assembly, db, seed
from coordination.signals.models import Signal


def main(url: str, journeys: int) -> None:
    assembly.load_models()
    engine = db.connect(url)
    if journeys:
        with db.transaction(engine) as session:
            SQLModel.metadata.create_all(session.connection())
        seed.plant(engine, journeys=journeys, after=())
    else:
        with db.transaction(engine) as session:
            session.execute(delete(Signal))
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
