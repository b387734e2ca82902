"""Files → YAML with positions → JSON Schema → typed specs. What names mean is for `chronon.validators`."""

from __future__ import annotations

from chronon.loaders.config import Config, Target, find_config, load_config
from chronon.loaders.files import broken_objects
from chronon.loaders.past import PastRevision, past_revisions
from chronon.loaders.repository import load

__all__ = [
    "Config",
    "PastRevision",
    "Target",
    "broken_objects",
    "find_config",
    "load",
    "load_config",
    "past_revisions",
]
