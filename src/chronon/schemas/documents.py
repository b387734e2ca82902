"""The JSON Schemas (2020-12) of what authors write; their descriptions are the reference manual.

`x-expected` beside a keyword says in words what it demands: editors ignore it, findings quote it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

NAMES = ("chronon", "team", "source", "group_by", "join")
"""Every document that has a schema: the root file, then the kinds."""


@functools.cache
def document_schema(name: str) -> Mapping[str, Any]:
    """The schema of one of `NAMES`; shared, so never changed by its reader."""
    text = resources.files("chronon.schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema
