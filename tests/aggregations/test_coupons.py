"""Our coupons and estimates are those of the DataSketches library."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from naive_features import cpc

from chronon.aggregations.folds.coupons import coupons_of, estimates
from chronon.aggregations.values import values_of
from chronon.model.types import Scalar

LETTERS = ["", "a", "é", "\U0001f600", "xyz" * 7]

MAKERS: dict[Scalar, Callable[[random.Random], object]] = {
    Scalar.LONG: lambda r: r.choice([r.randrange(-(2**63), 2**63), r.randrange(1000)]),
    Scalar.INT: lambda r: r.randrange(-(2**31), 2**31),
    Scalar.DOUBLE: lambda r: r.choice([r.gauss(0, 1e9), 0.0, -0.0, float("nan"), float("inf"), 1.5]),
    Scalar.STRING: lambda r: (
        "".join(r.choice(LETTERS) for _ in range(r.randrange(6))) + str(r.randrange(300)) * r.randrange(2)
    ),
}


@pytest.mark.parametrize("kind", list(MAKERS))
@pytest.mark.parametrize("lg_k", [4, 8, 11])
@pytest.mark.parametrize("n", [0, 1, 7, 300, 9000])
def test_estimate_equals_the_library(kind: Scalar, lg_k: int, n: int) -> None:
    source = random.Random(n * lg_k)
    values = [MAKERS[kind](source) for _ in range(n)]
    found = values_of(
        pa.array(
            values,
            {Scalar.INT: pa.int32(), Scalar.LONG: pa.int64(), Scalar.DOUBLE: pa.float64()}.get(kind, pa.string()),
        ),
        kind,
    )

    coupons = np.unique(coupons_of(found.codes, kind, found.texts, lg_k))
    count = int((coupons >= 0).sum())

    assert int(estimates(lg_k, count)[count]) == cpc(values, lg_k)


def test_estimates_beyond_the_table_follow_the_library() -> None:
    values = list(range(60_000))
    count = len(np.unique(coupons_of(np.arange(60_000), Scalar.LONG, None, 4)))

    assert count > 5.7 * 16
    assert int(estimates(4, count)[count]) == cpc(values, 4)


def test_bytes_are_counted_as_they_are_also_where_they_are_no_text() -> None:
    texts = ["", "a", "é", "xyz" * 7]
    spelled = values_of(pa.array(texts), Scalar.STRING)
    known = values_of(pa.array([text.encode() for text in texts], pa.binary()), Scalar.BINARY)
    odd = values_of(pa.array([b"\xff", b"\xfe", b"\xff", b""], pa.binary()), Scalar.BINARY)

    assert coupons_of(known.codes, Scalar.BINARY, known.texts, 8).tolist() == (
        coupons_of(spelled.codes, Scalar.STRING, spelled.texts, 8).tolist()
    )
    assert len({*coupons_of(odd.codes, Scalar.BINARY, odd.texts, 8).tolist()} - {-1}) == 2


def test_empty_strings_alone_count_zero_but_are_something() -> None:
    found = values_of(pa.array(["", ""]), Scalar.STRING)

    assert coupons_of(found.codes, Scalar.STRING, found.texts, 8).tolist() == [-1, -1]
