"""`chronon status`: what is deployed, how far it is computed, what is unfinished."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing

from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption, config_of
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for


def status(
    *,
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Show what is deployed: objects, computed days, uploads, streams, unfinished plans, the lock."""
    from chronon.cli.continuing import stored_savepoints
    from chronon.cli.views.status import Status, status_lines, status_plain
    from chronon.stores.state import open_state

    chosen = config_of(repo).target(target)
    with closing(open_state(chosen.state)) as store:
        state = store.read()
        found = Status(
            target=chosen.name,
            environment=environment,
            state=state,
            history=store.history(),
            holder=store.holder(),
            now=time.time(),
            savepoints=stored_savepoints(chosen, state.streams),
        )
    if as_json:
        print(json.dumps(status_plain(found), ensure_ascii=False))
    else:
        print("\n".join(status_lines(found, paint_for(sys.stdout))))
    return ExitCode.DONE
