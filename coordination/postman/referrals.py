"""The letters of this room: notice kind → function that composes the mails."""

from coordination.postman.letter import Letter

LETTERS: dict[str, Letter] = {}
