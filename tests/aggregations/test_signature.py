"""What operations take and yield, and what a wrong call is told."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chronon.aggregations import check_window, hop_of, operation_names, output_type, tail_of
from chronon.model.errors import ChrononError
from chronon.model.specs import Accuracy, OperationCall
from chronon.model.time import DAY, HOUR, Millis
from chronon.model.types import ListOf, MapOf, Scalar, parse_type

TEMPORAL, SNAPSHOT = Accuracy.TEMPORAL, Accuracy.SNAPSHOT


@pytest.mark.parametrize(
    ("call", "taken", "yielded"),
    [
        (OperationCall("count"), "string", "long"),
        (OperationCall("sum"), "boolean", "long"),
        (OperationCall("sum"), "int", "long"),
        (OperationCall("sum"), "float", "double"),
        (OperationCall("average"), "int", "double"),
        (OperationCall("variance"), "long", "double"),
        (OperationCall("skew"), "float", "double"),
        (OperationCall("kurtosis"), "double", "double"),
        (OperationCall("min"), "float", "float"),
        (OperationCall("max"), "string", "string"),
        (OperationCall("last"), "boolean", "boolean"),
        (OperationCall("last_k", (3,)), "string", "list<string>"),
        (OperationCall("first_k", (1,)), "int", "list<int>"),
        (OperationCall("top_k", (3,)), "float", "list<float>"),
        (OperationCall("bottom_k", (3,)), "string", "list<string>"),
        (OperationCall("unique_top_k", (3,)), "string", "list<string>"),
        (OperationCall("bounded_unique_count"), "double", "long"),
        (OperationCall("unique_count"), "string", "long"),
        (OperationCall("approx_unique_count", (10,)), "double", "long"),
        (OperationCall("approx_percentile", (0, 0.5, 1)), "int", "list<double>"),
        (OperationCall("histogram", (5,)), "string", "map<string,long>"),
        (OperationCall("approx_histogram_k"), "double", "map<string,long>"),
        (OperationCall("sum"), "decimal(12,2)", "decimal(18,2)"),
        (OperationCall("average"), "decimal(12,2)", "double"),
        (OperationCall("max"), "timestamp", "timestamp"),
        (OperationCall("top_k", (2,)), "date", "list<date>"),
        (OperationCall("unique_count"), "binary", "long"),
        (OperationCall("sum"), "list<int>", "long"),
        (OperationCall("count"), "list<int>", "long"),
        (OperationCall("count"), "list<list<int>>", "long"),
        (OperationCall("histogram"), "list<string>", "map<string,long>"),
        (OperationCall("average"), "map<string,int>", "map<string,double>"),
        (OperationCall("histogram"), "map<string,string>", "map<string,map<string,long>>"),
        (OperationCall("last"), "list<int>", "list<int>"),
        (OperationCall("last_k", (2,)), "map<string,int>", "list<map<string,int>>"),
        (OperationCall("first"), "struct<a:int,b:date>", "struct<a:int,b:date>"),
    ],
)
def test_output_type(call: OperationCall, taken: str, yielded: str) -> None:
    kind = parse_type(taken)
    assert kind is not None

    assert output_type(call, kind) == parse_type(yielded)


def test_output_type_when_split_then_maps_in_the_order_of_the_buckets_around_the_cell_s_own() -> None:
    per_key, whole = MapOf(Scalar.LONG), ListOf(Scalar.INT)

    assert output_type(OperationCall("sum"), per_key, ("a", "b")) == MapOf(MapOf(MapOf(Scalar.LONG)))
    assert output_type(OperationCall("sum"), whole, ("a",), elementwise=True) == MapOf(ListOf(Scalar.LONG))
    assert output_type(OperationCall("last"), whole, ("a",)) == MapOf(whole)


@pytest.mark.parametrize(
    ("call", "taken"),
    [
        (OperationCall("sum"), "long"),
        (OperationCall("count"), "list<list<long>>"),
        (OperationCall("sum"), "map<string,long>"),
        (OperationCall("last"), "list<long>"),
    ],
)
def test_elementwise_where_there_are_no_elements_is_refused(call: OperationCall, taken: str) -> None:
    kind = parse_type(taken)
    assert kind is not None

    with pytest.raises(ChrononError, match="CHR-W009"):
        output_type(call, kind, elementwise=True)


@pytest.mark.parametrize(
    ("call", "taken", "code", "hint"),
    [
        (OperationCall("averge"), "int", "CHR-W001", "average"),
        (OperationCall("qqqqq"), "int", "CHR-W001", "unique_count"),
        (OperationCall("sum", (3,)), "int", "CHR-W002", "write sum"),
        (OperationCall("variance", (1,)), "int", "CHR-W002", "write variance"),
        (OperationCall("skew"), "string", "CHR-W003", "int, long, float, double"),
        (OperationCall("last_k"), "int", "CHR-W002", "last_k(10)"),
        (OperationCall("last_k", (0,)), "int", "CHR-W002", "last_k(10)"),
        (OperationCall("last_k", (1.5,)), "int", "CHR-W002", "last_k(10)"),
        (OperationCall("top_k"), "int", "CHR-W002", "top_k(10)"),
        (OperationCall("top_k", (0,)), "int", "CHR-W002", "top_k(10)"),
        (OperationCall("bottom_k", (-1,)), "int", "CHR-W002", "bottom_k(10)"),
        (OperationCall("top_k", (3,)), "boolean", "CHR-W003", "int, long"),
        (OperationCall("unique_top_k"), "int", "CHR-W002", "unique_top_k(10)"),
        (OperationCall("unique_top_k", (0,)), "int", "CHR-W002", "unique_top_k(10)"),
        (OperationCall("bounded_unique_count", (0,)), "int", "CHR-W002", "bounded_unique_count(8)"),
        (OperationCall("approx_percentile", (50,)), "int", "CHR-W002", "0.95"),
        (OperationCall("approx_histogram_k", (0,)), "int", "CHR-W002", "approx_histogram_k(20)"),
        (OperationCall("approx_unique_count", (27,)), "int", "CHR-W002", "approx_unique_count(8)"),
        (OperationCall("sum"), "string", "CHR-W003", "int, long, float, double"),
        (OperationCall("average"), "boolean", "CHR-W003", "int, long"),
        (OperationCall("sum"), "list<string>", "CHR-W003", "decimal"),
        (OperationCall("max"), "list<list<int>>", "CHR-W003", "timestamp"),
        (OperationCall("sum"), "map<string,list<int>>", "CHR-W003", "int"),
        (OperationCall("max"), "struct<a:int>", "CHR-W003", "int"),
        (OperationCall("average"), "timestamp", "CHR-W003", "int"),
        (OperationCall("max"), "binary", "CHR-W003", "string"),
        (OperationCall("histogram"), "double", "CHR-W003", "string"),
    ],
)
def test_wrong_call_is_told_what_to_do(call: OperationCall, taken: str, code: str, hint: str) -> None:
    kind = parse_type(taken)
    assert kind is not None

    with pytest.raises(ChrononError) as caught:
        output_type(call, kind)

    assert caught.value.code == code
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("window", "accuracy", "hop"),
    [
        (Millis(11 * DAY), TEMPORAL, HOUR),
        (Millis(12 * DAY), TEMPORAL, DAY),
        (Millis(12 * HOUR), TEMPORAL, HOUR),
        (Millis(11 * HOUR), TEMPORAL, 300_000),
        (None, TEMPORAL, DAY),
        (Millis(DAY), SNAPSHOT, DAY),
    ],
)
def test_hop_follows_the_window(window: Millis | None, accuracy: Accuracy, hop: int) -> None:
    assert hop_of(window, accuracy) == hop


def test_tail_rounds_down_to_its_hop() -> None:
    #        hop 5m      |----|----|----|----|
    #        window 1h at 14:27   [==============)
    #        tail rounds 13:27 to 13:25
    at = Millis(19_797 * DAY + 14 * HOUR + 27 * 60_000)

    assert tail_of(HOUR, TEMPORAL, at) == 19_797 * DAY + 13 * HOUR + 25 * 60_000
    assert tail_of(Millis(30 * DAY), TEMPORAL, at) == (19_797 - 30) * DAY
    assert tail_of(None, TEMPORAL, at) is None


@pytest.mark.parametrize(
    ("window", "accuracy", "words"),
    [
        (Millis(0), TEMPORAL, "counts nothing"),
        (Millis(-5), TEMPORAL, "counts nothing"),
        (Millis(301_000), TEMPORAL, "use 5m or 10m"),
        (Millis(60_000), TEMPORAL, "use 5m"),
        (Millis(12 * DAY + HOUR), TEMPORAL, "use 12d or 13d"),
        (Millis(12 * HOUR + 300_000), TEMPORAL, "use 12h or 13h"),
        (Millis(25 * HOUR), SNAPSHOT, "use 1d or 2d"),
    ],
)
def test_window_off_its_hop_is_told_the_nearest(window: Millis, accuracy: Accuracy, words: str) -> None:
    assert words in (check_window(window, accuracy) or "")


@pytest.mark.parametrize("window", [Millis(300_000), HOUR, DAY, Millis(30 * DAY), None])
def test_window_on_its_hop_is_fine(window: Millis | None) -> None:
    assert check_window(window, TEMPORAL) is None


def test_names_are_sorted_and_complete() -> None:
    wanted = (
        "approx_histogram_k approx_percentile approx_unique_count average bottom_k bounded_unique_count count first "
        "first_k histogram kurtosis last last_k max min skew sum top_k unique_count unique_top_k variance"
    )
    assert operation_names() == tuple(wanted.split())


def test_checking_types_imports_no_numpy() -> None:
    program = (
        "import sys; from chronon.aggregations import output_type, operation_names, check_window\n"
        "from chronon.model.specs import OperationCall; from chronon.model.types import Scalar\n"
        "output_type(OperationCall('sum'), Scalar.INT); sys.exit('numpy' in sys.modules or 'pyarrow' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
