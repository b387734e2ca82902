from __future__ import annotations

import threading

from chronon.serving.metrics import BOUNDS_S, Metrics


def lines(metrics: Metrics) -> dict[str, float]:
    """Samples of the text form by name and labels."""
    samples = [line for line in metrics.text().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in samples)}


def test_text_when_nothing_was_served_then_only_empty_histogram() -> None:
    found = lines(Metrics())

    assert found["chronon_serving_fetch_seconds_count"] == 0
    assert set(found.values()) == {0.0}


def test_text_when_fetches_were_counted_then_counters_and_cumulative_buckets() -> None:
    metrics = Metrics()

    metrics.fetched("a.b", 10, 0.0002, ["no_entity", "no_entity", "stale"])
    metrics.fetched("a.b", 1, 99.0, [])
    metrics.replied(200)

    found = lines(metrics)
    assert found['chronon_serving_requests_total{object="a.b"}'] == 2
    assert found['chronon_serving_entities_total{object="a.b"}'] == 11
    assert found['chronon_serving_statuses_total{object="a.b",status="no_entity"}'] == 2
    assert found['chronon_serving_statuses_total{object="a.b",status="stale"}'] == 1
    assert found['chronon_serving_replies_total{code="200"}'] == 1
    assert found['chronon_serving_fetch_seconds_bucket{le="0.0001"}'] == 0
    assert found['chronon_serving_fetch_seconds_bucket{le="0.00025"}'] == 1
    assert found[f'chronon_serving_fetch_seconds_bucket{{le="{BOUNDS_S[-1]}"}}'] == 1
    assert found['chronon_serving_fetch_seconds_bucket{le="+Inf"}'] == 2
    assert found["chronon_serving_fetch_seconds_sum"] == 99.0002


def test_bucket_when_duration_is_on_a_bound_then_it_counts_below_it() -> None:
    metrics = Metrics()

    metrics.fetched("a.b", 1, 0.001, [])

    assert lines(metrics)['chronon_serving_fetch_seconds_bucket{le="0.001"}'] == 1


def test_counts_when_threads_count_at_once_then_none_is_lost() -> None:
    metrics = Metrics()

    def count() -> None:
        for _ in range(2000):
            metrics.fetched("a.b", 1, 0.0, ["stale"])

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert lines(metrics)['chronon_serving_requests_total{object="a.b"}'] == 8000
