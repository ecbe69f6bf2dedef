"""What a recipient answers after a withdrawal: signed in, or by the signed address of its mail. Two
clicks; nothing here names anybody."""

from typing import Any

from sqlmodel import select
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels, links, outbox
from coordination.access import Permission
from coordination.links import LinkKind
from coordination.rights import answers
from coordination.rights.models import KeptBecause, Recall, RecallAnswer
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit

BY_LINK, KIND = Permission.RECALL_ANSWER_BY_LINK, LinkKind.RECALL
SAID = {
    RecallAnswer.DESTROYED: "Merci : c’est noté comme détruit.",
    RecallAnswer.NOTHING: "Merci : c’est noté, rien n’avait été gardé.",
    RecallAnswer.KEPT: "C’est noté : la structure qui suit la personne lit votre raison.",
}


@page(may=Permission.CONSENT_READ)
def recalls(visit: Visit) -> Response:
    """All that this agency was asked, unanswered first."""
    found = answers.shown(visit.db, answers.for_agency(visit.actor.agency_id))
    waiting = [asked for asked in found if asked.recall.answer is None]
    over = [asked for asked in found if asked.recall.answer is not None]
    return render(visit, "rights/recalls.html", waiting=waiting, over=over)


@page(may=Permission.CONSENT_READ)
def recall(visit: Visit) -> Response:
    return _show(visit, answers.one(visit.db, visit.actor, visit.path["id"]))


def _again(visit: Visit) -> Response:
    return _show(visit, answers.one(visit.db, visit.actor, visit.path["id"]))


@action(may=Permission.CONSENT_WRITE, again=_again)
def answer(visit: Visit) -> Response:
    asked = answers.one(visit.db, visit.actor, visit.path["id"], hold=True)
    return go(visit, visit.url("rights:recalls"), say=_answer(visit, asked))


def _expired(visit: Visit) -> Response:
    renew = visit.url("rights:renew_recall_link", jeton=visit.path["jeton"])
    return render(visit, "rights/link_expired.html", renew=renew, to="structure")


@page(may=BY_LINK, by_link=KIND, gone=_expired)
def recall_by_link(visit: Visit) -> Response:
    return _show(visit, _only_one(visit))


def _again_by_link(visit: Visit) -> Response:
    return _show(visit, _only_one(visit))


@action(may=BY_LINK, by_link=KIND, again=_again_by_link)
def answer_by_link(visit: Visit) -> Response:
    said = _answer(visit, _only_one(visit, hold=True))
    return go(visit, visit.url("rights:recall_by_link", jeton=visit.path["jeton"]), say=said)


@action(may=Permission.PUBLIC)
def renew_link(visit: Visit) -> Response:
    """A new link goes to the agency's own address, at most once an hour. The answer is the same
    whether the old one was known or not."""
    link = links.known(visit.db, visit.path["jeton"])
    if link is not None and link.kind is KIND and link.about_id and link.agency_id:
        outbox.post(
            visit.db,
            "rights.recall_reminder",
            agency=link.agency_id,
            about=link.about_id,
            key=f"rights.recall_link:{link.about_id}:{clock.now():%Y%m%d%H}",
        )
    return go(visit, visit.url("rights:recall_link_asked", jeton=visit.path["jeton"]))


@page(may=Permission.PUBLIC)
def link_asked(visit: Visit) -> Response:
    return render(visit, "rights/link_asked.html", to="structure")


def _only_one(visit: Visit, *, hold: bool = False) -> Recall:
    assert visit.actor.about_id is not None  # a link of this kind is always about one withdrawal
    return answers.one(visit.db, visit.actor, visit.actor.about_id, hold=hold)


def _answer(visit: Visit, asked: Recall) -> str:
    visit.form.same_version(asked.version)
    said = visit.form.choice("answer", RecallAnswer)
    because = visit.form.choice("because", KeptBecause, required=False)
    note = visit.form.text("note", required=False, most=1000)
    visit.form.check()
    assert said is not None
    answers.answer(visit.db, asked, said=said, because=because, note=note, actor=visit.actor)
    return SAID[said]


def _show(visit: Visit, found: Recall) -> Response:
    [asked] = answers.shown(visit.db, select(Recall).where(Recall.id == found.id))
    by_link = visit.actor.link_id is not None
    given: dict[str, Any] = {
        "asked": asked,
        "form": visit.form,
        "reasons": labels.options(KeptBecause),
        "by_link": by_link,
    }
    return render(visit, "rights/recall.html", **given)


_LINK = "/lien/{jeton}/retrait"
routes = [
    Route("/retraits", recalls, name="rights:recalls"),
    Route("/retraits/{id:uuid}", recall, name="rights:recall"),
    Route("/retraits/{id:uuid}", answer, name="rights:answer", methods=["POST"]),
    Route(_LINK, recall_by_link, name="rights:recall_by_link"),
    Route(_LINK, answer_by_link, name="rights:answer_by_link", methods=["POST"]),
    Route(_LINK + "/nouveau-lien", renew_link, name="rights:renew_recall_link", methods=["POST"]),
    Route(_LINK + "/lien-demande", link_asked, name="rights:recall_link_asked"),
]
