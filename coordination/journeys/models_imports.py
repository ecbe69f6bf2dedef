"""An import, from the file that came to what it wrote, and what each agency's files look like."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from coordination.db import Moment, Row, json_type, words


class ImportState(StrEnum):
    COLUMNS = "columns"  # waits for someone to say what its columns are
    READING = "reading"  # the worker looks at what it would do
    READY = "ready"  # shown, waits to be confirmed
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportRun(Row, table=True):
    """One import: the file's cleaned cells until it is confirmed, the answers asked once, what was
    said of its rows (`rows_id`), how far the work in course went."""

    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    file_id: UUID | None = Field(default=None, foreign_key="file.id")
    rows_id: UUID | None = Field(default=None, foreign_key="file.id")
    file_name: str
    sha256: str = Field(max_length=64)
    state: ImportState = Field(default=ImportState.COLUMNS, sa_type=words(ImportState))
    columns: list[str] = Field(default_factory=list, sa_type=json_type)  # field of each, "" if none
    programme_id: UUID | None = Field(default=None, foreign_key="programme.id")
    entered_on: date | None = None
    planned_end_on: date | None = None
    done: int = 0
    total: int = 0
    said: str = ""  # why the last work stopped, for whoever opens the page
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
    report: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)  # counts and notes


class ImportPart(Row, table=True):
    """What one range of lines wrote: identifiers, and digests of what was written, so that it can
    be undone while it is still as it was."""

    __table_args__ = (UniqueConstraint("run_id", "rank"),)

    run_id: UUID = Field(foreign_key="import_run.id")
    rank: int
    made: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type)


class ImportMapping(Row, table=True):
    """What the columns of an agency's file say, chosen once. `headings` is a digest of its
    headings, in any order; `fields` are told in the order of the sorted headings."""

    __table_args__ = (UniqueConstraint("agency_id", "headings"),)

    agency_id: UUID = Field(foreign_key="agency.id")
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    headings: str = Field(max_length=64)
    fields: list[str] = Field(default_factory=list, sa_type=json_type)
