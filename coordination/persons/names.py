"""How names are compared: without accents, case or hyphens. Pure."""

import re
import unicodedata

# Letters that no accent explains.
_JOINED = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d",
     "Đ": "d", "ı": "i"}
)  # fmt: skip
_NEITHER = re.compile(r"[\W_]+")  # neither a letter nor a digit


def fold(text: str) -> str:
    """Without accents, case, hyphens or doubled spaces: how names are compared and searched."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_JOINED))
        text = "".join(c for c in text if not unicodedata.combining(c))
    return _NEITHER.sub(" ", text).strip().casefold()
