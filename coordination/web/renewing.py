"""An open page that is out of date: someone it names shares something else than it did."""

from starlette.responses import Response

from coordination.web import sharing
from coordination.web.visit import Visit


def out_of_date(visit: Visit) -> bool:
    """Whether what someone shares has changed since the open page was made."""
    return bool(visit.sealed) and not sharing.stands(visit.db, visit.sealed)


def ask_again() -> Response:
    """htmx asks for the whole page again."""
    return Response(status_code=200, headers={"HX-Refresh": "true"})


def around(response: Response) -> None:
    """A form that was refused: what was typed is kept, all that is around it is made again."""
    response.headers.update(
        {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}
    )
