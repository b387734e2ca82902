"""What to write instead of operations that have other names elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

_ROOT = "`variance`; its root is no operation: engines differ in the last bit"
_ELSEWHERE = {
    **dict.fromkeys(("mean", "avg", "mu"), "`average`"),
    **dict.fromkeys(
        ("count_distinct", "distinct_count", "nunique", "unique", "cardinality"),
        "`unique_count`, or `approx_unique_count` where there are many",
    ),
    **dict.fromkeys(("approx_count_distinct", "hll", "cpc"), "`approx_unique_count`"),
    **dict.fromkeys(("std", "stddev", "stdev", "stddev_samp", "stddev_pop", "standard_deviation"), _ROOT),
    **dict.fromkeys(("var", "var_pop", "var_samp"), "`variance`"),
    **dict.fromkeys(("median", "p50"), "`approx_percentile(0.5)`"),
    **dict.fromkeys(
        ("percentile", "quantile", "percentiles", "quantiles", "approx_quantile"), "`approx_percentile(0.5, 0.9)`"
    ),
    **dict.fromkeys(("mode", "most_frequent"), "`approx_histogram_k(1)`"),
    **dict.fromkeys(("minimum", "least"), "`min`"),
    **dict.fromkeys(("maximum", "greatest"), "`max`"),
    **dict.fromkeys(("latest", "last_value", "newest"), "`last`"),
    **dict.fromkeys(("earliest", "first_value", "oldest"), "`first`"),
    **dict.fromkeys(("total", "add"), "`sum`"),
    **dict.fromkeys(("size", "len", "n", "frequency"), "`count`"),
    **dict.fromkeys(("value_counts", "counts", "counter"), "`histogram`"),
    **dict.fromkeys(("collect_list", "array_agg", "list"), "`last_k(100)`"),
}
"""Name elsewhere → what there is here."""


def for_operation(name: str, known: Collection[str]) -> str:
    """A hint with the operation that is meant by a name, the nearest names, or all that there are."""
    word = name.lower()
    if word in _ELSEWHERE:
        return f"write {_ELSEWHERE[word]}"
    if (short := re.fullmatch(r"(first|last|top|bottom)_?([1-9]\d*)", word)) is not None:
        return f"write `{short[1]}_k({short[2]})`"
    if (percent := re.fullmatch(r"p([1-9]\d?)", word)) is not None:
        return f"write `approx_percentile(0.{int(percent[1]):02})`"
    if near := get_close_matches(word, sorted(known), n=3):
        return f"did you mean {' or '.join(f'`{each}`' for each in near)}?"
    return f"operations: {', '.join(sorted(known))}"
