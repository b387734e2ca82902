"""`chronon doctor`: whether this machine and this repository have what is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chronon.cli.context import HERE, JsonOption, RepoOption, TargetOption
from chronon.cli.exits import ExitCode
from chronon.cli.terminal import paint_for, printable


def doctor(*, as_json: JsonOption = False, target: TargetOption = None, repo: RepoOption = HERE) -> int:
    """Look at Python, Java, engines, stores and disk, and say what to do where something is missing.

    Exit code 1 when something that the target needs is not there.
    """
    from chronon.cli.checkup import Health, examine

    found = examine(Path(repo), target)
    if as_json:
        plain = [{"what": one.what, "health": one.health.value, "found": one.found, "hint": one.hint} for one in found]
        print(json.dumps({"checks": plain}, ensure_ascii=False))
    else:
        paint = paint_for(sys.stdout)
        marks = {
            Health.GOOD: paint.good("ok     "),
            Health.WARN: paint.warn("missing"),
            Health.BAD: paint.bad("bad    "),
        }
        for one in found:
            print(f"{marks[one.health]}  {one.what:11}  {printable(one.found)}")
            if one.hint:
                print(f"{'':22}{printable(one.hint)}")
    return ExitCode.FINDINGS if any(one.health is Health.BAD for one in found) else ExitCode.DONE
