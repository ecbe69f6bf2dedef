"""The demonstration: planted small, held to what the product could have left."""

import hashlib
from datetime import date, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, inspect, text
from sqlmodel import Session, select
from starlette.testclient import TestClient

from coordination import app, clock, db, seed
from coordination.agencies.models import Membership, Professional
from coordination.committees.models import AgendaItem, Extract, Meeting, MeetingState, Minutes
from coordination.consent import cover, states
from coordination.consent.events import of as events_of
from coordination.consent.models import Consent, ConsentCover, ConsentState, EventKind
from coordination.errors import Refused
from coordination.journeys.models import Journey
from coordination.monitoring.models import TransitionFact
from coordination.persons import records
from coordination.persons.models import Person, PersonIdentity
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import LIVE, OPEN, Status, Verb, rule
from coordination.seed import planting
from coordination.seed.agreements import KINDS
from coordination.seed.paths import PATHS
from coordination.signals.models import Signal, SignalCode
from coordination.signin.pages import PERSONAS
from tests import town

SIZE = 120
_DAY = date.fromisoformat(town.NOON[:10])


@pytest.fixture(scope="module")
def planted(new_base) -> Engine:
    """One small Région for every test that only looks."""
    engine = db.connect(new_base(owned=True), pool_size=4)
    clock.set_source(lambda: datetime.fromisoformat(town.NOON))
    seed.plant(engine, journeys=SIZE, say=lambda _: None)
    yield engine
    engine.dispose()


@pytest.fixture
def look(planted: Engine) -> Session:
    with db.reading(planted) as session:
        yield session


def test_it_is_as_large_as_asked(look):
    assert look.exec(select(func.count()).select_from(Journey)).one() == SIZE


def test_every_foreign_key_leads_somewhere(planted):
    if planted.dialect.name == "postgresql":
        return  # the base checked each of them while they were written
    with planted.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_the_secondary_indexes_are_back(planted, new_base):
    fresh = db.connect(new_base(owned=True))
    expected = {t: _indexes(fresh, t) for t in inspect(fresh).get_table_names()}
    assert {t: _indexes(planted, t) for t in expected} == expected
    assert any(expected.values())
    fresh.dispose()


def _indexes(engine: Engine, table: str) -> set[str | None]:
    return {index["name"] for index in inspect(engine).get_indexes(table)}


def test_what_is_covered_is_what_the_events_say(look):
    written: dict = {}
    for row in look.exec(select(ConsentCover)).all():
        written.setdefault(row.consent_id, set()).add(_of(row))
    consents = look.exec(select(Consent)).all()
    assert len(consents) > SIZE / 2
    for consent in consents:
        standing = states.fold(events_of(look, consent))
        expected = {_of(row) for row in cover.covers(consent, standing)}
        assert written.get(consent.id, set()) == expected, standing


def _of(row: ConsentCover) -> tuple:
    return (row.person_id, row.agency_id, row.purpose, row.effect, row.categories, row.from_at,
            row.until_at)  # fmt: skip


def test_every_state_of_an_agreement_exists(look):
    folds = [states.fold(events_of(look, c)) for c in look.exec(select(Consent)).all()]
    assert {fold.state for fold in folds} == set(ConsentState)
    assert any(fold.oral for fold in folds)
    endings = {fold.ended_by for fold in folds}
    assert {EventKind.WITHDRAWN, EventKind.EXPIRED, EventKind.REVOKED} <= endings


def test_every_event_of_an_agreement_has_already_happened(look):
    for consent in look.exec(select(Consent)).all():
        moments = [event.created_at for event in events_of(look, consent)]
        assert moments == sorted(moments)
        assert moments[-1] <= clock.now()


def test_every_state_of_a_referral_exists(look):
    assert set(look.exec(select(Referral.status).distinct()).all()) == set(Status)


def test_the_steps_of_each_referral_follow_the_table_of_moves(look):
    steps: dict[UUID, list[ReferralStep]] = {}
    for step in look.exec(select(ReferralStep).order_by(ReferralStep.created_at)).all():
        steps.setdefault(step.referral_id, []).append(step)
    for referral in look.exec(select(Referral)).all():
        walked, before = steps[referral.id], None
        for step in walked:
            move = rule(Verb(step.verb))
            assert step.before == before
            assert before in move.before if before else not move.before
            assert step.after == (move.after or before)
            before = step.after
        assert before == referral.status
        assert (referral.sent_at is None) == (Verb.SEND not in PATHS[referral.status])
        assert bool(referral.ended_at) == (referral.status not in OPEN | LIVE)
        assert walked[-1].created_at <= clock.now()


