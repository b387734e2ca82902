"""The laws of StateStore where several threads and processes meet, or one of them is killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from state_world import (
    LEFT,
    a_lease,
    leases,
    plan_json,
)

from chronon.model.dayset import DaySet
from chronon.model.errors import ChrononError
from chronon.model.jobs import (
    Digest,
)
from chronon.model.plan import PlanId
from chronon.model.state import State
from chronon.stores.state import StateStore, open_state


def test_racing_for_the_lease_has_one_winner(store: StateStore, address: str) -> None:
    a_lease(store, "setup", now=-1000.0)
    stores = [open_state(address) for _ in range(6)]
    ready = threading.Barrier(len(stores))
    outcomes: list[str] = []

    def race(number: int) -> None:
        ready.wait()
        try:
            lease = stores[number].acquire(f"racer {number}", lease_s=60, now=0.0)
            stores[number].begin(lease, PlanId(f"p-{number}"), plan_json(), 0, 0.0)
            outcomes.append("won")
        except ChrononError as error:
            outcomes.append(error.code)

    racers = [threading.Thread(target=race, args=(number,)) for number in range(len(stores))]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(outcomes) == ["CHR-K010"] * 5 + ["won"]
    assert len(store.history()) == 1
    for opened in stores:
        opened.close()


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
import state_world as kit
from chronon.stores.state import open_state
print(kit.leases(open_state(sys.argv[1]), "child"))
"""


def test_two_processes_that_write_at_once_wait_for_each_other(store: StateStore, address: str) -> None:
    store.release(a_lease(store))
    command = [sys.executable, "-c", WRITER, address, str(Path(__file__).parent)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        ours = leases(store, "parent")
        theirs, _ = child.communicate(timeout=60)

    assert child.returncode == 0
    assert a_lease(store).token == 1 + ours + int(theirs) + 1


KILLED = """
import os, sys, json
sys.path.insert(0, sys.argv[2])
import state_world as kit
from chronon.model.dayset import DaySet
from chronon.stores.state import Done, Started, open_state
store = open_state(sys.argv[1])
lease, plan = kit.begun(store, "s0", "s1")
kit.do(store, lease, plan, kit.a_left_job(DaySet.span(1, 1)), kit.a_fragment(1, kit.LEFT))
store.record(lease, plan, [Started(step="s1", at=1.0)])
def fragments():
    yield kit.a_fragment(1, "aa")
    os.kill(os.getpid(), 9)
class Cut(tuple):
    def __iter__(self):
        return fragments()
done = Done(step="s1", job=kit.a_feature_job(DaySet.span(1, 2), "aa"), output=Cut(), at=2.0)
store.record(lease, plan, [done])
"""


def test_process_killed_inside_a_transaction_leaves_the_state_before_it(store: StateStore, address: str) -> None:
    folder = str(Path(__file__).parent)

    killed = subprocess.run([sys.executable, "-c", KILLED, address, folder], check=False, timeout=60)

    assert killed.returncode == -9
    assert store.read() == State(serial=1, computed={(LEFT, LEFT): DaySet.span(1, 1)})
    assert store.fragments(LEFT, {Digest("aa")}, DaySet.span(1, 9)) == ()
    lease = a_lease(store, "bob", now=2000.0)
    assert store.begin(lease, PlanId("p-1"), plan_json("s0", "s1"), 0, 2000.0) == {"s0"}
