from __future__ import annotations

from dataclasses import replace

from planner_builders import FULL, World, a_group_by, a_join, days, group_by_id, join_id

from chronon.model.corrections import Correction
from chronon.model.specs import Accuracy
from chronon.planners import explain

TOPIC = "file://shop.orders"


def test_explain_when_a_window_is_added_names_the_edit_the_column_and_the_days() -> None:
    world = World()
    before, after = a_group_by(), a_group_by(windows=("1d", "7d", "9d"))
    world.apply(world.plan(before, a_join("training", before)))

    lines = explain(world.plan(after, a_join("training", after)), join_id("training"))

    assert lines == (
        "join shop.training up to 2024-03-10",
        "  addition CHR-P108: 1 column added (amount_sum_9d added, through shop.spend)",
        "  at teams/shop/group_bys/spend.yaml:13:1",
        "  values additive · readers compatible · serving none",
        "  + shop_spend_amount_sum_9d",
        "  step 1: shop_spend_amount_sum_9d of 39 days, 2024-02-01 .. 2024-03-10",
        "      window 9d, asked at the moment of the row: reads shop.orders 2024-01-23 .. 2024-03-10",
    )


def test_explain_when_steps_wait_says_for_which() -> None:
    spend = a_group_by(windows=("1d",), online=True, topic=TOPIC)

    plan = World().plan(spend, a_join("training", spend))

    assert explain(plan, join_id("training"))[-3:] == (
        "  step 1: left rows of 39 days, 2024-02-01 .. 2024-03-10",
        "  step 2: shop_spend_amount_sum_1d of 39 days, 2024-02-01 .. 2024-03-10, after 1",
        "      window 1d, asked at the moment of the row: reads shop.orders 2024-01-31 .. 2024-03-10",
    )
    assert explain(plan, spend.id)[-7:-1] == (
        "  step 3: first batch values",
        "      window 1d, asked at 00:00: reads shop.orders 2024-03-10",
        "  step 4: file://shop.orders: tiles for 1 reader from 2024-03-11 on, after 3",
        "  stream of file://shop.orders: replay from 2024-03-11 00:00 UTC: its first tiles",
        "      not keep: nothing that was folded before holds it",
        "      not restart: nothing that was folded before holds it",
    )


def test_explain_of_the_second_reader_has_the_stream_that_both_share() -> None:
    one = a_group_by("a", online=True, topic=TOPIC)
    two = a_group_by("b", operations=("max",), online=True, topic=TOPIC)

    lines = explain(World().plan(one, two), group_by_id("b"))

    assert "  step 3: file://shop.orders: tiles for 2 readers from 2024-03-11 on, after 1, 2" in lines


def test_explain_when_days_are_lacking_says_where() -> None:
    world = World(available=dict(FULL) | {"shop.orders": days("2024-01-01", "2024-03-05")})
    spend = a_group_by(windows=("1d",))

    lines = explain(world.plan(spend, a_join("training", spend), as_of="2024-03-10"), join_id("training"))

    assert lines[-1].startswith("  lacks shop.orders 2024-03-06 .. 2024-03-10: ")


def test_explain_when_nothing_changes_says_so() -> None:
    world = World()
    world.apply(world.plan(a_group_by()))

    lines = explain(world.plan(a_group_by()), group_by_id("spend"))

    assert lines == ("group_by shop.spend up to 2024-03-10", "  nothing changes and nothing is missing")


def test_explain_of_corrected_days_says_which_questions_count_them() -> None:
    spend = a_group_by(windows=("1d", None), accuracy=Accuracy.SNAPSHOT)
    world = World()
    world.apply(world.plan(spend, a_join("training", spend)))
    world.corrected = (Correction(table="shop.orders", days=days("2024-03-07", "2024-03-07"), within=("happened",)),)
    lefts = {left for left, _ in world.state.computed}
    world.state = replace(world.state, within=dict.fromkeys(lefts, days("2024-01-01", "2024-03-10")))

    lines = explain(world.plan(spend, a_join("training", spend)), join_id("training"))

    assert lines[1:] == (
        "  step 1: shop_spend_amount_sum_1d of 1 day, 2024-03-08",
        "      window 1d, asked at 00:00: reads shop.orders 2024-03-07",
        "        2024-03-07 corrected: counts when asked on 2024-03-08",
        "  step 2: shop_spend_amount_sum of 3 days, 2024-03-08 .. 2024-03-10",
        "      no window, asked at 00:00: reads shop.orders up to 2024-03-09",
        "        2024-03-07 corrected: counts when asked on 2024-03-08 .. 2024-03-10",
        "  CHR-P170: table shop.orders 2024-03-07 is said to be corrected, read at teams/shop/joins/training.yaml:1:1",
    )
