"""`chronon unlock`: take the lock from an apply that will not come back."""

from __future__ import annotations

import json
import time
from contextlib import closing

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.identity import holder
from chronon.cli.terminal import printable


def unlock(*, as_json: JsonOption = False, target: TargetOption = None, repo: RepoOption = HERE) -> int:
    """Take the lock away from whoever holds it; what they still try to write is refused.

    An apply that died gives its lock up by itself within a minute.
    """
    from chronon.cli.views.status import moment, plan_line, plan_plain
    from chronon.stores.state import PlanStatus, open_state

    with closing(open_state(config_of(repo).target(target).state)) as state:
        taken = state.unlock(holder(), time.time())
        begun = next((plan for plan in state.history(1) if plan.status is PlanStatus.APPLYING), None) if taken else None
    if as_json:
        plain = {
            "taken_from": taken and taken.holder,
            "since": taken and moment(taken.since),
            "until": taken and moment(taken.until),
            "plan": begun and plan_plain(begun),
        }
        print(json.dumps(plain, ensure_ascii=False))
    elif taken is None:
        print("nobody held the lock")
    else:
        span = f"held since {moment(taken.since)}, until {moment(taken.until)} at least"
        print(f"the lock was taken from {printable(taken.holder)}, {span}")
        if begun:
            print(f"unfinished: {plan_line(begun)}; `chronon apply` goes on with what is left")
    return ExitCode.DONE
