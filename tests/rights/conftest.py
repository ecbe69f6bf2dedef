"""What a withdrawal reaches: the meeting convened, a referral on its way."""

from types import SimpleNamespace

import pytest

from coordination.agencies import actors
from coordination.consent import reach
from coordination.consent.models import ReachKind
from coordination.journeys.models import Journey, Need
from coordination.referrals import moves
from coordination.referrals.models import Referral
from coordination.referrals.states import By, Verb


@pytest.fixture
def convened(act, town) -> None:
    """The meeting's members may look at Dana, as far as she agreed."""
    with act() as db:
        for agency in (town.ccas, town.greta, town.mde):
            reach.open_to(
                db,
                person_id=town.dana.id,
                agency_id=agency.id,
                kind=ReachKind.MEETING,
                source_id=town.meeting.id,
            )


@pytest.fixture
def referral(act, town) -> SimpleNamespace:
    """`referral.sent()` and `referral.started()`: Dana, from the mission to the ccas."""

    def sent():
        with act() as db:
            alice = actors.of_professional(db, town.alice.id)
            made = moves.prepare(
                db,
                need=db.get_one(Need, town.need.id),
                journey=db.get_one(Journey, town.journey.id),
                recipient_id=town.ccas.id,
                actor=alice,
            )
            return moves.send_or_wait(db, made, actor=alice)

    def started():
        made = sent()
        with act() as db:
            chloe = actors.of_professional(db, town.chloe.id)
            held = db.get_one(Referral, made.id)
            side = {"actor": chloe, "side": By.RECIPIENT}
            moves.move(db, held, Verb.ACCEPT, ask_for="Chloé", **side)
            return moves.move(db, held, Verb.START, on_day=town.today, **side)

    return SimpleNamespace(sent=sent, started=started)
