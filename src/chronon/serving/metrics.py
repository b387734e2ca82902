"""Counters and one latency histogram, and their text for Prometheus."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

BOUNDS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
"""Upper bounds of the histogram's buckets in seconds; the last bucket is open."""


class Metrics:
    """What has been served since the start. Any thread may count; labels are names of served objects and statuses."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._entities: Counter[str] = Counter()
        self._statuses: Counter[tuple[str, str]] = Counter()
        self._replies: Counter[int] = Counter()
        self._buckets = [0] * (len(BOUNDS_S) + 1)
        self._seconds = 0.0

    def fetched(self, name: str, entities: int, seconds: float, statuses: Iterable[str]) -> None:
        """Count one fetch: how many vectors it had, how long it took, every status in them that is not ok."""
        with self._lock:
            self._requests[name] += 1
            self._entities[name] += entities
            self._seconds += seconds
            self._buckets[bisect_left(BOUNDS_S, seconds)] += 1
            for status in statuses:
                self._statuses[name, status] += 1

    def replied(self, code: int) -> None:
        """Count one HTTP reply."""
        with self._lock:
            self._replies[code] += 1

    def text(self) -> str:
        """Everything in the text format of Prometheus."""
        with self._lock:
            return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# TYPE chronon_serving_requests_total counter"
        for name, count in sorted(self._requests.items()):
            yield f'chronon_serving_requests_total{{object="{name}"}} {count}'
        yield "# TYPE chronon_serving_entities_total counter"
        for name, count in sorted(self._entities.items()):
            yield f'chronon_serving_entities_total{{object="{name}"}} {count}'
        yield "# TYPE chronon_serving_statuses_total counter"
        for (name, status), count in sorted(self._statuses.items()):
            yield f'chronon_serving_statuses_total{{object="{name}",status="{status}"}} {count}'
        yield "# TYPE chronon_serving_replies_total counter"
        for code, count in sorted(self._replies.items()):
            yield f'chronon_serving_replies_total{{code="{code}"}} {count}'
        yield from self._histogram()

    def _histogram(self) -> Iterator[str]:
        yield "# TYPE chronon_serving_fetch_seconds histogram"
        total = 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), self._buckets, strict=True):
            total += count
            yield f'chronon_serving_fetch_seconds_bucket{{le="{bound}"}} {total}'
        yield f"chronon_serving_fetch_seconds_sum {self._seconds}"
        yield f"chronon_serving_fetch_seconds_count {total}"