def test_every_persona_signs_in_and_opens_a_first_page(planted):
    for persona in PERSONAS:
        browser = TestClient(app.build(planted), headers={"Origin": "http://testserver"})
        answer = browser.post("/connexion/demo", data={"persona": persona})
        assert answer.status_code == 200, persona
        assert answer.url.path != "/connexion", persona


def test_every_member_finds_the_annex_of_its_agency_once_minutes_are_sent(planted, look):
    meeting = look.exec(
        select(Meeting.id)
        .join(Minutes, Minutes.meeting_id == Meeting.id)
        .join(Extract, Extract.minutes_id == Minutes.id)
        .join(Membership, Membership.agency_id == Extract.agency_id)
        .join(Professional, Professional.id == Membership.professional_id)
        .where(Professional.persona == "partenaire")
    ).first()
    for persona in ("secretariat", "referent", "partenaire"):
        browser = TestClient(app.build(planted), headers={"Origin": "http://testserver"})
        browser.post("/connexion/demo", data={"persona": persona})
        annex = browser.get(f"/seances/{meeting}/annexe.pdf")
        assert annex.content.startswith(b"%PDF"), persona


def test_the_personas_of_committees_share_one_of_them(look):
    names = ("presidence", "secretariat", "referent", "formation", "partenaire")
    found = look.exec(select(Professional.persona).where(Professional.persona.in_(names))).all()
    assert sorted(found) == sorted(names)


def test_the_next_meeting_of_the_personas_is_convened_with_its_agenda_frozen(look):
    meeting = look.exec(select(Meeting).where(Meeting.state == MeetingState.CONVENED)).one()
    assert meeting.frozen_at
    assert meeting.starts_at > clock.now()
    numbered = look.exec(
        select(AgendaItem.number).where(
            AgendaItem.meeting_id == meeting.id, AgendaItem.number.is_not(None)
        )
    ).all()
    assert len(numbered) >= 10
    adjourned = look.exec(select(Meeting).where(Meeting.state == MeetingState.ADJOURNED)).one()
    assert adjourned.starts_at < clock.now()


def test_alerts_stand_and_figures_are_computed(look):
    raised = set(look.exec(select(Signal.code).distinct()).all())
    assert {SignalCode.SANS_CONTACT, SignalCode.FIN_SANS_SUITE, SignalCode.ORIENTATION_REFUSEE,
            SignalCode.ORIENTATION_EXPIREE, SignalCode.ACCORD_A_RECUEILLIR,
            SignalCode.REPRISE_DEPASSEE, SignalCode.DEMANDE_EXAMEN} <= raised  # fmt: skip
    assert look.exec(select(func.count()).select_from(TransitionFact)).one() > 10


def test_the_same_human_being_has_the_hash_that_the_product_would_give(look):
    person, identity = look.exec(
        select(Person, PersonIdentity).join(PersonIdentity, PersonIdentity.person_id == Person.id)
    ).first()
    assert person.human_hash == records.human_hash(
        given_names=identity.given_names, usual_name=identity.usual_name,
        birth_on=identity.birth_on,
    )  # fmt: skip


def test_a_base_that_holds_a_region_is_left_alone(planted):
    with pytest.raises(Refused):
        seed.plant(planted, journeys=10, say=lambda _: None)


@pytest.mark.sqlite_first
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(new_base):
    prints = []
    for number in (7, 7, 8):
        engine = db.connect(new_base(owned=True))
        planting.plant(engine, journeys=60, seed=number, say=lambda _: None, after=())
        prints.append(_print(engine))
        engine.dispose()
    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


def _print(engine: Engine) -> str:
    """One digest of every table that the generator fills."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in sorted(inspect(engine).get_table_names()):
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            digest.update(f"{table}{sorted(map(str, rows))}".encode())
    return digest.hexdigest()


def test_every_kind_of_agreement_ends_where_its_name_says():
    ends = {"asked": ConsentState.ASKED, "collected": ConsentState.COLLECTED,
            "refused": ConsentState.REFUSED, "valid": ConsentState.VALID,
            "oral": ConsentState.VALID, "narrowed": ConsentState.VALID,
            "renewed": ConsentState.VALID}  # fmt: skip
    for kind, events in KINDS.items():
        told = [SimpleNamespace(kind=e, details={}, recipients=["a"], categories=1, valid_from=_DAY,
                                valid_until=None, collected=None) for e in events]  # fmt: skip
        assert states.fold(told).state == ends.get(kind, ConsentState.ENDED), kind
