"""What a clean removes, in words."""

from __future__ import annotations

from chronon.cli.views.cleaned import removed_text, sweep_lines
from chronon.model.jobs import Digest
from chronon.model.retention import Leavings, StrayFile, Sweep

LEFT = Leavings(
    files=(StrayFile(path="left/aa/ds=2024-01-01/x.parquet", bytes=1_500),),
    attempts=(StrayFile(path="p-1-s-1-x", bytes=500), StrayFile(path="p-1-s-2-x", bytes=312)),
    tiles=(Digest("ff"),),
)


def test_what_was_never_recorded_is_a_line_of_its_own() -> None:
    lines = sweep_lines(Sweep(leavings=LEFT), "what is pointed at")

    told = "1 file (1.5 kB), 2 attempts (812 B) and the tiles of 1 dataset"
    assert lines[1] == f"- left by an apply that was interrupted and is over, never recorded  {told}"
    assert removed_text(Sweep(leavings=LEFT)) == f"{told} that were never recorded"


def test_sweep_of_nothing_is_empty_and_one_of_leavings_is_not() -> None:
    assert Sweep().is_empty
    assert not Sweep(leavings=LEFT).is_empty
    assert sweep_lines(Sweep(), "all")[0] == "Nothing to remove."
