"""Who hears that an agreement is awaited, when, and that nothing personal is told."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from coordination import assembly
from coordination.agencies.models import Membership, Role
from coordination.committees.agenda import propose
from coordination.committees.models import Meeting
from coordination.consent.models import ConsentCover, Purpose
from coordination.journeys import working_days
from coordination.journeys.models import Journey, Referent
from coordination.journeys.models_along import ReferentAbsence
from coordination.outbox import Notice, Stale
from coordination.postman import signals as letters
from coordination.signals import demands
from coordination.signals.models import Signal, SignalCode


@pytest.fixture
def asked(act, town):
    """Dana has not answered about the committee; an examination is asked for."""
    with act() as session:
        for cover in session.exec(select(ConsentCover)):
            if cover.purpose is Purpose.COMMITTEE:
                session.delete(cover)
    with act() as session:
        made = demands.ask(
            session, session.get_one(Journey, town.journey.id), question="Quelle suite\u00a0?",
            tried="", wish="", told=True, agencies=[], actor=town.actor("alice"),
        )  # fmt: skip
    return made


@pytest.fixture
def told(engine):
    """What was posted about agreements: (kind, number)."""

    def look() -> list:
        with Session(engine) as session:
            posted = select(Notice).where(Notice.kind.startswith("signals.agreement"))
            return sorted((n.kind, n.number) for n in session.exec(posted))

    return look


def remind(engine) -> None:
    assembly.JOBS["signals.agreements"](engine, {})


REFERENT, SECRETARY = "signals.agreement", "signals.agreement_secretary"


def test_the_referent_hears_in_the_same_commit(asked, told):
    assert told() == [(REFERENT, 0)]


@pytest.mark.parametrize(
    ("days", "heard"),
    [
        (4, [(REFERENT, 0)]),
        (5, [(REFERENT, 0), (REFERENT, 5)]),
        (9, [(REFERENT, 0), (REFERENT, 5)]),
        (10, [(REFERENT, 0), (REFERENT, 5), (SECRETARY, 10)]),
        (11, [(REFERENT, 0), (REFERENT, 5), (SECRETARY, 10)]),
    ],
)
def test_again_after_five_working_days_and_the_secretary_after_ten(
    engine, asked, town, told, stopped_clock, days, heard
):
    day = working_days.after(town.today, days)
    stopped_clock.later(days=(day - town.today).days)
    for _ in range(2):  # twice changes nothing
        remind(engine)
    assert told() == heard


def test_the_letters_say_where_and_name_nobody(engine, asked, town, db, stopped_clock):
    day = working_days.after(town.today, 10)
    stopped_clock.later(days=(day - town.today).days)
    remind(engine)
    first, again, secretary = db.exec(
        select(Notice).where(Notice.kind.startswith("signals.agreement")).order_by(Notice.number)
    ).all()
    mails = [letters.LETTERS[n.kind](db, n)[0] for n in (first, again, secretary)]
    assert [mail.to for mail in mails] == [
        "alice@example.org", "alice@example.org", "sophie@example.org",
    ]  # fmt: skip
    assert f"/parcours/{town.journey.id}/accords" in mails[0].text
    assert f"/comites/{town.committee.id}" in mails[2].text
    assert town.journey.number not in mails[2].text
    for mail in mails:
        for word in ("BENALI", "Benali", "Dana", "Quelle suite", "remobilisation"):
            assert word not in mail.subject + mail.text


def test_once_the_person_has_answered_nobody_hears(act, asked, town, db):
    with act() as session:
        demand = session.merge(asked)
        demands.withdraw(session, demand, actor=town.actor("alice"))
    (notice,) = db.exec(select(Notice).where(Notice.kind == REFERENT)).all()
    with pytest.raises(Stale):
        letters.agreement(db, notice)


def test_the_next_agenda_shows_it_in_any_case(act, asked, town, db):
    alert = db.exec(select(Signal).where(Signal.code == SignalCode.ACCORD_A_RECUEILLIR)).one()
    with act() as session:
        items = propose.propose(session, session.get_one(Meeting, town.meeting.id))
        (item,) = [item for item in items if item.journey_id == town.journey.id]
    assert str(alert.id) in item.signals
    assert alert.since_on == town.today


@pytest.mark.parametrize(("left", "hears"), [(False, True), (True, False)])
def test_who_replaces_the_referent_hears_in_their_place_unless_they_left(
    act, engine, town, db, left, hears
):
    with act() as session:
        held = session.exec(select(Referent).where(Referent.journey_id == town.journey.id)).one()
        session.add(
            ReferentAbsence(referent_id=held.id, journey_id=town.journey.id,
                            from_on=town.today, replacement_id=town.bruno.id)
        )  # fmt: skip
        last = town.today - timedelta(days=1) if left else None
        session.add(
            Membership(professional_id=town.bruno.id, agency_id=town.mission.id, role=Role.ADVISER,
                       from_on=town.today - timedelta(days=60), until_on=last)
        )  # fmt: skip
        for cover in session.exec(select(ConsentCover)):
            if cover.purpose is Purpose.COMMITTEE:
                session.delete(cover)
        demands.ask(
            session, session.get_one(Journey, town.journey.id), question="Quelle suite ?",
            tried="Deux immersions.", wish="Travailler dehors.", told=True, agencies=[],
            actor=town.actor("alice"),
        )  # fmt: skip
    heard = db.exec(select(Notice.professional_id).where(Notice.kind == REFERENT)).all()
    assert heard == ([town.bruno.id] if hears else [])
