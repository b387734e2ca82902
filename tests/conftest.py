"""What every test shares: the deterministic hypothesis profile."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings

from chronon.model.plan import FORMAT_VERSION, Plan, PlanId
from chronon.model.state import State
from chronon.planners.settled import NO_REST, Rest

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")

_HOME = tempfile.TemporaryDirectory(prefix="chronon-tests-")
os.environ |= {"XDG_CACHE_HOME": f"{_HOME.name}/cache", "XDG_STATE_HOME": f"{_HOME.name}/state"}
"""What the product remembers of repositories here is gone with the tests, and its user's memory is not theirs."""

TIMES = int(os.environ.get("CHRONON_EXAMPLES", "1"))
"""How many times the examples of every property: more than once in `make soak`, with new ones in each run."""


@pytest.fixture(scope="session", autouse=True)
def _plans_are_of_their_schema() -> Iterator[None]:
    """Every plan that a test makes, by whatever way, is of the published schema once it has its id."""
    import jsonschema_rs

    from chronon.planners import planning, sizing
    from chronon.schemas.documents import document_schema
    from chronon.schemas.wire import to_plain

    validator = jsonschema_rs.Draft202012Validator(dict(document_schema("plan")))
    make = planning.plan_id

    def checked(plan: Plan, state: State, rest: Rest = NO_REST) -> PlanId:
        made = make(plan, state, rest)
        if plan.format_version == FORMAT_VERSION:
            validator.validate(json.loads(json.dumps(to_plain(replace(plan, id=made)))))
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planning, "plan_id", checked)
        patched.setattr(sizing, "plan_id", checked)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for function in {getattr(item, "obj", None) for item in items} if TIMES > 1 else ():
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None:
            more = settings(own, max_examples=own.max_examples * TIMES, derandomize=False)
            function._hypothesis_internal_use_settings = more  # type: ignore[union-attr]


# A shell starts background jobs with Ctrl-C ignored, and children inherit that: tests that interrupt would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
