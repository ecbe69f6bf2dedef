"""What a consent is worth, folded from its events. Pure: no database here."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from coordination.consent.models import Collected, ConsentEvent, ConsentState, EventKind

DEFAULT_MONTHS = 12
LONGEST_MONTHS = 24
ORAL_DAYS = 30  # an attested oral agreement holds that long, then the signature is asked

_ENDINGS = {
    EventKind.WITHDRAWN,
    EventKind.REVOKED,
    EventKind.EXPIRED,
    EventKind.INVALIDATED,
}

_HOLDS = {ConsentState.VALID, ConsentState.REFUSED}
_RENEWABLE = {ConsentState.VALID, ConsentState.COLLECTED}


class Standing(NamedTuple):
    """What a consent says now. Recipients are agency ids as text."""

    state: ConsentState
    recipients: frozenset[str] = frozenset()
    categories: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    oral: bool = False
    ended_by: EventKind | None = None


NOTHING = Standing(ConsentState.ASKED)


def fold(events: Iterable[ConsentEvent]) -> Standing:
    """The standing after these events, in their order.

    Only *given* or *renewed*, once *confirmed*, allow anything; what is not yet confirmed does not
    replace what was confirmed, nor a refusal; an ending is final until a new *given*: neither a
    renewal nor a late confirmation revives what was withdrawn or refused.
    """
    return _fold(events)[0]


def waiting(events: Iterable[ConsentEvent]) -> bool:
    """Whether something said still waits for its confirmation (an oral one, for its signature)."""
    return _fold(events)[1] is not None


def _fold(events: Iterable[ConsentEvent]) -> tuple[Standing, Standing | None]:
    """(the standing, what waits to be confirmed)"""
    standing: Standing = NOTHING
    pending: Standing | None = None
    for event in _without_undone(list(events)):
        match event.kind:
            case EventKind.ASKED | EventKind.RESTORED:
                continue
            case EventKind.RENEWED if standing.state not in _RENEWABLE:
                continue
            case EventKind.GIVEN | EventKind.RENEWED:
                pending = _said(event)
                if standing.state not in _HOLDS:
                    standing = pending
            case EventKind.CONFIRMED if pending is None:
                continue
            case EventKind.CONFIRMED:
                assert pending is not None
                confirmed = pending
                oral = event.collected is Collected.ORAL
                standing = confirmed._replace(
                    state=ConsentState.VALID,
                    oral=oral,
                    valid_until=_oral_end(confirmed) if oral else confirmed.valid_until,
                )
                pending = _kept(confirmed) if oral else None
            case EventKind.REFUSED:
                standing, pending = _said(event)._replace(state=ConsentState.REFUSED), None
            case EventKind.NARROWED:
                if standing.state is not ConsentState.REFUSED:  # to narrow a refusal would widen
                    standing = _narrowed(standing, event)
                pending = _narrowed(pending, event) if pending else None
            case kind if kind in _ENDINGS:
                standing = standing._replace(state=ConsentState.ENDED, ended_by=kind)
                pending = None
    return standing, pending


def _without_undone(events: list[ConsentEvent]) -> list[ConsentEvent]:
    """What a merge of two files narrowed counts no more once the merge is undone."""
    undone = {e.details.get("merge") for e in events if e.kind is EventKind.RESTORED} - {None}
    if not undone:
        return events
    return [e for e in events if not e.details or e.details.get("merge") not in undone]


def _said(event: ConsentEvent) -> Standing:
    return Standing(
        ConsentState.COLLECTED,
        frozenset(event.recipients),
        event.categories,
        event.valid_from,
        event.valid_until,
    )


def _kept(standing: Standing) -> Standing:
    """After an oral confirmation the words given still wait for their signature, in full length."""
    return standing._replace(state=ConsentState.COLLECTED)


def _oral_end(standing: Standing) -> date | None:
    if standing.valid_from is None:
        return standing.valid_until
    end = standing.valid_from + timedelta(days=ORAL_DAYS)
    return min(end, standing.valid_until) if standing.valid_until else end


def _narrowed(standing: Standing, event: ConsentEvent) -> Standing:
    return standing._replace(
        recipients=standing.recipients & frozenset(event.recipients),
        categories=standing.categories & event.categories,
        valid_until=min(filter(None, (standing.valid_until, _limit(event))), default=None),
    )


def _limit(event: ConsentEvent) -> date | None:
    """Two files made one share for as long as both agreed; nobody else narrows an end."""
    return event.valid_until if event.details.get("merge") else None
