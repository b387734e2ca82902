"""`chronon unlock`: take the lock from an apply that will not come back."""

from __future__ import annotations

import json
import time

from chronon.cli.commands.apply import holder
from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode


def unlock(*, as_json: JsonOption = False, target: TargetOption = None, repo: RepoOption = HERE) -> int:
    """Take the lock away from whoever holds it; what they still try to write is refused.

    An apply that died gives its lock up by itself within a minute.
    """
    from chronon.stores.state import open_state

    state = open_state(f"sqlite:{config_of(repo).target(target).state}")
    try:
        taken = state.unlock(holder(), time.time())
    finally:
        state.close()
    if as_json:
        print(json.dumps({"taken_from": taken.holder if taken else None}, ensure_ascii=False))
    else:
        print(f"the lock was taken from {taken.holder}" if taken else "nobody held the lock")
    return ExitCode.DONE
