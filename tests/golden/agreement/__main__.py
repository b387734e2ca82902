"""`make golden`: one line per case of a folder, and what differs. Exits 1 when something does."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from agreement.cases import load_cases
from agreement.verdicts import SHOWN, Verdict, judge
from chronon.runners.deployment import start_engine
from chronon.runners.engine import Engine

CASES = Path(__file__).parents[1] / "cases"


def main() -> int:
    """Judge every case of a folder."""
    parser = argparse.ArgumentParser(prog="make golden", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CASES, help="a folder of cases")
    parser.add_argument("--engine", default="local", choices=("local", "spark"), help="what computes the tables")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    given = parser.parse_args()
    cases = [case for case in load_cases(given.folder) if given.only in case.name]
    if not cases:
        sys.exit(f"there is no case in {given.folder}")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="golden-") as root, started(given.engine, Path(root)) as engine:
        for case in cases:
            try:
                verdict = judge(case, Path(root), engine)
            except Exception as broken:  # noqa: BLE001 - a case that cannot be read must not hide the others
                verdict = Verdict(case=case, different=[f"cannot be compared: {type(broken).__name__}: {broken}"])
            print(verdict.text, flush=True)
            for told in verdict.different[:SHOWN]:
                print(f"    {told}", flush=True)
            failed += bool(verdict.different)
    print(f"{len(cases)} cases, {failed} with differences that nothing explains")
    return 1 if failed else 0


def started(name: str, home: Path) -> closing[Engine]:
    """The engine of that name, closed with the block."""
    return closing(start_engine(name, home / "engine"))


if __name__ == "__main__":
    sys.exit(main())
