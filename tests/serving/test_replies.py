from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chronon.model.errors import ChrononError
from chronon.serving.contract import Request, Status, Vector
from chronon.serving.replies import ENTITIES_AT_MOST, is_outage, requests_of, results_of


def test_requests_when_body_is_a_list_of_key_maps_then_one_each_for_now() -> None:
    found = requests_of(b'[{"carrier": "UA", "n": 1}, {"carrier": null}]')

    assert found == (Request(keys={"carrier": "UA", "n": 1}), Request(keys={"carrier": None}))


def test_requests_when_body_is_the_long_form_then_moments_as_numbers_or_text() -> None:
    body = b'{"requests": [{"keys": {"a": 1.5}, "at": 1000}, {"keys": {}, "at": "1970-01-01T00:00:02Z"}, {"keys": {}}]}'

    assert [request.at for request in requests_of(body)] == [1000, 2000, None]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b'{"request": []}',
        b'{"requests": [{"keys": {}, "when": 1}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_requests_when_body_is_something_else_then_one_clear_error(body: bytes) -> None:
    with pytest.raises(ChrononError) as refused:
        requests_of(body)

    assert refused.value.code == "CHR-F011"
    assert refused.value.hint


def test_requests_when_moment_is_none_then_refused() -> None:
    with pytest.raises(ChrononError) as refused:
        requests_of(b'{"requests": [{"keys": {}, "at": "yesterday"}]}')

    assert refused.value.code == "CHR-F010"


def test_requests_when_too_many_then_refused() -> None:
    assert len(requests_of(json.dumps([{}] * ENTITIES_AT_MOST).encode())) == ENTITIES_AT_MOST
    with pytest.raises(ChrononError) as refused:
        requests_of(json.dumps([{}] * (ENTITIES_AT_MOST + 1)).encode())

    assert refused.value.code == "CHR-F012"


def test_results_when_values_are_not_finite_then_null_in_json() -> None:
    vector = Vector(values={"a": math.nan, "b": [math.inf, 1.5], "c": {"x": -math.inf}, "d": 0.1})

    found = json.loads(results_of([Request(keys={"k": 1})], [vector], ["p"]))

    assert found["results"][0]["features"] == {"a": None, "b": [None, 1.5], "c": {"x": None}, "d": 0.1}
    assert found["results"][0]["entityKeys"] == {"k": 1}


def test_results_when_every_part_is_unknown_then_failure_else_success() -> None:
    lost = Vector(values={}, statuses={"p": Status.MISSING_KEY, "q": Status.READ_FAILED})
    half = Vector(values={}, statuses={"p": Status.MISSING_KEY, "q": Status.NO_ENTITY})

    found = json.loads(results_of([Request(keys={})] * 2, [lost, half], ["p", "q"]))

    assert [result["status"] for result in found["results"]] == ["Failure", "Success"]
    assert found["results"][0]["statuses"] == {"p": "missing_key", "q": "read_failed"}


def test_outage_when_no_part_of_any_vector_could_be_read_then_true() -> None:
    lost = Vector(values={}, statuses={"p": Status.READ_FAILED})
    fine = Vector(values={})

    assert is_outage([lost, lost], ["p"])
    assert not is_outage([lost, fine], ["p"])
    assert not is_outage([], ["p"])


def test_results_when_values_are_no_json_then_in_their_text_forms() -> None:
    values = {
        "born": date(2013, 2, 27),
        "seen": datetime(2013, 2, 27, 14, 5, tzinfo=UTC),
        "later": datetime(2013, 2, 27, 14, 5, 0, 10, tzinfo=UTC),
        "price": Decimal("0.00000010"),
        "seal": b"\0\xff",
        "home": {"days": [date(1, 1, 1), None], "costs": {"a": Decimal("1.50")}},
        "nothing": None,
    }

    found = json.loads(results_of([Request(keys={})], [Vector(values=values)], ()))["results"][0]["features"]

    assert found == {
        "born": "2013-02-27",
        "seen": "2013-02-27T14:05:00Z",
        "later": "2013-02-27T14:05:00.000010Z",
        "price": "0.00000010",
        "seal": "AP8=",
        "home": {"days": ["0001-01-01", None], "costs": {"a": "1.50"}},
        "nothing": None,
    }
