"""What can be removed, held against a reading of the plans that made it: what a plan of today asks for stays."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from planner_builders import World, a_catalog, a_feature, a_group_by, a_join, a_repository, a_select, days

from chronon.model.jobs import (
    DerivationJob,
    Digest,
    FeatureJob,
    Job,
    LeftJob,
    StreamedGroupBy,
    StreamJob,
    Upload,
    UploadJob,
)
from chronon.model.live import Publication
from chronon.model.retention import Attempted, StrayFile
from chronon.model.state import Move, Snapshot, State
from chronon.model.time import Day, parse_day
from chronon.planners.retention import (
    Needs,
    distinct,
    garbage_of,
    needs_of,
    needs_of_jobs,
    needs_of_readers,
    places_left,
    removable,
    retained,
    tiles_left,
)
from chronon.planners.snapshots import snapshots_of

LAST = "2024-03-10"
SPENDS = (
    a_group_by("spend", online=True, windows=("1d",), topic="events"),
    a_group_by("spend", online=True, windows=("1d", "7d"), topic="events"),
    a_group_by("spend", windows=("7d",), operations=("sum", "max")),
    a_group_by("spend", online=True, windows=("3d",), wheres=("amount > 1",), topic="events"),
)
HIDDEN = [f"shop_spend_{a_feature('sum', window).name}" for window in ("1d", "7d")]
RATIO = a_select("ratio", f"{HIDDEN[0]} / {HIDDEN[1]}", reads=HIDDEN)


def made_by(number: int) -> World:
    """A state in which one variant was applied, from nothing."""
    spend = SPENDS[number]
    derived = {"derivations": [RATIO], "hide": HIDDEN} if number == 1 else {}
    world = World()
    world.apply(world.plan(spend, a_join("training", spend, start="2024-03-01", **derived), as_of=LAST))  # type: ignore[arg-type]
    return world


MADE = tuple(made_by(number).state for number in range(len(SPENDS)))


def pointed(state: State) -> list[Snapshot]:
    return [*state.environment("prod").snapshots.values()]


def together(states: list[State]) -> State:
    """A state in which all of this was computed."""
    whole = State()
    for state in states:
        whole = replace(
            whole,
            computed={**whole.computed, **state.computed},
            uploads={**whole.uploads, **state.uploads},
            streams={**whole.streams, **state.streams},
        )
    return whole


@given(live=st.sets(st.integers(0, 3)), past=st.sets(st.integers(0, 3)))
def test_what_goes_is_what_no_apply_of_those_that_stay_would_have_made(live: set[int], past: set[int]) -> None:
    state = together([MADE[number] for number in sorted(live | past)])
    uploads = [Upload(dataset=each, day=day, generation="g", keys=1, bytes=1) for each, day in state.uploads.items()]
    needs = Needs()
    for number in live:
        needs |= needs_of(pointed(MADE[number]))
    serials = {("prod", number): pointed(MADE[number]) for number in past - live}

    garbage = garbage_of(state, uploads, needs, serials)

    kept = together([MADE[number] for number in live])
    assert garbage.cells == state.computed.keys() - kept.computed.keys()
    assert {upload.dataset for upload in garbage.uploads} == state.uploads.keys() - kept.uploads.keys()
    assert garbage.tiles == state.streams.keys() - kept.streams.keys()
    lossy = {number for number in past - live if not _is_within(MADE[number], kept)}
    assert garbage.moves == tuple(("prod", number) for number in sorted(lossy))


def _is_within(one: State, whole: State) -> bool:
    return (
        one.computed.keys() <= whole.computed.keys()
        and one.uploads.keys() <= whole.uploads.keys()
        and one.streams.keys() <= whole.streams.keys()
    )


def test_join_that_another_version_wrote_keeps_every_column_of_its_left() -> None:
    snapshots = pointed(MADE[1])
    join = next(each for each in snapshots if each.left is not None)
    unreadable = [replace(each, definition="{}") for each in snapshots]
    elsewhere = [replace(each, left=Digest("other")) if each is join else each for each in snapshots]

    assert join.left is not None
    assert needs_of(unreadable).lefts == {join.left}
    assert needs_of(elsewhere).lefts == {Digest("other")}
    assert needs_of(unreadable).has((join.left, Digest("whatever")))
    assert needs_of(unreadable).values == needs_of(snapshots).values != frozenset()


def test_jobs_need_what_they_make() -> None:
    world = World()
    spend = SPENDS[1]
    join = a_join("training", spend, start="2024-03-01", derivations=[RATIO])
    plan = world.apply(world.plan(spend, join, as_of=LAST))
    jobs = [step.job for step in plan.steps]

    needs = needs_of_jobs(jobs)

    assert {type(job) for job in jobs} == {LeftJob, FeatureJob, DerivationJob, UploadJob, StreamJob}
    assert needs.cells == set(world.state.computed)
    assert needs.values == set(world.state.uploads)
    assert needs.tiles == set(world.state.streams)


def test_readers_need_what_they_are_led_to() -> None:
    group_by = Publication(values=Digest("v"), tiles=Digest("t"))
    published = {"prod": {"a": group_by, "join": Publication()}, "gone": {"b": Publication(values=Digest("w"))}}

    assert needs_of_readers(published, ["prod"]) == Needs(values=frozenset("v"), tiles=frozenset("t"))


def test_moves_are_retained_until_the_retention_after_the_next_one_is_over() -> None:
    now, over, lately = (a_move(serial, until) for serial, until in ((3, None), (1, 99.0), (2, 100.0)))

    assert retained([now, lately, over], 100.0) == (now, lately)


def test_file_that_was_replaced_lately_stays_for_those_who_read_it() -> None:
    left = Digest("1ef7")
    day = parse_day("2024-03-02") or Day(0)
    job: Job = FeatureJob(
        left=left,
        left_columns=(),
        group_by=SPENDS[0],
        part=a_join("j", SPENDS[0]).parts[0],
        columns=(),
        days=days("2024-03-01", "2024-03-02"),
    )
    replaced, older, other, odd = (
        StrayFile(path=path, bytes=1)
        for path in ("left/1ef7/ds=2024-03-02/a.parquet", "left/1ef7/ds=2024-03-03/a.parquet", "left/2/ds=2024-03-02/a.parquet", "x")
    )  # fmt: skip

    assert day in job.days
    assert removable([replaced, older, other, odd], [job]) == (older, other, odd)
    assert removable([replaced], []) == (replaced,)


def test_attempts_leave_files_on_their_days_but_for_those_that_somebody_goes_on_with() -> None:
    ended = (a_left_job("aa", "2024-03-01", "2024-03-04"), a_left_job("bb", "2024-03-01", "2024-03-02"))
    held = (a_left_job("aa", "2024-03-02", "2024-03-03"), a_left_job("bb", "2024-02-01", "2024-03-09"))

    found = places_left(Attempted(ended=ended, held=held))

    assert found == {Digest("aa"): days("2024-03-01", "2024-03-01") | days("2024-03-04", "2024-03-04")}
    assert places_left(Attempted(held=held)) == {}


def test_attempts_leave_pages_of_which_nobody_has_a_stream() -> None:
    def streamed(*names: str) -> StreamJob:
        group_by = a_group_by(online=True, topic="events")
        readers = tuple(StreamedGroupBy(dataset=Digest(name), group_by=group_by) for name in names)
        return StreamJob(topic="events", readers=readers, since=Day(4))

    attempted = Attempted(ended=(streamed("a", "b", "c", "d"),), held=(streamed("b"),))
    state, needs = State(streams={Digest("c"): Day(4)}), Needs(tiles=frozenset({Digest("d")}))

    assert tiles_left(attempted, state, needs) == (Digest("a"),)


def a_left_job(left: str, first: str, last: str) -> LeftJob:
    return LeftJob(left=Digest(left), rows=a_group_by().rows[0], days=days(first, last))


def test_equal_sets_of_snapshots_are_looked_at_once() -> None:
    catalog = a_catalog(SPENDS[0])
    one = snapshots_of(catalog, a_repository(catalog))
    other = snapshots_of(a_catalog(SPENDS[1]), a_repository(a_catalog(SPENDS[1])))

    assert list(distinct([one, other, one[::-1], ()])) == [one, other, ()]


def a_move(serial: int, until: float | None) -> Move:
    return Move(environment="prod", serial=serial, state=serial, plan="p", what="", at=0.0, who="ann", until=until)
