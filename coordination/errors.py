"""What the domain may answer instead of doing what it was asked."""

from typing import Any


class Refused(Exception):
    """A rule said no. `status` is how the web door repeats it; the text is French, for people."""

    status = 409

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class NotSignedIn(Refused):
    status = 401


class NotAllowed(Refused):
    status = 403


class NotFound(Refused):
    """It does not exist, or not for this actor: the two look the same."""

    status = 404

    def __init__(self, message: str = "Cette page n’existe pas.", **details: Any) -> None:
        super().__init__(message, **details)


class Gone(Refused):
    status = 410


class Stale(Refused):
    """The row has changed since the form was opened. `details` hold what stands now."""


class Invalid(Refused):
    """A value is not acceptable. `field` says where, when a form is behind."""

    status = 422

    def __init__(self, message: str, *, field: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.field = field


class Unavailable(Refused):
    status = 503
