"""Bases for the measures, made by plain inserts of the product's own tables."""

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from coordination import assembly, clock, db
from coordination.agencies import actors
from coordination.agencies.models import (
    Agency,
    AgencyKind,
    Grant,
    Membership,
    Professional,
    Role,
)
from coordination.committees import decisions
from coordination.committees.models import (
    AgendaItem,
    Committee,
    CommitteeKind,
    Decision,
    DecisionOutcome,
    ItemState,
    Meeting,
    MeetingState,
    Section,
)
from coordination.consent.models import (
    Consent,
    ConsentCover,
    Effect,
    Purpose,
    Reach,
    ReachKind,
)
from coordination.journeys.models import Journey, JourneyState, Need
from coordination.persons import records
from coordination.persons.categories import Category, bits
from coordination.persons.models import Person, PersonIdentity
from coordination.programmes.models import Programme, ProgrammeKind
from coordination.referrals.models import Referral
from coordination.referrals.states import Side, Status
from coordination.signin import sessions

SHARED = bits({Category.IDENTITY, Category.TRAINING, Category.STEPS})
BATCH = 5_000


class Made(NamedTuple):
    url: str
    cookie: str


class Told(NamedTuple):
    written: int
    lost: int
    locked: int
    seconds: float
    longest: float  # seconds


def of_referrals(path: Path, *, referrals: int, mine: int) -> Made:
    """So many referrals received by 100 agencies; the one signed in received `mine` of them."""
    url = _create(path)
    engine = db.connect(url)
    with db.transaction(engine) as session:
        sender = _add(session, Agency(name="Mission locale", kind=AgencyKind.MISSION_LOCALE))
        reader = _add(session, Agency(name="CCAS", kind=AgencyKind.CCAS))
        others = [
            _add(session, Agency(name=f"Structure {n}", kind=AgencyKind.ASSOCIATION))
            for n in range(99)
        ]
        who = _professional(session, reader.id)
        programme = _add(
            session, Programme(slug="declic", name="Déclic", kind=ProgrammeKind.REMOBILISATION)
        )
        token = sessions.open_session(session, who.id, means="link")
    every = referrals // mine
    for start in range(0, referrals, BATCH):
        numbers = range(start, min(start + BATCH, referrals))
        to = [reader.id if n % every == 0 else others[n % 99].id for n in numbers]
        with db.transaction(engine) as session:
            _insert(session, numbers, to, sender.id, programme.id)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return Made(url, f"passerelles={token}")


def _insert(
    session: Session, numbers: range, to: list[UUID], sender: UUID, programme: UUID
) -> None:
    """One person, journey, need, agreement and referral each."""
    now, today = clock.now(), clock.today()
    rows: dict[type[SQLModel], list[dict[str, Any]]] = {}

    def add(table: type[SQLModel], /, **columns: Any) -> UUID:
        row = {"id": uuid7(), "created_at": now} | columns
        rows.setdefault(table, []).append(row)
        return UUID(str(row["id"]))

    for n, recipient in zip(numbers, to, strict=True):
        person = add(Person, agency_id=sender, reference=f"P-{n}", salt="", restricted=False,
                     sharing_version=1, version=1)  # fmt: skip
        name = {"given_names": "Camille", "usual_name": f"Martin{n}"}
        add(PersonIdentity, person_id=person, agency_id=sender, language="fr", birth_name="",
            phone="", other_phones="", email="", address="", postcode="", commune_name="",
            folded=records.fold(f"martin{n} camille"), **name)  # fmt: skip
        journey = add(Journey, number=f"J-{n}", person_id=person, agency_id=sender,
                      programme_id=programme, state=JourneyState.ENTERED, entered_on=today,
                      outcome_reason="", review="", version=1)  # fmt: skip
        need = add(Need, person_id=person, journey_id=journey, agency_id=sender,
                   category=Category.MOBILITY, code="26", label="Mobilité", since_on=today,
                   service="", origin="diagnosis")  # fmt: skip
        consent = add(Consent, person_id=person, agency_id=sender, purpose=Purpose.REFERRAL,
                      regime="accord", expressed_by="person", expressed_name="",
                      notice_version="", notice_sha256="", language="fr",
                      format="standard")  # fmt: skip
        add(ConsentCover, consent_id=consent, person_id=person, agency_id=recipient,
            purpose=Purpose.REFERRAL, effect=Effect.ALLOW, categories=SHARED,
            from_at=now - timedelta(days=30), until_at=now + timedelta(days=300))  # fmt: skip
        sent = now - timedelta(days=n % 40, minutes=n % 1440)
        referral = add(Referral, number=f"O-{n}", need_id=need, person_id=person,
                       journey_id=journey, sender_id=sender, recipient_id=recipient,
                       destination_id=recipient, rank=1, origin_label="", question="",
                       status=Status.SENT, consent_id=consent, categories=SHARED, sent_at=sent,
                       clock_side=Side.RECIPIENT, clock_from=sent, reminded=0, meanwhile="",
                       appointment_place="", ask_for="", bring="", reasons=[], outcome="",
                       absences=0, returned=False, snapshot={}, snapshot_sha256="",
                       version=1)  # fmt: skip
        add(Reach, person_id=person, agency_id=recipient, kind=ReachKind.REFERRAL,
            effect=Effect.ALLOW, purpose=Purpose.REFERRAL, opens=0, source_id=referral,
            from_at=sent)  # fmt: skip
    for kind, made in rows.items():
        session.execute(insert(kind), made)


