"""Names of output columns, as the reference prints them."""

from __future__ import annotations

import pytest

from chronon.model.definitions import feature_name
from chronon.model.specs import OperationCall
from chronon.model.time import DAY, HOUR, Millis


@pytest.mark.parametrize(
    ("call", "window", "buckets", "name"),
    [
        (OperationCall("average"), 2 * DAY, ("city",), "rating_average_2d_by_city"),
        (OperationCall("count"), None, (), "rating_count"),
        (OperationCall("count"), 3 * HOUR, (), "rating_count_3h"),
        (OperationCall("last_k", (10,)), DAY, (), "rating_last10_1d"),
        (OperationCall("first_k", (3,)), None, (), "rating_first3"),
        (OperationCall("top_k", (2,)), None, ("city",), "rating_top2_by_city"),
        (OperationCall("bottom_k", (2,)), None, (), "rating_bottom2"),
        (OperationCall("unique_top_k", (5,)), DAY, (), "rating_unique_top5_1d"),
        (OperationCall("sum"), DAY, ("city", "kind"), "rating_sum_1d_by_city_by_kind"),
        (OperationCall("approx_percentile", (0.5, 0.9)), DAY, (), "rating_approx_percentile_1d"),
    ],
)
def test_feature_name_is_input_operation_window_buckets(
    call: OperationCall, window: int | None, buckets: tuple[str, ...], name: str
) -> None:
    length = None if window is None else Millis(window)

    assert feature_name("rating", call, length, buckets) == name
