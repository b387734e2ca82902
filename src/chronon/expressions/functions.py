"""Functions of texts, of numbers beyond arithmetic, and of lists and maps."""

from __future__ import annotations

from chronon.expressions import build
from chronon.expressions.errors import WRONG_TYPE, ExpressionError
from chronon.expressions.tree import Literal, Node, Op
from chronon.model.types import INTEGRAL, Decimal, ListOf, MapOf, Scalar

MAX_DIGITS = 15
"""Places behind the point that ROUND takes: a power of ten up to here is a double, and so is its product with a whole number."""

MAX_WILDCARDS = 8
"""`%` in a pattern: engines that step back try every way to share a text among them."""


def trimmed(op: Op, node: Node) -> Node:
    """TRIM, LTRIM or RTRIM: without the spaces (U+0020) at its ends; other white space stays."""
    build.demand(op, node, Scalar.STRING)
    return build.call(op, (node,), Scalar.STRING)


def replaced(node: Node, found: Node, instead: Node) -> Node:
    """`REPLACE(text, 'from', 'to')`: every occurrence, from the left, none within another."""
    build.demand(Op.REPLACE, node, Scalar.STRING)
    constants = _constant_text(Op.REPLACE, found, least=1), _constant_text(Op.REPLACE, instead)
    return build.call(Op.REPLACE, (node, *constants), Scalar.STRING)


def split_part(node: Node, separator: Node, number: Node) -> Node:
    """`SPLIT_PART(text, 'separator', n)`: the n-th part, from 1; empty where there are fewer."""
    build.demand(Op.SPLIT_PART, node, Scalar.STRING)
    value = number.value if isinstance(number, Literal) else None
    if not (type(value) is int and 1 <= value < 2**31):
        raise ExpressionError(WRONG_TYPE, "SPLIT_PART takes a constant number of the part, from 1", "")
    return build.call(Op.SPLIT_PART, (node, _constant_text(Op.SPLIT_PART, separator, least=1), number), Scalar.STRING)


def like(node: Node, pattern: Node) -> Node:
    """`text LIKE 'pattern'`: `%` stands for any characters, `_` for one code point; nothing else is special."""
    build.demand(Op.LIKE, node, Scalar.STRING)
    text = _constant_text(Op.LIKE, pattern)
    if str(text.value).count("%") > MAX_WILDCARDS:
        raise ExpressionError(WRONG_TYPE, f"LIKE takes at most {MAX_WILDCARDS} `%`", "put several together with AND")
    return build.call(Op.LIKE, (node, text), Scalar.BOOLEAN)


def rounded(node: Node, digits: Node | None) -> Node:
    """`ROUND(x)`: the nearest long, a half away from zero; `ROUND(x, digits)`: the double nearest to that place."""
    if digits is not None:
        value = digits.value if isinstance(digits, Literal) else None
        if not (type(value) is int and 0 <= value <= MAX_DIGITS):
            raise ExpressionError(WRONG_TYPE, f"ROUND takes a constant number of digits, 0 to {MAX_DIGITS}", "")
    build.demand_numbers(Op.ROUND, node)
    if digits is None or node.type in INTEGRAL:
        return build.rounded(Op.ROUND, node)
    return build.call(Op.ROUND, (_double(node), digits), Scalar.DOUBLE)


def sign(node: Node) -> Node:
    """`SIGN(x)`: -1, 0 or 1."""
    build.demand_numbers(Op.SIGN, node)
    kind = Scalar.LONG if node.type in INTEGRAL else Scalar.DOUBLE
    return build.call(Op.SIGN, (build.settled(build.widened(node, kind)),), Scalar.LONG)


def equal_null(left: Node, right: Node) -> Node:
    """`EQUAL_NULL(a, b)`: whether they are equal, or both null; never null itself."""
    return build.call(Op.EQUAL_NULL, build.same_kind(Op.EQUAL_NULL, (left, right)), Scalar.BOOLEAN)


def truth(node: Node, wanted: bool) -> Node:
    """`p IS TRUE` or `p IS FALSE`: never null."""
    build.demand(Op.NOT, node, Scalar.BOOLEAN)
    condition = node if wanted else build.negation(node)
    return build.coalesce([condition, build.literal(value=False)])


def size(node: Node) -> Node:
    """`SIZE(x)`: how many elements a list has, or entries a map; nulls among them count."""
    if not isinstance(node.type, ListOf | MapOf):
        hint = "LENGTH(x) counts the characters of a text" if node.type is Scalar.STRING else ""
        message = f"SIZE takes a list or a map, found a {node.type}{build.named(node)}"
        raise ExpressionError(WRONG_TYPE, message, hint)
    return build.call(Op.SIZE, (node,), Scalar.LONG)


def element_at(node: Node, place: Node) -> Node:
    """`ELEMENT_AT(list, n)`, from 1, or `ELEMENT_AT(map, 'key')`; null where there is none. A float becomes a double."""
    value = place.value if isinstance(place, Literal) else None
    match node.type:
        case ListOf(element=kind) if type(value) is int and 1 <= value < 2**31:
            pass
        case MapOf(value=kind) if isinstance(value, str):
            pass
        case ListOf() | MapOf():
            wanted = "number, from 1" if isinstance(node.type, ListOf) else "text"
            raise ExpressionError(WRONG_TYPE, f"ELEMENT_AT of a {node.type} takes a constant {wanted}", "")
        case _:
            message = f"ELEMENT_AT takes a list or a map, found a {node.type}{build.named(node)}"
            raise ExpressionError(WRONG_TYPE, message, "")
    if not isinstance(kind, Scalar | Decimal):
        raise ExpressionError(WRONG_TYPE, f"a {kind} cannot be computed with", "select the whole as it is")
    found = build.call(Op.ELEMENT_AT, (node, place), kind)
    return _double(found) if kind in {Scalar.FLOAT, Scalar.DOUBLE} else found


def _double(node: Node) -> Node:
    return build.settled(build.widened(node, Scalar.DOUBLE))


def _constant_text(op: Op, node: Node, least: int = 0) -> Literal:
    if not (isinstance(node, Literal) and isinstance(node.value, str) and len(node.value) >= least):
        empty = " that is not empty" if least else ""
        raise ExpressionError(WRONG_TYPE, f"{op} takes a constant text{empty}, as engines differ in all others", "")
    return node
