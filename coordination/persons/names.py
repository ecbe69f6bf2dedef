"""How names are compared: without accents, case or hyphens. Pure."""

import re
import unicodedata

# Letters that no accent explains.
_JOINED = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d",
     "Đ": "d", "ı": "i"}
)  # fmt: skip


def fold(text: str) -> str:
    """Without accents, case, hyphens or doubled spaces: how names are compared and searched."""
    flat = unicodedata.normalize("NFKD", text.translate(_JOINED))
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", flat).strip().casefold()
