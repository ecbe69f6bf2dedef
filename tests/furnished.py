"""The town with one of everything that an address may name: what the walks of every route need.

Three more people: Fanny left the mission yesterday, Denis is disabled, Rita keeps another committee
and knows no one here. Three meetings: one planned (`town.meeting`), one in session (`town.open`),
one held whose minutes were sent (`town.held`).
"""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from coordination import clock, files, links
from coordination.agencies import actors
from coordination.agencies.models import Membership, Professional, Role
from coordination.committees.minutes import sending
from coordination.committees.models import (
    AgendaItem,
    ItemState,
    Mandate,
    Meeting,
    MeetingState,
    Section,
)
from coordination.consent import events, reach
from coordination.consent.models import Collected, Purpose, ReachKind
from coordination.db import columns
from coordination.desk.models import SavedView
from coordination.journeys import commitments, contacts, groups, imports
from coordination.journeys.models import Channel, Journey, JourneyDue
from coordination.journeys.models_along import CommitmentKind, Signer
from coordination.links import LinkKind
from coordination.persons.categories import Category
from coordination.persons.models import Compared, Finding
from coordination.programmes.models import ProgrammeRule
from coordination.referrals import moves
from coordination.rights.models import PersonMerge, Recall
from coordination.signals.models import Demand, DemandState, Signal, SignalCode
from coordination.signin import sessions
from coordination.signin.models import SignedSession
from tests import seated
from tests import town as small
from tests.committees.worlds import another_committee

LIST = "Identifiant dans le SI*;Prénom*;Nom*;Date de naissance*\n1;Lina;Costa;02/03/2001\n"
PDF = b"%PDF-1.7 a signed form"


def furnish(db: Session, town: SimpleNamespace) -> SimpleNamespace:
    """Writes one of everything into the town of tests/town.py."""
    _people(db, town)
    alice = actors.of_professional(db, town.alice.id)
    town.signal = _add(db, signal(town.journey))
    town.demand = _add(db, demand(town, town.journey, "Quelle suite après la remobilisation ?"))
    town.draft = moves.prepare(
        db, need=small.need(db, town, town.sami_journey), journey=town.sami_journey,
        recipient_id=town.ccas.id, question="Un hébergement ?", actor=alice,
    )  # fmt: skip
    town.referral = moves.prepare(
        db, need=town.need, journey=town.journey, recipient_id=town.ccas.id,
        question="Un micro-crédit pour la voiture ?", actor=alice,
    )  # fmt: skip
    moves.send_or_wait(db, town.referral, actor=alice)
    town.token = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=town.referral.id)
    town.recall = _add(db, asked_back(town))
    town.recall_token = links.make(db, LinkKind.RECALL, agency=town.ccas.id, about=town.recall.id)
    town.person_token = links.make(db, LinkKind.PERSON, about=town.dana.id)
    town.run = imports.prepare(
        db, LIST.encode(), name="liste.csv", agency_id=town.mission.id, actor=alice,
        answers=imports.Answers(
            town.programme.id, town.today, town.today + timedelta(days=200)
        ),
    )  # fmt: skip
    town.merge = _add(
        db,
        PersonMerge(person_id=town.dana.id, absorbed_id=town.sami.id, agency_id=town.mission.id,
                    hash_before=town.dana.human_hash,
                    undoable_until=clock.now() + timedelta(days=30)),
    )  # fmt: skip
    town.dana_at_ccas = small.person(db, town, "Dana", "Benali-Roux", date(1999, 3, 14), "ccas")
    town.compared = _add(
        db,
        Compared(person_id=town.dana_at_ccas.id, other_id=town.sami.id, agency_id=town.ccas.id,
                 finding=Finding.SAME, undoable_until=clock.now() + timedelta(days=30)),
    )  # fmt: skip
    town.signed = _signed_consent(db, town, alice)
    town.group = groups.open_group(
        db, agency_id=town.mission.id, programme_id=town.programme.id, label="Groupe de juin",
        from_on=town.today - timedelta(days=10), actor=alice,
    )  # fmt: skip
    groups.join(db, town.group, town.journey, actor=alice)
    contacts.record(
        db, town.journey, on_day=town.today, channel=Channel.PHONE, actor=alice, note="Va bien."
    )
    for who in (town.dana, town.sami):
        for _, agency in seated.MEMBERS:
            reach.open_to(db, person_id=who.id, agency_id=getattr(town, agency).id,
                          kind=ReachKind.MEETING, source_id=town.meeting.id)  # fmt: skip
    seated.planned(db, town)
    town.open = seated.meeting(db, town, 2, timedelta(0), MeetingState.OPEN)
    town.point, town.decision, town.action = seated.examined(
        db, town, town.open, ItemState.ACCEPTED
    )
    town.open.current_item_id = town.point.id
    town.held = seated.meeting(db, town, 3, timedelta(days=-7), MeetingState.ADJOURNED)
    town.old_point, town.taken, town.owed = seated.examined(db, town, town.held, ItemState.EXAMINED)
    town.review = _add(
        db,
        AgendaItem(
            meeting_id=town.open.id, section=Section.FOLLOW_UP, rank=1, number=3,
            state=ItemState.ACCEPTED, title="Action en cours", follow_up_id=town.owed.id,
        ),
    )  # fmt: skip
    town.minutes = sending.send(db, town.held, actor=actors.of_professional(db, town.sophie.id))
    town.view = _add(
        db, SavedView(professional_id=town.alice.id, name="Bientôt finis", filters="fin=4")
    )
    town.commitment = commitments.propose(
        db, town.journey, kind=CommitmentKind.RECIPROCAL, actor=alice,
        signers={Signer.PERSON: None, Signer.CARRIER: town.mission.id},
    )  # fmt: skip
    town.mandate = db.execute(
        columns(Mandate.id).where(Mandate.professional_id == town.bruno.id)
    ).scalar_one()
    town.rule_to_come = _add(
        db,
        ProgrammeRule(
            programme_id=town.programme.id, from_on=town.today + timedelta(days=60),
            max_duration_months=15,
        ),
    ).id  # fmt: skip
    town.cookies = {
        name: sessions.open_session(db, getattr(town, name).id, means="link")
        for name in (*small.PEOPLE, "fanny", "denis", "rita")
    }
    town.cookies["ended"] = _ended_session(db, town.alice)
    town.half_token = links.make(db, LinkKind.SIGN_IN, professional=town.alice.id)
    town.denis.disabled = True
    db.flush()
    db.execute(delete(JourneyDue))  # the rules have looked: `town.signal` stands
    db.info.pop("acts", None)
    return town


