"""A plan as JSON: the noun itself, so that a file that was written can be applied."""

from __future__ import annotations

import json

from chronon.model.errors import ChrononError
from chronon.model.plan import FORMAT_VERSION, Plan
from chronon.schemas.wire import from_json, to_json


def plan_json(plan: Plan) -> str:
    """Canonical JSON of the plan, one line. Law: `read_plan(plan_json(p)) == p`."""
    return to_json(plan) + "\n"


def read_plan(text: str) -> Plan:
    """The plan that `plan_json` wrote.

    Errors: CHR-S900 when the text is no plan; CHR-S901 when another version of the format wrote it.
    """
    found = _format_of(text)
    if found not in (None, FORMAT_VERSION):
        message = f"the plan has format {found}, and this version of chronon reads {FORMAT_VERSION}"
        raise ChrononError("CHR-S901", message, "plan again with this version")
    return from_json(text, Plan)


def _format_of(text: str) -> int | None:
    """The format that a file says it has, looked at first: another one may lack fields, or have more."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    found = data.get("format_version") if isinstance(data, dict) else None
    return found if isinstance(found, int) else None
