"""On what each recipient's reading would rest: the regime that the controller set between the two
kinds of agencies, in the kinds of committees where the situation may come."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from coordination.agencies.models import Agency
from coordination.committees import queries as committees
from coordination.committees.models import CommitteeKind
from coordination.consent import regimes
from coordination.consent.models import Purpose, Regime
from coordination.consent.regimes import Ground
from coordination.errors import Invalid
from coordination.journeys.models import Journey

Grounds = dict[UUID, Ground]


def of(db: Session, journey: Journey, purpose: Purpose, recipients: Collection[UUID]) -> Grounds:
    """recipient → its ground today."""
    carrier = db.get_one(Agency, journey.agency_id)
    if not regimes.informs_somewhere(db, purpose=purpose, from_kind=carrier.kind):
        return dict.fromkeys(recipients, regimes.DEFAULT)
    tables = _tables(db, journey, carrier) if purpose is Purpose.COMMITTEE else []
    found: Grounds = {}
    for agency in db.exec(select(Agency).where(col(Agency.id).in_(recipients))):
        found[agency.id] = regimes.ground(
            db,
            purpose=purpose,
            committee_kinds={slug for slug, sitting in tables if agency.id in sitting},
            from_kind=carrier.kind,
            to_kind=agency.kind,
        )
    return found


def only_informing(
    db: Session, journey: Journey, purpose: Purpose, recipients: Collection[UUID]
) -> None:
    """Refuse to record an information where the agreement is needed, naming where."""
    found = of(db, journey, purpose, recipients)
    asking = [key for key in recipients if found[key].regime is Regime.AGREEMENT]
    if asking:
        wanted = select(Agency.name).where(col(Agency.id).in_(asking)).order_by(Agency.name)
        raise Invalid(
            "Informer ne suffit pas, il faut l’accord de la personne, pour : "
            + ", ".join(db.exec(wanted))
            + ".",
            field="way",
        )


def _tables(db: Session, journey: Journey, carrier: Agency) -> list[tuple[str, set[UUID]]]:
    """(kind of committee, agencies at its table) of each committee where the journey may come."""
    rows = db.exec(committees.that_may_examine(journey, carrier)).all()
    wanted = select(CommitteeKind).where(col(CommitteeKind.id).in_({row.kind_id for row in rows}))
    slugs = {kind.id: kind.slug for kind in db.exec(wanted)}
    return [(slugs[row.kind_id], committees.agencies_at_table(db, row.id)) for row in rows]
