"""What committees' tests add to the town."""

from coordination.agencies.models import Grant, Role
from coordination.committees.models import Committee, Mandate, MandateRole


def another_committee(db, town, secretary: str) -> Committee:
    """A committee of its own, kept by someone who is a stranger to the town's."""
    made = Committee(kind_id=town.kind.id, region_id=town.region.id, name="COPASS de l’Aubrac")
    db.add(made)
    db.flush()
    who = getattr(town, secretary).id
    db.add(
        Mandate(
            committee_id=made.id,
            professional_id=who,
            agency_id=town.elsewhere.id,
            role=MandateRole.SECRETARY,
            from_on=town.today,
        )
    )
    db.add(Grant(professional_id=who, role=Role.SECRETARY, scope_id=made.id, from_on=town.today))
    db.flush()
    return made
