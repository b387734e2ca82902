"""Which failures are tried again: those of a closed list, after pauses that are drawn."""

from __future__ import annotations

import errno
import os
import random

import pytest

from chronon.model.errors import ChrononError, InvariantError
from chronon.runners.failures import Retries, is_transient


def refused(code: str, number: int) -> ChrononError:
    error = ChrononError(code, os.strerror(number))
    error.__cause__ = OSError(number, os.strerror(number))
    return error


PASSING = [
    refused("CHR-R006", errno.ECONNREFUSED),
    refused("CHR-R006", errno.ECONNRESET),
    refused("CHR-R006", errno.ETIMEDOUT),
    ChrononError("CHR-K017", "the state in state.db stayed locked by another process"),
    ChrononError("CHR-K124", "PostgreSQL does not answer for db.internal: server closed the connection unexpectedly"),
    ChrononError(
        "CHR-R005",
        "the Spark job failed: Py4JJavaError: Job aborted due to stage failure: Task 3 in stage 7.0 failed 4 times, most "
        "recent failure: Lost task 3.3 in stage 7.0 (TID 91): ExecutorLostFailure (executor 2 exited caused by one of the "
        "running tasks) Reason: Remote RPC client disassociated",
    ),
    ChrononError("CHR-R005", "the Spark job failed: Py4JJavaError: java.net.ConnectException: Connection refused"),
    ChrononError(
        "CHR-R024", "Flink failed: java.util.concurrent.TimeoutException: Heartbeat of TaskManager with id a timed out."
    ),
    ChrononError("CHR-R024", "Flink failed: TaskManager with id a:1 is no longer reachable."),
]

LASTING = [
    refused("CHR-R006", errno.ENOSPC),
    refused("CHR-R006", errno.EACCES),
    refused("CHR-R006", errno.EIO),
    ChrononError("CHR-R006", "the system refused to read or write x: Connection reset"),
    ChrononError("CHR-K003", "the disk of kv is full"),
    ChrononError("CHR-K013", "ann lost the lock"),
    ChrononError("CHR-K018", "the state could not be read or written: database or disk is full"),
    ChrononError("CHR-R010", "a partition is gone"),
    ChrononError("CHR-R011", "cannot read part-0.parquet: Connection reset"),
    ChrononError("CHR-R012", "a column has another type"),
    ChrononError("CHR-R005", "Spark ended in the middle of a job: java.lang.OutOfMemoryError: Java heap space"),
    ChrononError(
        "CHR-R005",
        "the Spark job failed: NumberFormatException: [CAST_INVALID_INPUT] The value 'Connection reset' cannot be cast",
    ),
    ChrononError("CHR-R024", "Flink failed: java.lang.OutOfMemoryError: Java heap space"),
    InvariantError("some-law", "Connection reset"),
]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_failure_that_passes_by_itself_is_tried_again(error: ChrononError) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", LASTING, ids=str)
def test_failure_that_stays_is_not_tried_again(error: ChrononError) -> None:
    assert not is_transient(error)


def test_pauses_are_drawn_below_a_bound_that_doubles_up_to_a_minute() -> None:
    assert [Retries(limit=9, random=lambda: 1.0).pause_s(n) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_pauses_are_drawn_anew_from_nothing_to_the_bound() -> None:
    chance = random.Random(2)
    retries = Retries(limit=3, random=chance.random)

    drawn = [retries.pause_s(1) for _ in range(200)]

    assert all(0.0 <= pause < 1.0 for pause in drawn)
    assert len(set(drawn)) == 200
    assert min(drawn) < 0.1
    assert max(drawn) > 0.9
