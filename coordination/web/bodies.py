"""Reading what a browser posts: known content types, a size known in advance, nothing truncated."""

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from coordination.errors import Invalid, Refused

DRAINED = 256 * 1024 * 1024  # read and thrown away at most, so that the browser hears the answer


class TooLarge(Refused):
    status = 413


class WrongContent(Refused):
    status = 415


async def read_form(request: Request, *, most: int) -> FormData:
    """The form. Refused: another content type (415), over `most` bytes (413), truncated (422)."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in {"multipart/form-data", "application/x-www-form-urlencoded", ""}:
        raise WrongContent("Ce type d’envoi n’est pas accepté.")
    if "charset=" in parameters.lower() and "utf-8" not in parameters.lower():
        raise WrongContent("Ce type d’envoi n’est pas accepté.")
    body = await _body(request, most)
    if "boundary=" in parameters and body:
        boundary = parameters.split("boundary=", 1)[1].split(";")[0].strip().strip('"')
        if f"--{boundary}--".encode() not in body[-len(boundary) - 64 :]:
            raise Invalid("L’envoi a été interrompu : recommencez, rien n’a été enregistré.")
    request._body = body
    try:
        return await request.form(max_files=10, max_fields=3000, max_part_size=most)
    except MultiPartException as fault:
        raise Invalid("Cet envoi est illisible : recommencez.") from fault
    except Exception as fault:
        if type(fault).__name__ == "HTTPException":
            raise Invalid("Cet envoi est illisible : recommencez.") from fault
        raise


async def _body(request: Request, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
        elif size > DRAINED:
            break
        else:
            chunks.clear()
    if size > most:
        limit = most // (1024 * 1024)
        raise TooLarge(
            f"Cet envoi dépasse la taille permise ({limit} Mo). Rien n’a été enregistré."
        )
    return b"".join(chunks)
