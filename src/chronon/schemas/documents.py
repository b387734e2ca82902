"""The JSON Schemas (2020-12) of what authors write; their descriptions are the reference manual.

`x-expected` beside a keyword says in words what it demands: editors ignore it, findings quote it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from typing import Any, assert_never

from chronon.schemas.draft07 import draft07

NAMES = ("chronon", "team", "source", "group_by", "join")
"""Every document of authors that has a schema: the root file, then the kinds."""

WRITTEN = ("plan", "state_export")
"""What commands write and has a schema."""


class Draft(StrEnum):
    """A dialect of JSON Schema. D2020_12: as the documents are written. D07: rendered for editors that know no later one."""

    D2020_12 = "2020-12"
    D07 = "draft-07"


@functools.cache
def document_schema(name: str) -> Mapping[str, Any]:
    """The schema of one of `NAMES` or `WRITTEN`; shared, so never changed by its reader."""
    text = resources.files("chronon.schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


def draft_schema(name: str, draft: Draft) -> Mapping[str, Any]:
    """The schema of one of `NAMES` or `WRITTEN` in a dialect. Whatever one accepts the other accepts too."""
    match draft:
        case Draft.D2020_12:
            return document_schema(name)
        case Draft.D07:
            return draft07(document_schema(name))
        case _:
            assert_never(draft)
