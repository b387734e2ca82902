"""Which steps can begin, against a naive reading of the plan."""

from __future__ import annotations

from apply_world import a_step
from hypothesis import given
from hypothesis import strategies as st

from chronon.model.plan import Step, StepId
from chronon.runners.front import Front


@st.composite
def webs(draw: st.DrawFn) -> tuple[Step, ...]:
    n_steps = draw(st.integers(1, 12))
    return tuple(
        a_step(number, *draw(st.sets(st.integers(0, number - 1), max_size=4) if number else st.just(set())))
        for number in range(n_steps)
    )


def can_begin(steps: tuple[Step, ...], done: set[StepId], taken: set[StepId]) -> list[Step]:
    """In the plan's order: not taken, and nothing that it needs is missing."""
    return [step for step in steps if step.id not in taken and all(need in done for need in step.needs)]


@given(webs(), st.data())
def test_front_when_steps_end_in_any_order_then_offers_what_has_everything_it_needs(
    steps: tuple[Step, ...], data: st.DataObject
) -> None:
    finished = {step.id for step in steps[: data.draw(st.integers(0, len(steps)))]}
    front = Front(steps, finished)
    done, taken, failed = set(finished), set(finished), set()
    running: list[StepId] = []
    while True:
        limit = data.draw(st.integers(1, 4))
        offered = front.take(limit)
        assert offered == can_begin(steps, done, taken)[:limit]
        taken |= {step.id for step in offered}
        running += [step.id for step in offered]
        if not running:
            break
        ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
        if data.draw(st.integers(0, 4)) == 0:
            failed.add(ended)
        else:
            done.add(ended)
            front.done(ended)

    assert front.waiting() == {step.id for step in steps} - done - failed
    assert front.waiting() == held_back(steps, failed)


def held_back(steps: tuple[Step, ...], failed: set[StepId]) -> set[StepId]:
    """The steps that need one that failed, or one that is held back."""
    held: set[StepId] = set()
    for _ in steps:
        held |= {step.id for step in steps if any(need in failed | held for need in step.needs)}
    return held