def asked_back(town: SimpleNamespace) -> Recall:
    """The ccas was asked what became of what it had, once."""
    return Recall(
        person_id=town.dana.id, owner_id=town.mission.id, agency_id=town.ccas.id, number=1,
        categories=1, referrals=[town.referral.number], told_at=clock.now(),
    )  # fmt: skip


def ids(town: SimpleNamespace, path: str) -> dict[str, UUID | str]:
    """What stands for the words in braces of a route's address."""
    folder = path.split("/")[1]
    last = path.rsplit("/", 1)[-1]
    about = {
        "parcours": town.run if "importer" in path else town.journey,
        "alertes": town.signal,
        "comites": town.committee,
        "seances": _of_meetings(town, path),
        "decisions": town.taken if last in {"redaction", "dite"} else town.decision,
        "actions": town.owed if last == "compte-rendu" else town.action,
        "orientations": town.referral,
        "retraits": town.recall,
        "doublons": town.dana_at_ccas if "/ailleurs/" in path else town.dana,
        "rapprochements": town.compared,
        "fusions": town.merge,
        "administration": town.mission,
        "dispositifs": town.programme,
    }.get(folder)
    return {
        "id": about.id if about else "",
        "demande": town.demand.id,
        "consent": town.signed.id,
        "autre": town.dana.id if "/ailleurs/" in path else town.sami.id,
        "mandate": town.mandate,
        "regle": town.rule_to_come,
        "decision": town.taken.id,
        "engagement": town.commitment.id,
        "vue": town.view.id,
        "groupe": town.group.id,
        "point": town.end.id if "/fins/" in path else town.proposed.id,
        "geste": "prevoir-etape" if folder == "parcours" else "prendre-en-compte",
        "kind": "csv",
        "jeton": "an-unknown-token",
    }


def _ended_session(db: Session, who: Professional) -> str:
    before = set(db.exec(select(SignedSession.id)))
    token = sessions.open_session(db, who.id, means="link")
    db.flush()
    made = db.exec(select(SignedSession).where(col(SignedSession.id).not_in(before))).one()
    made.ended_at = clock.now()
    return token


def _of_meetings(town: SimpleNamespace, path: str) -> Meeting:
    last = path.removeprefix("/seances/{id:uuid}/").split("/")[0]
    if last in {"releve", "releve.pdf", "annexe.pdf", "suivi", "flux"}:
        return town.held
    in_session = {"en-seance", "ecran", "presences", "point", "parler", "deport", "brouillon",
                  "decisions", "actions", "bilan", "lever"}  # fmt: skip
    return town.open if last in in_session else town.meeting


def _people(db: Session, town: SimpleNamespace) -> None:
    for name, given, agency, until in (
        ("fanny", "Fanny", town.mission, town.today - timedelta(days=1)),
        ("denis", "Denis", town.mission, None),
        ("rita", "Rita", town.elsewhere, None),
    ):
        made = _add(
            db, Professional(given_name=given, usual_name="Blanc", email=f"{name}@example.org")
        )
        setattr(town, name, made)
        db.add(
            Membership(professional_id=made.id, agency_id=agency.id, role=Role.ADVISER,
                       from_on=town.today - timedelta(days=400), until_on=until)
        )  # fmt: skip
    town.other_committee = another_committee(db, town, "rita")


def signal(journey: Journey) -> Signal:
    return Signal(
        journey_id=journey.id, person_id=journey.person_id, agency_id=journey.agency_id,
        code=SignalCode.DUREE_EXCESSIVE, subject_id=journey.id, since_on=clock.today(),
        sentence="Le parcours dure depuis 7 mois.",
    )  # fmt: skip


def demand(town: SimpleNamespace, journey: Journey, question: str) -> Demand:
    return Demand(
        journey_id=journey.id, person_id=journey.person_id, agency_id=town.mission.id,
        professional_id=town.alice.id, asked_on=clock.today(), question=question,
        state=DemandState.OPEN,
    )  # fmt: skip


def _signed_consent(db: Session, town: SimpleNamespace, alice: actors.Actor):
    proof = files.keep_proof(
        db, PDF, name="accord.pdf", agency=town.mission.id, person=town.dana.id,
        category=Category.DOCUMENTS.value,
    )  # fmt: skip
    return events.give(
        db, town.dana, purpose=Purpose.FOLLOW_UP, recipients=[town.ccas.id],
        categories=small.SHARED, actor=alice, collected=Collected.PAPER, proof=proof, attested=True,
    )  # fmt: skip


def _add(db: Session, row):
    db.add(row)
    db.flush()
    return row
