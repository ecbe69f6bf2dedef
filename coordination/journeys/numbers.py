"""The public number of a journey: short, speakable, tells nothing of the person."""

import secrets

from sqlmodel import Session, select

from coordination.journeys.models import Journey

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def draw(year: int) -> str:
    """`J-26-7K3FQ`: 24 million a year."""
    return f"J-{year % 100:02}-" + "".join(secrets.choice(_LETTERS) for _ in range(5))


def new(db: Session, year: int) -> str:
    """A number that no journey bears."""
    while True:
        number = draw(year)
        if not db.exec(select(Journey.id).where(Journey.number == number)).first():
            return number
