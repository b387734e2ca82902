"""`make demo`: from YAML to training rows and served values that are equal, on real flights. Embedded stores, no server.

Every step is a command that you could type; they are printed before they run. What was built stays in `.chronon/`, to play
with, until the next run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHRONON = Path(sys.executable).with_name("chronon")

FLIGHT = "carrier=UA,tailnum=N846UA,origin=EWR,dest=IAH,distance=1400"
DEPARTS = "2013-02-27T19:16:00Z"


def main() -> None:
    """Run the story; stop at the first command that fails."""
    begun = time.monotonic()
    shutil.rmtree(ROOT / ".chronon", ignore_errors=True)
    (ROOT / ".chronon").mkdir()
    say("Three teams have declared features in teams/*/. Are they right?")
    chronon("validate")
    say("It is the evening of 26 February. What would have to be computed?")
    chronon("plan", "--as-of", "2013-02-26", "--out", ".chronon/plan.json")
    say("Do it: training rows and uploads with the local engine, then Flink folds what came in since into tiles.")
    chronon("apply", ".chronon/plan.json")
    say("And now there is nothing left to do.")
    chronon("plan", "--as-of", "2013-02-26")
    say("A United flight to Houston leaves in the afternoon of the 27th. What do we know at that moment?")
    chronon("fetch", "delays.departure", "--keys", FLIGHT, "--at", DEPARTS)
    say("Two days later the training rows of the 27th and the 28th are due: only those days are computed.")
    chronon("apply", "--as-of", "2013-02-28", "--yes")
    say("Is what was served what a model is trained on? To the last bit:")
    chronon("fetch", "delays.departure", "--keys", FLIGHT, "--at", DEPARTS, "--compare")
    say("The same plan on Spark.")
    chronon("apply", "--target", "spark", "--as-of", "2013-02-28", "--yes")
    say("Do the two engines agree?")
    compare_engines()
    say(f"Done in {time.monotonic() - begun:.0f} s. The definitions are in teams/, `chronon --help` has the rest.")


def say(text: str) -> None:
    """A line of the story."""
    print(f"\n── {text}", flush=True)


def chronon(*arguments: str) -> None:
    """Print a command, run it, and end the demo with its exit code when it fails."""
    print(f"$ chronon {' '.join(arguments)}", flush=True)
    status = subprocess.run([CHRONON, *arguments], cwd=ROOT, check=False).returncode
    if status:
        sys.exit(status)


def compare_engines() -> None:
    """Read the training rows of both targets and compare every cell; floats by their bits."""
    from chronon.loaders.config import find_config
    from chronon.runners.deployment import open_deployment
    from chronon.runners.training import training_rows

    config, _findings = find_config(ROOT)
    if config is None:
        sys.exit("chronon.yaml is gone")
    for join in ("delays.departure", "delays.morning"):
        tables = []
        for target in ("local", "spark"):
            with open_deployment(config, target) as deployment:
                tables.append(training_rows(deployment, "prod", join))
        local, spark = tables
        if not local.equals(spark):
            sys.exit(f"{join}: the engines differ")
        print(f"{join}: {local.num_rows:,} rows × {local.num_columns} columns, every cell equal")


if __name__ == "__main__":
    main()
