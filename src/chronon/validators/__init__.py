"""Checks: one file per mistake in `checks/`; and the resolution of a Repository into a Catalog."""

from __future__ import annotations

from chronon.validators.evolution import evolution
from chronon.validators.published import Past, deployed_past, past_of
from chronon.validators.registry import all_checks
from chronon.validators.resolve import resolve, validate

__all__ = ["Past", "all_checks", "deployed_past", "evolution", "past_of", "resolve", "validate"]
