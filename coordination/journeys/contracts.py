"""The paper of a commitment: printed, then signed by each party."""

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.agencies.models import Agency
from coordination.consent import rule
from coordination.errors import NotFound
from coordination.journeys import commitments, queries, steps
from coordination.journeys.gestures.naming import name_of
from coordination.journeys.models_along import Commitment
from coordination.programmes import rules
from coordination.programmes.models import Programme
from coordination.web import render
from coordination.web.doors import page
from coordination.web.printed import Printed
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def paper(visit: Visit) -> Response:
    journey = queries.of_party(visit.db, visit.actor, visit.path["id"])
    found = visit.db.get(Commitment, visit.path["engagement"])
    if found is None or found.journey_id != journey.id:
        raise NotFound("Cet engagement n’existe pas.")
    readable = rule.for_actor(visit.db, visit.actor, [journey.person_id])[journey.person_id]
    visit.saw(journey.person_id, readable)
    signatures = visit.db.exec(commitments.signatures(found)).all()
    title = labels.of(found.kind)
    html = render.text(
        "documents/commitment.html",
        document_title=title,
        commitment=found,
        journey=journey,
        person_name=name_of(visit.db, journey.person_id, readable),
        programme=visit.db.get_one(Programme, journey.programme_id),
        agency=visit.db.get_one(Agency, journey.agency_id),
        asked=rules.in_force(visit.db, journey.programme_id, found.proposed_on),
        steps=[step for step in visit.db.exec(steps.of(journey)) if step.until_on is None],
        signers=[
            labels.of(one.signer).capitalize()
            + (f", signé le {one.signed_on:%d/%m/%Y}" if one.signed_on else "")
            for one in signatures
        ],
        today=clock.today(),
    )
    return Printed(html, title=title, name=f"engagement-{journey.number}.pdf")


routes = [
    Route("/parcours/{id:uuid}/engagements/{engagement:uuid}.pdf", paper,
          name="journeys:commitment"),
]  # fmt: skip
