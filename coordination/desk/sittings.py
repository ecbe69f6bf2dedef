"""What waits for who sits on a committee, or runs one."""

from datetime import timedelta

from sqlalchemy import and_, exists, or_
from sqlmodel import Session, col

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Role
from coordination.committees.models import Committee, Meeting, MeetingState
from coordination.committees.queries import visible_to as committees_of
from coordination.db import columns
from coordination.desk.lines import Line, Panel
from coordination.web import french

SHOWN = 8
COMING = (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.OPEN, MeetingState.SUSPENDED)


def meetings(db: Session, actor: Actor) -> Panel:
    now = clock.now()
    rows = db.execute(
        columns(Meeting.id, Meeting.starts_at, Meeting.state, Committee.name, Meeting.frozen_at)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            col(Meeting.committee_id).in_(
                committees_of(actor).with_only_columns(col(Committee.id))
            ),
            or_(
                col(Meeting.state).in_([MeetingState.OPEN, MeetingState.SUSPENDED]),
                and_(
                    col(Meeting.starts_at) > now - timedelta(hours=12),
                    col(Meeting.state).in_([MeetingState.PLANNED, MeetingState.CONVENED]),
                ),
            ),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(5)
    ).all()
    lines = []
    for meeting, starts, state, name, frozen in rows:
        step = "ordre du jour arrêté" if frozen else "ordre du jour à préparer"
        lines.append(
            Line(
                name,
                f"{french.moment(starts)} · {step}",
                f"/seances/{meeting}",
                status=(state.value, labels.of(state), "meeting"),
            )
        )
    lines += _to_plan(db, actor)
    return Panel(
        "seances", "Séances", lines, len(lines), "Aucune séance à venir n’est prévue.", "/comites"
    )


def minutes_to_send(db: Session, actor: Actor) -> Panel:
    running = actor.scopes(Role.SECRETARY, Role.CHAIR)
    rows = db.execute(
        columns(Meeting.id, Meeting.adjourned_at, Committee.name)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(col(Meeting.committee_id).in_(running), col(Meeting.state) == MeetingState.ADJOURNED)
        .order_by(col(Meeting.adjourned_at), col(Meeting.id))
        .limit(SHOWN)
    ).all()
    lines = [
        Line(name, f"Séance levée le {french.moment(when)}", f"/seances/{meeting}/releve")
        for meeting, when, name in rows
    ]
    return Panel("releves", "Relevés à envoyer", lines, len(lines), "")


def _to_plan(db: Session, actor: Actor) -> list[Line]:
    """Committees that the actor runs and that have no meeting to come."""
    coming = exists().where(
        col(Meeting.committee_id) == col(Committee.id),
        col(Meeting.state).in_(COMING),
        col(Meeting.ends_at) > clock.now(),
    )
    rows = db.execute(
        columns(Committee.id, Committee.name)
        .where(
            col(Committee.id).in_(actor.scopes(Role.SECRETARY, Role.CHAIR)),
            col(Committee.closed_on).is_(None),
            ~coming,
        )
        .order_by(Committee.name, col(Committee.id))
        .limit(SHOWN)
    )
    return [
        Line(name, "Aucune séance à venir\u202f: à prévoir", f"/seances/nouvelle?comite={key}")
        for key, name in rows
    ]
