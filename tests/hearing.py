"""All that an answer says, in whatever it is written: headers, text, every string of a PDF (tags,
metadata, outlines, attachments), every part of a workbook or an archive, unfolded calendars."""

import io
import zipfile
from email import message_from_bytes, policy
from urllib.parse import unquote_plus

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    StreamObject,
    TextStringObject,
)

FONTS = ("/FontFile", "/FontFile2", "/FontFile3")


def all_of(answer) -> str:
    """Lower case, without spaces: a word cut at the end of a line is whole again."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return flat(f"{headers}\n{unquote_plus(headers)}\n{of_bytes(answer.content)}")


def flat(said: str) -> str:
    return "".join(said.replace("\u00ad", "").lower().split())


def of_bytes(content: bytes) -> str:
    if content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF"):
        return of_pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return of_archive(content)
    said = content.decode("utf-8", "replace")
    return said.replace("\r\n ", "").replace("\r\n\t", "")


def of_pdf(content: bytes) -> str:
    """The text of the pages, then every string and every readable stream of the file."""
    reader = PdfReader(io.BytesIO(content))
    said = [page.extract_text() for page in reader.pages]
    for number in range(1, int(reader.trailer["/Size"])):
        if (thing := reader.get_object(number)) is not None:
            _strings(thing, said)
    _strings(reader.trailer.get("/Info", DictionaryObject()), said)
    return "\n".join(said)


def of_archive(content: bytes) -> str:
    """Every member: sheets, shared strings, comments, properties, hidden or not."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(f"{n}\n{of_bytes(archive.read(n))}" for n in archive.namelist())


def of_mail(raw: bytes) -> str:
    """Headers as sent and as read, and every part: text, HTML, attachments and their names."""
    message = message_from_bytes(raw, policy=policy.default)
    said = [raw.decode("utf-8", "replace")]
    for part in message.walk():
        said += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart():
            said.append(of_bytes(part.get_payload(decode=True) or b""))
    return flat("\n".join(said))


def _strings(thing: object, said: list[str]) -> None:
    if isinstance(thing, TextStringObject):
        said.append(str(thing))
    elif isinstance(thing, ByteStringObject):
        said.append(bytes(thing).decode("utf-8", "replace"))
    elif isinstance(thing, ArrayObject):
        for part in thing:
            _direct(part, said)
    elif isinstance(thing, DictionaryObject):
        for part in thing.values():
            _direct(part, said)
    if isinstance(thing, StreamObject) and _is_read(thing):
        said.append(of_bytes(thing.get_data()))


def _direct(part: object, said: list[str]) -> None:
    if isinstance(part, TextStringObject | ByteStringObject | ArrayObject | DictionaryObject):
        _strings(part, said)


def _is_read(stream: StreamObject) -> bool:
    kind = (stream.get("/Type"), stream.get("/Subtype"))
    return kind[0] in ("/EmbeddedFile", "/Metadata") or kind == ("/XML", None)
