"""How good what a plan foretells is: rows, bytes and times of its steps, held against what the steps took.

A repository of its own moves on round by round on the local engine: new days, added windows, joins and derivations, corrected days, tables of three sizes.
Each round is `chronon plan --out` and `chronon apply` of that plan, two processes; what was foretold is read from the plan, what was taken from the
state. Beside it runs that nobody made, drawn from laws that are known, go through the same estimator without an engine.

The peer is the plainest estimator: the middle and the nine-of-ten of the seconds of the earlier runs, by sorting, whatever the rows. `--quick` takes under a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("benchmarks", "tests/planners")]

from drawn_runs import LAWS, covered  # noqa: E402
from foretold.shop import Shop  # noqa: E402
from scale import CHRONON  # noqa: E402

from chronon.model.plan import PlanId, StepId  # noqa: E402
from chronon.model.sizes import Duration, Run  # noqa: E402
from chronon.model.time import day_text  # noqa: E402
from chronon.planners.durations import total_of  # noqa: E402
from chronon.stores.state import open_state  # noqa: E402


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a plan said of a step, and what it took. earlier: seconds of the runs of such work before."""

    plan: int
    foretold: dict[str, Any]
    run: Run
    earlier: tuple[float, ...]

    @property
    def kind(self) -> str:
        return self.run.work.split()[0].replace("left", "left rows")

    @property
    def duration(self) -> Duration | None:
        found = self.foretold["duration"]
        return Duration(**found) if found else None

    @property
    def plain(self) -> Duration:
        """What the peer says, in the place of `duration`."""
        in_order = sorted(self.earlier)
        nine = in_order[-(-9 * len(in_order) // 10) - 1]
        return Duration(p50=round(1000 * median(in_order)), p90=round(1000 * nine))


@dataclass(frozen=True, slots=True)
class Told:
    """A time that was told, and what it took; milliseconds."""

    duration: Duration
    took: float


def steps_of(shop: Shop, home: Path, rounds: int) -> Iterator[Step]:
    """Plans and applies so many rounds."""
    seconds: dict[str, list[float]] = {}
    for number, options in enumerate(shop.rounds(rounds)):
        file = home / "plan.json"
        _chronon(home, "plan", "--as-of", day_text(shop.day), "--out", file, *options, "--repo", shop.root)
        _chronon(home, "apply", file, "--yes", "--repo", shop.root)
        plan = json.loads(file.read_text(encoding="utf-8"))
        with closing(open_state(f"sqlite:{shop.root}/home/state.db")) as state:
            runs = state.runs_of(PlanId(plan["id"]))
        if len(runs) != len(plan["steps"]):
            sys.exit(f"the answers differ: {len(runs)} runs of {len(plan['steps'])} steps")
        before = {work: tuple(each) for work, each in seconds.items()}
        for step in plan["steps"]:
            run = runs[StepId(step["id"])]
            seconds.setdefault(run.work, []).append(run.seconds)
            yield Step(plan=number, foretold=step["estimate"], run=run, earlier=before.get(run.work, ()))


def _chronon(home: Path, *arguments: str | Path) -> None:
    own = {"XDG_CACHE_HOME": f"{home}/cache", "XDG_STATE_HOME": f"{home}/state"}
    command = [str(CHRONON), *map(str, arguments)]
    ended = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(command)}: exit code {ended.returncode}\n{ended.stdout}{ended.stderr}")


def times(steps: Sequence[Step]) -> Iterator[tuple[str, int, list[Told], list[Told]]]:
    """Case, of how many, what was told of it, and what the peer says of the same."""
    cases: dict[str, Callable[[Step], bool]] = {"all steps": lambda _: True}
    cases |= {kind: lambda step, kind=kind: step.kind == kind for kind in sorted({step.kind for step in steps})}  # type: ignore[misc]
    for least, most in ((1, 2), (3, 9), (10, 10**6)):
        name = f"{least} to {most} earlier runs" if most < 10**6 else f"{least} and more"
        cases[name] = lambda step, least=least, most=most: least <= len(step.earlier) <= most  # type: ignore[misc]
    for case, chosen in cases.items():
        found = [step for step in steps if chosen(step)]
        timed = [step for step in found if step.duration]
        ours = [Told(step.duration, 1000 * step.run.seconds) for step in timed if step.duration]
        yield case, len(found), ours, [Told(step.plain, 1000 * step.run.seconds) for step in timed]
    yield _whole_plans(steps)


def _whole_plans(steps: Sequence[Step]) -> tuple[str, int, list[Told], list[Told]]:
    """The sums that a plan tells, over its steps with a time."""
    ours, plain, plans = [], [], {step.plan for step in steps}
    for plan in sorted(plans):
        timed = [(step.duration, step) for step in steps if step.plan == plan and step.duration]
        took = sum(1000 * step.run.seconds for _, step in timed)
        if timed:
            ours.append(Told(total_of(duration for duration, _ in timed), took))
            plain.append(Told(total_of(step.plain for _, step in timed), took))
    return "whole plans", len(plans), ours, plain


def sizes(steps: Sequence[Step]) -> Iterator[tuple[str, int, list[float]]]:
    """Case, of how many, and what was foretold as a part of what was so."""
    for way, unit in (("read", "rows"), ("read", "bytes"), ("written", "rows"), ("written", "bytes")):
        pairs = [(step.foretold[way][unit], getattr(getattr(step.run, way), unit)) for step in steps]
        yield f"{unit} {way}", len(steps), sorted(told / so for told, so in pairs if told is not None and so)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="8 rounds in place of 40")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    options = parser.parse_args()
    if not options.json:
        print(f"{os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(root=Path(folder, "shop"), chance=random.Random(7))
        steps = list(steps_of(shop, Path(folder), 8 if options.quick else 40))
    report_times(steps, as_json=options.json)
    report_sizes(steps, as_json=options.json)
    report_laws(200 if options.quick else 2_000, as_json=options.json)


def report_times(steps: Sequence[Step], *, as_json: bool) -> None:
    if not as_json:
        print(
            f"\n{'times':24} {'steps':>6} {'told':>5} {'by p50':>12} {'by p90':>12} {'took / p50':>11} {'p90 / p50':>10}   sorting: by p50, p90"
        )
    for case, count, told, plain in times(steps):
        if told:
            _report_time(case, count, told, plain, as_json=as_json)


def _report_time(case: str, count: int, told: Sequence[Told], plain: Sequence[Told], *, as_json: bool) -> None:
    (half, nine), (plain_half, plain_nine) = _done(told), _done(plain)
    took, wide = (median(each.took / max(each.duration.p50, 1) for each in told), median(map(_wide, told)))
    if as_json:
        shares = {"ours": nine / len(told), "peer": plain_nine / len(plain), "peer_name": "sorting"}
        more = {"by_p50": half / len(told), "took_per_p50": took, "p90_per_p50": wide, "of": count, "told": len(told)}
        print(json.dumps({"case": case, "unit": "share by p90", "ratio": None, "agrees": True} | shares | more))
        return
    print(
        f"{case:24} {count:6} {len(told):5} {_share(half, len(told)):>12} {_share(nine, len(told)):>12} {took:11.2f} {wide:10.1f}"
        f"   {plain_half / len(plain):.2f}, {plain_nine / len(plain):.2f}",
        flush=True,
    )


def _done(told: Sequence[Told]) -> tuple[int, int]:
    """How many were done by p50, and by p90."""
    return sum(each.took <= each.duration.p50 for each in told), sum(each.took <= each.duration.p90 for each in told)


def _wide(told: Told) -> float:
    return told.duration.p90 / max(told.duration.p50, 1)


def _share(done: int, count: int) -> str:
    return f"{done} = {done / count:.2f}"


def report_sizes(steps: Sequence[Step], *, as_json: bool) -> None:
    if not as_json:
        print(f"\n{'foretold / actual':24} {'steps':>6} {'told':>5} {'least':>7} {'median':>7} {'most':>7}")
    for case, count, ratios in sizes(steps):
        least, middle, most = ratios[0], median(ratios), ratios[-1]
        if as_json:
            line = {"case": case, "ours": middle, "peer": None, "peer_name": None, "unit": "foretold / actual"}
            print(json.dumps(line | {"ratio": None, "agrees": True, "least": least, "most": most, "told": len(ratios)}))
        else:
            print(f"{case:24} {count:6} {len(ratios):5} {least:7.2f} {middle:7.2f} {most:7.2f}", flush=True)


def report_laws(trials: int, *, as_json: bool) -> None:
    """Every law with 1, 3, 10 and 50 earlier runs."""
    counts = (1, 3, 10, 50)
    if not as_json:
        print(f"\n{'drawn runs, by p50 / p90':24}" + "".join(f"{f'{count} earlier':>15}" for count in counts))
    for name, law in LAWS.items():
        found = [covered(law, count, trials, f"{name} {count}") for count in counts]
        shares = [(each.p50 / each.told, each.p90 / each.told) for each in found]
        if as_json:
            for count, (half, nine) in zip(counts, shares, strict=True):
                line = {"case": f"{name}, {count} earlier", "ours": nine, "peer": None, "peer_name": None}
                print(json.dumps(line | {"unit": "share by p90", "ratio": None, "agrees": True, "by_p50": half}))
        else:
            print(f"{name:24}" + "".join(f"{f'{half:.2f} / {nine:.2f}':>15}" for half, nine in shares), flush=True)


if __name__ == "__main__":
    main()
