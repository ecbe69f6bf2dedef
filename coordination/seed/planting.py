"""Filling an empty base: places and committees, then lives one by one, then the meetings that spoke
of them."""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine, func, select
from sqlmodel import col

from coordination import assembly, clock, db
from coordination.agencies.models import Region
from coordination.errors import Refused
from coordination.monitoring import facts
from coordination.seed import courses, opening
from coordination.seed.fate import YOUNG, Fate
from coordination.seed.ground import Ground
from coordination.seed.growing import Growing
from coordination.seed.places import Places
from coordination.seed.sessions import Sessions
from coordination.seed.stage import Stage
from coordination.seed.store import Store
from coordination.seed.tables import Tables

BATCH = 4000  # journeys written at a time
After = Callable[[Engine], object]
AFTER: tuple[After, ...] = (opening.raise_alerts, opening.convene, facts.refresh)


def plant(
    engine: Engine,
    *,
    journeys: int = 3000,
    seed: int = 1,
    regions: int = 1,
    say: Callable[[str], object] = print,
    after: Sequence[After] = AFTER,
) -> int:
    """Fill an empty base and return how many rows were written. `after` is done on what was
    planted, in its order: alerts, the agenda of the next meeting, figures."""
    assembly.load_models()
    _must_be_empty(engine)
    began = time.perf_counter()
    with Store(engine) as store:
        store.drop_indexes()
        ground = Ground(store, clock.today(), seed)
        growing = _prepare(ground, regions)
        _live(ground, growing, journeys, say)
        sessions = Sessions(ground)
        for place in ground.places:
            for table in place.tables:
                sessions.hold(table)
        store.flush()
        store.make_indexes()
    took = time.perf_counter() - began
    say(f"{growing.grown} parcours, {store.written} lignes en {took:.1f} s.")
    for work in after:
        work(engine)
    return store.written


def _prepare(ground: Ground, regions: int) -> Growing:
    """Everything but people's lives; the personas' own journeys come first."""
    places, tables = Places(ground), Tables(ground)
    planted = places.settle(max(1, regions))
    courses.teach(ground, planted)
    stage = Stage(ground)
    tables.lay(stage.place)
    stage.cast(places, tables)
    growing = Growing(ground)
    for sketch in stage.sketches():
        human = growing.people.someone(stage.place, young=sketch.house.kind in YOUNG)
        growing.grow(human, sketch)
        growing.people.write(human)
    return growing


def _live(ground: Ground, growing: Growing, journeys: int, say: Callable[[str], object]) -> None:
    fate, store = Fate(ground), ground.store
    shares = [(sum(place.weights) ** 0.6) for place in ground.places]
    told = BATCH
    while growing.grown < journeys:
        place = ground.rng.choices(ground.places, shares)[0]
        human = None
        for sketch in fate.life(place):
            if growing.grown >= journeys:
                break
            if human is None:
                human = growing.people.someone(place, young=sketch.house.kind in YOUNG)
            growing.grow(human, sketch)
        if human is not None:
            growing.people.write(human)
        if growing.grown >= told:
            store.flush()
            store.commit()
            told += BATCH
            if told % 100_000 < BATCH:
                say(f"{growing.grown} parcours…")


def _must_be_empty(engine: Engine) -> None:
    with db.reading(engine) as session:
        known = session.execute(select(func.count(col(Region.id)))).scalar_one()
    if known:
        raise Refused(
            "Cette base contient déjà une Région : la démonstration demande une base vide."
        )
