from __future__ import annotations

from chronon.planners.digests import digest, only_name, substitute, words


def test_substitute_when_a_name_stands_in_a_string_leaves_it() -> None:
    assert substitute("a = 'a''a' AND b > 0", {"a": "x1", "b": "x2"}) == "x1 = 'a''a' AND x2 > 0"


def test_substitute_when_a_function_has_the_name_leaves_it() -> None:
    assert substitute("ABS(ABS) + LOWER (LOWER)", {"ABS": "x1", "LOWER": "x2"}) == "ABS(x1) + LOWER (x2)"


def test_substitute_when_names_are_quoted_replaces_them_whole() -> None:
    assert substitute('"odd ""name" + ab', {'odd "name': "x1", "a": "no"}) == "x1 + ab"


def test_words_when_names_are_quoted_has_them_and_no_string() -> None:
    assert words("\"odd name\" = 'city' OR LOWER(b) IS NULL") >= {"odd name", "b"}
    assert "city" not in words("\"odd name\" = 'city'")


def test_only_name_when_there_is_more_is_none() -> None:
    assert only_name("a") == only_name('"a"') == "a"
    assert [only_name(text) for text in ("a + 1", "'a'", "ABS(a)", "-a")] == [None] * 4


def test_digest_when_the_concern_differs_differs() -> None:
    assert len({digest("left", 1), digest("rows", 1), digest("left", "1"), digest("left", [1])}) == 4


def test_digest_when_computed_elsewhere_is_the_same() -> None:
    assert digest("left", ["a", None, 1, 0.5]) == "23708ee4cd98652919f6a492"
