"""One small town, the same in every test. Every test says only what differs.

The *mission* locale carries Dana's journey (a remobilisation) and Sami's. Alice is its adviser.
*greta* is a training body where Bruno works; the *ccas* is a partner where Chloé works. Dana agreed
that the mission and the ccas may discuss her in committee, and that the ccas may receive her as a
referral: identity, training and steps. Sami agreed to nothing. Éva works *elsewhere* and knows no
one. Sophie is the secretary and Paul the chair of the committee (both from the *mde*); Alice, Bruno
and Chloé sit on it. Régine looks at figures, Adam administers, Diane protects data.
"""

from datetime import date, timedelta
from types import SimpleNamespace

from sqlmodel import Session

from coordination import clock
from coordination.agencies import actors
from coordination.agencies.models import (
    Agency,
    AgencyKind,
    Grant,
    Membership,
    Professional,
    Region,
    Role,
    Territory,
)
from coordination.committees.models import (
    DEFAULT_SECTIONS,
    Committee,
    CommitteeAgency,
    CommitteeKind,
    Mandate,
    MandateRole,
    Meeting,
)
from coordination.consent import events, reach
from coordination.consent.models import Collected, Purpose, ReachKind
from coordination.journeys.models import (
    Journey,
    JourneyPeriod,
    JourneyState,
    Need,
    Party,
    PartyRole,
    Referent,
)
from coordination.persons import records
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.programmes.models import Programme, ProgrammeKind, ProgrammeRule

NOON = "2026-06-04T10:00:00+00:00"  # Thursday 4 June 2026, noon in Paris
SHARED = (Category.IDENTITY, Category.TRAINING, Category.STEPS)
PEOPLE = {  # name → (given, usual, agency or None)
    "alice": ("Alice", "Martin", "mission"),
    "bruno": ("Bruno", "Da Silva", "greta"),
    "chloe": ("Chloé", "N’Diaye", "ccas"),
    "eva": ("Éva", "Lemaître", "elsewhere"),
    "sophie": ("Sophie", "Bernard", "mde"),
    "paul": ("Paul", "Le Goff", "mde"),
    "regine": ("Régine", "Faure", None),
    "adam": ("Adam", "Petit", None),
    "diane": ("Diane", "Roux", None),
}


def build(db: Session) -> SimpleNamespace:
    """Writes the town into an empty base and returns its rows by name."""
    today = clock.today()
    town = SimpleNamespace(today=today)
    town.region = _add(db, Region(code="76", name="Occitanie"))
    town.territory = _add(db, Territory(region_id=town.region.id, name="Lodévois"))
    _agencies(db, town)
    _people(db, town, today)
    _committee(db, town, today)
    town.programme = _add(
        db,
        Programme(
            region_id=town.region.id,
            slug="declic",
            name="Déclic",
            kind=ProgrammeKind.REMOBILISATION,
        ),
    )
    _add(
        db,
        ProgrammeRule(
            programme_id=town.programme.id,
            from_on=date(2020, 1, 1),
            max_duration_months=12,
            suspension_max_months=6,
            contact_every_days=15,
        ),
    )
    db.flush()
    town.dana = person(db, town, "Dana", "Benali", date(1999, 3, 14))
    town.journey = journey(db, town, town.dana, number="J-0001")
    town.sami = person(db, town, "Sami", "Ortega", date(2004, 11, 2))
    town.sami_journey = journey(db, town, town.sami, number="J-0002")
    town.need = need(db, town, town.journey)
    town.committee_consent = agree(db, town, town.dana, Purpose.COMMITTEE, "mission", "ccas")
    town.referral_consent = agree(db, town, town.dana, Purpose.REFERRAL, "ccas")
    db.info.pop("acts", None)  # the town was always there: its acts are not part of a test
    return town


def person(
    db: Session, town: SimpleNamespace, given: str, name: str, born: date, agency: str = "mission"
) -> Person:
    agency_id = getattr(town, agency).id
    made = records.record(
        db, agency_id=agency_id, given_names=given, usual_name=name, birth_on=born
    )
    reach.open_to(db, person_id=made.id, agency_id=agency_id, kind=ReachKind.OWN)
    return made


def journey(
    db: Session,
    town: SimpleNamespace,
    who: Person,
    *,
    number: str,
    entered: int = 200,
    ends_in: int = 120,
) -> Journey:
    """A journey of the mission locale, entered so many days ago, ending in so many days."""
    today = clock.today()
    made = _add(
        db,
        Journey(
            number=number,
            person_id=who.id,
            agency_id=who.agency_id,
            programme_id=town.programme.id,
            territory_id=town.territory.id,
            state=JourneyState.ENTERED,
            entered_on=today - timedelta(days=entered),
            planned_end_on=today + timedelta(days=ends_in),
        ),
    )
    since = made.entered_on
    db.add(JourneyPeriod(journey_id=made.id, from_on=since))
    db.add(
        Party(journey_id=made.id, agency_id=who.agency_id, role=PartyRole.CARRIER, from_on=since)
    )
    db.add(Referent(journey_id=made.id, professional_id=town.alice.id, from_on=since))
    db.flush()
    return made


