"""Applying on a terminal: what is asked, what is shown, what an interruption leaves."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chronon.cli.drafting import Asked, planned
from chronon.cli.exits import ExitCode
from chronon.cli.main import main
from chronon.cli.replanning import replanning
from chronon.cli.views.plan_json import plan_json
from chronon.validators import validate

pytestmark = pytest.mark.slow  # each runs a few processes

STORIES = Path(__file__).parents[1] / "stories"
CHRONON = Path(sys.executable).with_name("chronon")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    sys.path.insert(0, str(STORIES))
    try:
        from shop_data import write_tables
    finally:
        sys.path.remove(str(STORIES))
    shutil.copytree(STORIES / "shop", tmp_path / "shop")
    write_tables(tmp_path / "shop" / "data")
    return tmp_path / "shop"


def answer(
    shop: Path, *arguments: str, until: str, then: bytes | signal.Signals, insist: bool = False
) -> tuple[str, int]:
    """Run on a terminal of its own; when it has said `until`, type or send something; what it said and its exit code.

    insist: send a signal again while nothing happens. One that comes after the question is shown and before the terminal is
    read interrupts no reading.
    """
    near, far = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(
        [str(CHRONON), *arguments], cwd=shop, env=environment, stdin=far, stdout=far, stderr=far, start_new_session=True
    )
    os.close(far)
    said, waits = b"", True
    with process, contextlib.suppress(OSError):  # Linux says EIO once the other side has closed
        while True:
            if insist and not waits and not select.select([near], [], [], 1.0)[0]:
                process.send_signal(then)  # type: ignore[arg-type]
                continue
            if not (chunk := os.read(near, 65_536)):
                break
            said += chunk
            if waits and until.encode() in said:
                waits = False
                if isinstance(then, bytes):
                    os.write(near, then)
                else:
                    process.send_signal(then)
    os.close(near)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode()), process.wait(timeout=60)


def test_apply_when_approved_on_a_terminal_then_shows_each_step_and_what_is_next(shop: Path) -> None:
    said, code = answer(shop, "apply", until="Apply this plan?", then=b"y\n")

    assert code == ExitCode.DONE
    assert said.index("ADDITION") < said.index("Apply this plan?") < said.index("✓ left rows shop.checkout")
    assert "✓ upload shop.user (4 columns, until 2024-01-10) · 3 keys" in said
    assert "chronon fetch shop.checkout --keys user=…" in said


def test_apply_when_not_approved_on_a_terminal_then_changes_nothing(shop: Path) -> None:
    said, code = answer(shop, "apply", until="Apply this plan?", then=b"n\n")

    assert code == ExitCode.APPROVAL
    assert "not applied" in said
    assert status(shop).startswith("environment prod · serial 0 · state serial 0")


def test_apply_when_a_removal_is_given_a_reason_on_a_terminal_then_it_is_approved_and_done(shop: Path) -> None:
    assert run(shop, "apply", "--yes").returncode == ExitCode.DONE
    (shop / "teams/shop/joins/checkout.yaml").unlink()

    refused, without = answer(shop, "apply", "--yes", until="Why may this be done?", then=b"\n")
    said, code = answer(shop, "apply", "--yes", until="Why may this be done?", then=b"nobody reads it\n")

    assert (without, code) == (ExitCode.APPROVAL, ExitCode.DONE)
    assert "removal: join shop.checkout: removed with 7 columns" in refused
    assert "not applied" in refused
    assert "applied p-" in said
    assert "approved CHR-P102 join shop.checkout of plan" in run(shop, "history", "--log").stdout


def test_apply_when_told_to_wait_then_says_for_whom_and_takes_the_lock_when_it_is_free(shop: Path) -> None:
    from chronon.stores.state import open_state

    (shop / ".chronon/local").mkdir(parents=True)
    state = open_state(f"sqlite:{shop / '.chronon/local/state.db'}")
    state.acquire("ann@laptop pid 7", lease_s=3600, now=4_000_000_000)
    arguments = [str(CHRONON), "apply", "--yes", "--lock-timeout", "10m"]
    with subprocess.Popen(arguments, cwd=shop, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as waiting:
        assert waiting.stderr is not None
        told = next(line for line in waiting.stderr if "trying again" in line)
        state.unlock("eve", 4_000_000_001)
        waiting.stderr.read()
    state.close()

    assert told.startswith("the lock is held by ann@laptop pid 7 since 2096-10-02T07:06:40Z, until ")
    assert waiting.returncode == ExitCode.DONE


def test_apply_when_interrupted_at_the_question_then_exits_130(shop: Path) -> None:
    said, code = answer(shop, "apply", until="Apply this plan?", then=signal.SIGINT, insist=True)

    assert code == ExitCode.INTERRUPTED
    assert "run the same command again to go on" in said


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_apply_when_interrupted_in_a_step_then_the_next_apply_goes_on(shop: Path, sent: signal.Signals) -> None:
    said, code = answer(shop, "apply", "--yes", until="left rows shop.checkout (", then=sent)

    again = run(shop, "apply", "--yes")

    assert code == ExitCode.INTERRUPTED
    assert "run the same command again to go on" in said
    assert again.returncode == ExitCode.DONE, again.stderr
    assert run(shop, "plan", "--detailed-exitcode").returncode == ExitCode.DONE


def test_apply_when_a_source_file_is_damaged_then_exits_6_and_goes_on_after_the_repair(shop: Path) -> None:
    (damaged,) = (shop / "data/shop/purchases/ds=2024-01-04").glob("*.parquet")
    whole = damaged.read_bytes()
    damaged.write_bytes(b"PAR1 no")

    broken = run(shop, "apply", "--yes")
    damaged.write_bytes(whole)
    repaired = run(shop, "apply", "--yes")

    assert broken.returncode == ExitCode.PARTIAL
    assert "error CHR-R" in broken.stderr
    assert "part-0.parquet" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert repaired.returncode == ExitCode.DONE


def test_apply_when_another_holds_the_lock_then_exits_5_and_says_who(shop: Path) -> None:
    from chronon.stores.state import open_state

    (shop / ".chronon/local").mkdir(parents=True)
    state = open_state(f"sqlite:{shop / '.chronon/local/state.db'}")
    state.acquire("ann@laptop pid 7", lease_s=3600, now=4_000_000_000)
    state.close()

    locked = run(shop, "apply", "--yes")
    told = status(shop)
    taken = run(shop, "unlock")

    assert locked.returncode == ExitCode.LOCKED
    assert "ann@laptop pid 7" in locked.stderr
    assert "locked by ann@laptop pid 7 since 2096-10-02T07:06:40Z" in told
    assert taken.stdout == (
        "the lock was taken from ann@laptop pid 7, "
        "held since 2096-10-02T07:06:40Z, until 2096-10-02T08:06:40Z at least\n"
    )
    assert run(shop, "apply", "--yes").returncode == ExitCode.DONE


def test_apply_when_json_is_asked_then_every_line_of_the_output_is_an_event(shop: Path) -> None:
    import json

    events = [json.loads(line) for line in run(shop, "apply", "--yes", "--json").stdout.splitlines()]

    assert [event["event"] for event in events if event["event"] != "progress"] == [
        "planned",
        *["started", "finished"] * 4,
        "applied",
    ]
    assert events[-1]["done"] == 4
    assert [json.loads(line)["event"] for line in run(shop, "apply", "--yes", "--json").stdout.splitlines()] == [
        "nothing"
    ]


def test_entry_point_when_called_then_leaves_with_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["chronon", "nothing"])

    with pytest.raises(SystemExit) as left:
        main()

    assert left.value.code == ExitCode.USAGE
    assert "No such command" in capsys.readouterr().err


def run(shop: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(CHRONON), *arguments],
        cwd=shop,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


def status(shop: Path) -> str:
    return run(shop, "status").stdout


def test_plan_after_an_apply_looks_at_what_was_applied_alone(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(shop / "cache"))
    user = shop / "teams/shop/group_bys/user.yaml"
    other = user.read_text(encoding="utf-8").replace("group_by: user", "group_by: visitor")
    user.with_name("visitor.yaml").write_text(other, encoding="utf-8")
    later = time.time_ns() + 3_600 * 10**9  # when what is written now is relied on
    assert run(shop, "apply", "--yes").returncode == ExitCode.DONE
    whole = replanning(shop, later)
    assert whole is not None
    assert whole.plan(shop, None, "prod", None, whole=True).is_empty
    user.write_text(user.read_text(encoding="utf-8").replace("[1d, 3d]", "[1d, 2d, 3d]"), encoding="utf-8")
    assert run(shop, "apply", "--yes").returncode == ExitCode.DONE

    again = replanning(shop, later)
    assert again is not None
    plan = again.plan(shop, None, "prod", None, whole=True)

    repository, catalog, _found = validate(shop)
    assert catalog is not None
    asked = Asked(repo=shop, target=None, environment="prod")
    assert plan_json(plan) == plan_json(planned((repository, catalog), asked)[0])
    assert plan.is_empty
    assert (again.looked_at, len(plan.snapshots)) == (2, 3)
