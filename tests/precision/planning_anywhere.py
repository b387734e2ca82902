"""Prints digests of plans, one line per folder: a program of its own, so that every process has its own hashes, zone and locale.

`python planning_anywhere.py FOLDER...`: each folder is a repository; its plan is made where nothing is deployed, and where the
first of them is. What is printed is a digest of the bytes of both plans as `chronon plan --out` writes them.
"""

from __future__ import annotations

import hashlib
import locale
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "planners")]

from planner_builders import applied  # noqa: E402

from cases import declared  # noqa: E402
from chronon.cli.views.plan_json import plan_json  # noqa: E402
from chronon.cli.views.plan_markdown import plan_markdown  # noqa: E402
from chronon.cli.views.plan_text import plan_text  # noqa: E402
from chronon.model.plan import Plan  # noqa: E402
from chronon.model.state import State  # noqa: E402


def written(plan: Plan) -> str:
    """The plan in each of its forms."""
    return plan_json(plan) + plan_text(plan, verbose=True) + plan_markdown(plan)


def main(folders: list[str]) -> None:
    locale.setlocale(locale.LC_ALL, "")
    time.tzset()
    deployed = applied(State(), declared(Path(folders[0])).plan(State()))
    for folder in folders:
        found = declared(Path(folder))
        plans = [found.plan(state) for state in (State(), deployed)]
        print(*(f"{plan.id} {hashlib.sha256(written(plan).encode()).hexdigest()}" for plan in plans))


if __name__ == "__main__":
    main(sys.argv[1:])