def need(db: Session, town: SimpleNamespace, of: Journey) -> Need:
    return _add(
        db,
        Need(
            person_id=of.person_id,
            journey_id=of.id,
            agency_id=of.agency_id,
            category=Category.MOBILITY,
            code="mobilite",
            label="Mobilité",
            since_on=clock.today() - timedelta(days=30),
        ),
    )


def agree(
    db: Session, town: SimpleNamespace, who: Person, purpose: Purpose, *to: str, categories=SHARED
):
    """The person agrees, orally and attested, for these agencies."""
    return events.give(
        db,
        who,
        purpose=purpose,
        recipients=[getattr(town, name).id for name in to],
        categories=categories,
        actor=actors.of_professional(db, town.alice.id),
        collected=Collected.ORAL,
        words_used="Oui, je suis d’accord pour en parler.",
        attested=True,
    )


def _agencies(db: Session, town: SimpleNamespace) -> None:
    kinds = {
        "mission": ("Mission locale du Lodévois", AgencyKind.MISSION_LOCALE),
        "greta": ("Atelier des savoirs", AgencyKind.TRAINING_BODY),
        "ccas": ("CCAS de Lunel", AgencyKind.CCAS),
        "mde": ("Maison de l’emploi du Lodévois", AgencyKind.MDE),
        "elsewhere": ("Cap emploi Aubrac", AgencyKind.CAP_EMPLOI),
    }
    for name, (title, kind) in kinds.items():
        made = Agency(
            name=title,
            kind=kind,
            region_id=town.region.id,
            territory_id=town.territory.id,
            email=f"accueil@{name}.example",
            records_contacts=True,
        )
        setattr(town, name, _add(db, made))


def _people(db: Session, town: SimpleNamespace, today: date) -> None:
    since = today - timedelta(days=900)
    for name, (given, usual, agency) in PEOPLE.items():
        made = _add(
            db, Professional(given_name=given, usual_name=usual, email=f"{name}@example.org")
        )
        setattr(town, name, made)
        if agency:
            db.add(
                Membership(
                    professional_id=made.id,
                    agency_id=getattr(town, agency).id,
                    role=Role.ADVISER if agency != "mde" else Role.AGENCY_ADMIN,
                    from_on=since,
                )
            )
    for name, role, scope in (
        ("regine", Role.PILOT, town.region.id),
        ("adam", Role.ADMIN, None),
        ("diane", Role.DPO, None),
    ):
        who = getattr(town, name).id
        db.add(Grant(professional_id=who, role=role, scope_id=scope, from_on=since))
    db.flush()


def _committee(db: Session, town: SimpleNamespace, today: date) -> None:
    since = today - timedelta(days=400)
    town.kind = _add(
        db, CommitteeKind(slug="copass", name="COPASS", sections=[str(s) for s in DEFAULT_SECTIONS])
    )
    town.committee = _add(
        db,
        Committee(
            kind_id=town.kind.id,
            region_id=town.region.id,
            territory_id=town.territory.id,
            name="COPASS du Lodévois",
            place="Maison de l’emploi, salle 2",
        ),
    )
    for name in ("mission", "greta", "ccas"):
        agency_id = getattr(town, name).id
        db.add(CommitteeAgency(committee_id=town.committee.id, agency_id=agency_id, from_on=since))
    for name, mandate, role, agency in (
        ("sophie", MandateRole.SECRETARY, Role.SECRETARY, town.mde),
        ("paul", MandateRole.CHAIR, Role.CHAIR, town.mde),
        ("alice", MandateRole.TITULAR, Role.MEMBER, town.mission),
        ("bruno", MandateRole.TITULAR, Role.MEMBER, town.greta),
        ("chloe", MandateRole.TITULAR, Role.MEMBER, town.ccas),
    ):
        who = getattr(town, name).id
        db.add(
            Mandate(
                committee_id=town.committee.id,
                professional_id=who,
                agency_id=agency.id,
                role=mandate,
                from_on=since,
            )
        )
        db.add(Grant(professional_id=who, role=role, scope_id=town.committee.id, from_on=since))
    starts = clock.at(today + timedelta(days=14), 9, 30)
    town.meeting = _add(
        db,
        Meeting(
            committee_id=town.committee.id,
            year=starts.year,
            number=1,
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
            place=town.committee.place,
        ),
    )


def _add(db: Session, row):
    db.add(row)
    db.flush()
    return row
