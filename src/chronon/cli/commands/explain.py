"""`chronon explain`: what a plan would do for one object, and why."""

from __future__ import annotations

import json

from chronon.cli.commands.plan import AsOfOption
from chronon.cli.completing import NameArgument
from chronon.cli.context import HERE, PROD, EnvOption, JsonOption, RepoOption, TargetOption, config_of, recorded
from chronon.cli.drafting import checked_or_told, day_option, draft, objects_named
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import printable


def explain(
    name: NameArgument,
    *,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    target: TargetOption = None,
    environment: EnvOption = PROD,
    repo: RepoOption = HERE,
) -> int:
    """Show one object of a plan: why it changes, which steps work for it, what they wait for, what is missing."""
    from chronon.planners import explain as explained

    day = day_option(as_of)
    checked = checked_or_told(repo, as_json=as_json)
    if checked is None:
        return ExitCode.FINDINGS
    state, tables = recorded(repo, target)
    plan = draft(checked, state, tables, streams=config_of(repo).streams, environment=environment, as_of=day)
    _, catalog = checked
    deployed = state.environment(environment).snapshots
    lines = [explained(plan, each) for each in objects_named(name, {*catalog.group_bys, *catalog.joins, *deployed})]
    if as_json:
        print(json.dumps({"plan": plan.id, "lines": [line for each in lines for line in each]}, ensure_ascii=False))
    else:
        print("\n\n".join("\n".join(map(printable, each)) for each in lines))
    return ExitCode.DONE