def write_decisions(path: Path, *, processes: int, threads: int, each: int) -> Told:
    """Every thread records its decisions on its own items; what is in the base at the end is
    counted."""
    url = _create(path)
    total = processes * threads * each
    chair = _open_meeting(url, items=processes * threads)
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        started = time.perf_counter()
        arguments = [(url, chair, n, threads, each) for n in range(processes)]
        told = pool.starmap(_write_some, arguments)
        seconds = time.perf_counter() - started
    engine = db.connect(url)
    with db.reading(engine) as session:
        written = len(session.exec(select(Decision.id)).all())
    engine.dispose()
    return Told(written, total - written, sum(locked for locked, _ in told), seconds,
                max(longest for _, longest in told))  # fmt: skip


def _write_some(url: str, chair: UUID, process: int, threads: int, each: int) -> tuple[int, float]:
    assembly.load_models()
    engine = db.connect(url)
    with db.reading(engine) as session:
        items = list(session.exec(select(AgendaItem.id).order_by(col(AgendaItem.rank))))
        actor = actors.of_professional(session, chair)
    assert actor is not None
    locked, longest = [0], [0.0]

    def record(item: UUID) -> None:
        for number in range(each):
            before = time.perf_counter()
            try:
                with db.transaction(engine, assembly.CLOSERS) as session:
                    decisions.record(
                        session, session.get_one(AgendaItem, item), actor=actor,
                        outcome=DecisionOutcome.USUAL_FOLLOW_UP, text=f"Décision {number}",
                    )  # fmt: skip
            except Exception as fault:
                if "locked" not in str(fault):
                    raise
                locked[0] += 1
            longest[0] = max(longest[0], time.perf_counter() - before)

    mine = items[process * threads : (process + 1) * threads]
    working = [threading.Thread(target=record, args=(item,)) for item in mine]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    engine.dispose()
    return locked[0], longest[0]


def _open_meeting(url: str, *, items: int) -> UUID:
    engine = db.connect(url)
    with db.transaction(engine) as session:
        kind = _add(session, CommitteeKind(slug="copass", name="COPASS"))
        committee = _add(session, Committee(kind_id=kind.id, name="COPASS"))
        agency = _add(session, Agency(name="Maison de l’emploi", kind=AgencyKind.MDE))
        chair = _professional(session, agency.id)
        session.add(
            Grant(professional_id=chair.id, role=Role.CHAIR, scope_id=committee.id,
                  from_on=date(2020, 1, 1))
        )  # fmt: skip
        now = clock.now()
        meeting = _add(
            session,
            Meeting(committee_id=committee.id, year=now.year, number=1, starts_at=now,
                    ends_at=now + timedelta(hours=3), state=MeetingState.OPEN, frozen_at=now),
        )  # fmt: skip
        for rank in range(items):
            session.add(
                AgendaItem(meeting_id=meeting.id, section=Section.PARTNERSHIP, rank=rank,
                           number=rank + 1, state=ItemState.ACCEPTED, title=f"Point {rank}")
            )  # fmt: skip
    engine.dispose()
    return chair.id


def _professional(session: Session, agency: UUID) -> Professional:
    who = _add(session, Professional(given_name="Chloé", usual_name="N’Diaye", email="c@x.fr"))
    session.add(
        Membership(professional_id=who.id, agency_id=agency, role=Role.ADVISER,
                   from_on=date(2020, 1, 1))
    )  # fmt: skip
    return who


def _create(path: Path) -> str:
    assembly.load_models()
    url = f"sqlite:///{path}"
    engine = db.connect(url)
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
    engine.dispose()
    return url


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def page_of_a_meeting(*, cases: int) -> str:
    """The relevé's page with so many situations, as the product lays it out."""
    from coordination.committees.minutes import content
    from coordination.web import render

    points = tuple(
        content.Point(
            uuid7(), n, Section.SITUATIONS, f"Situation n° {n}", None, "Déclic · Mission locale",
            ("En pause depuis 5 mois et 12 jours ; maximum du dispositif : 6 mois.",),
            (content.Decided(uuid7(), "Orientation", "La personne est orientée. " * 8,
                             ("Vers le CCAS.", "La personne est prévenue avant le 4 juin.")),),
            (content.Deed("CCAS", "Proposer un rendez-vous", date(2026, 6, 18)),), "Examiné",
        )
        for n in range(1, cases + 1)
    )  # fmt: skip
    attendance = tuple(
        (f"Structure {n}", f"NOM{n} Prénom", "Conseillère", "Présent·e") for n in range(14)
    )
    said = content.Content(attendance, points, 0, frozenset())
    moment = clock.at(date(2026, 6, 4), 9, 30)
    meeting = Meeting(committee_id=uuid7(), year=2026, number=7, starts_at=moment,
                      ends_at=moment + timedelta(hours=3), place="Salle 2")  # fmt: skip
    return render.text(
        "documents/minutes.html", document_title="Relevé de décisions 2026-07",
        committee=Committee(kind_id=uuid7(), name="COPASS du Lodévois"), meeting=meeting,
        minutes=None, number="2026-07", content=said, dated=moment, head=None,
        sections=[(s, [p for p in points if p.section is s]) for s in Section],
    )  # fmt: skip


class BarePress:
    """WeasyPrint with the same page, stylesheet and fonts, alone in one warm process."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "bench.bare_press"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip

    def render(self, html: str) -> bytes:
        assert self.child.stdin and self.child.stdout
        sent = html.encode()
        self.child.stdin.write(len(sent).to_bytes(8, "big") + sent)
        self.child.stdin.flush()
        size = int.from_bytes(self.child.stdout.read(8), "big")
        return self.child.stdout.read(size)

    def close(self) -> None:
        assert self.child.stdin
        self.child.stdin.close()
        self.child.wait(10)
