"""How names are compared: without accents, case or hyphens. Pure."""

import re
import unicodedata


def fold(text: str) -> str:
    """Without accents, case, hyphens or doubled spaces: how names are compared and searched."""
    flat = unicodedata.normalize("NFKD", text)
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", flat).strip().casefold()
