"""Checks: one file per mistake in `checks/`; and the resolution of a Repository into a Catalog."""

from __future__ import annotations

from chronon.validators.registry import all_checks
from chronon.validators.resolve import resolve, validate

__all__ = ["all_checks", "resolve", "validate"]
