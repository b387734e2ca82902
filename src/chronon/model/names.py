"""Names of objects: `team.name`, with a version where several live side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
"""What a team, an object and a column may be called."""


class Kind(StrEnum):
    """What a document declares: the key that its first line carries."""

    TEAM = "team"
    SOURCE = "source"
    GROUP_BY = "group_by"
    JOIN = "join"

    __hash__ = str.__hash__
    """That of an enumeration is a call of Python, and kinds stand in every key."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectName:
    """The identity of an object: its team and its own name. Unique within a kind and version."""

    team: str
    name: str

    @classmethod
    def parse(cls, text: str) -> ObjectName | None:
        """The name that `team.name` says; None when the text is not of that form."""
        team, dot, name = text.partition(".")
        if not dot or not IDENTIFIER.fullmatch(team) or not IDENTIFIER.fullmatch(name):
            return None
        return cls(team, name)

    def __str__(self) -> str:
        return f"{self.team}.{self.name}"

    @property
    def prefix(self) -> str:
        """The name as the first part of a column: `team_name`."""
        return f"{self.team}_{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class ObjectId:
    """One version of one object."""

    kind: Kind
    name: ObjectName
    version: int = 1

    def __hash__(self) -> int:
        """In one step: whatever is kept of an object is kept under its id."""
        return hash((self.kind, self.name.team, self.name.name, self.version))

    def __str__(self) -> str:
        return f"{self.name}" if self.version == 1 else f"{self.name}@{self.version}"


def parse_reference(text: str) -> tuple[ObjectName, int | None] | None:
    """Name and version of `team.name` or `team.name@2`; None when the text is no reference."""
    head, at, tail = text.partition("@")
    name = ObjectName.parse(head)
    if name is None or (at and not re.fullmatch(r"[1-9][0-9]*", tail)):
        return None
    return name, int(tail) if at else None
