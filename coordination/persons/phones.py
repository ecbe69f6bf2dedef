"""French phone numbers: whether a text message can reach one, and how to dial it. Pure."""

import re

_PARTS_OF_FRANCE = {
    "0690": "590", "0691": "590", "0694": "594", "0696": "596", "0697": "596",
    "0692": "262", "0693": "262", "0639": "262",
}  # fmt: skip
_MOBILE_ABROAD = re.compile(r"\+[1-9]\d{7,14}")


def mobile(typed: str) -> str | None:
    """The number as `+33612345678`; None when it is no mobile phone (a landline receives no text
    message). A number that says its own country is believed."""
    digits = re.sub(r"[\s.\-()]", "", typed)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+33") and re.fullmatch(r"0?\d{9}", digits[3:]):
        digits = "0" + digits[3:].removeprefix("0")
    if re.fullmatch(r"0[67]\d{8}", digits):
        return f"+{_PARTS_OF_FRANCE.get(digits[:4], '33')}{digits[1:]}"
    return digits if _MOBILE_ABROAD.fullmatch(digits) and not digits.startswith("+33") else None
