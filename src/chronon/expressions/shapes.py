"""Expressions that differ only in constants and in names of columns: analysed once, then told for each of them.

`amount > 17` and `fee > 3` have one shape over columns of one type. While a shape is analysed its constants are blank: where
anything depends on the value of one, such as the bounds of SUBSTRING or a sum of two constants, the shape is not shared and each of its
expressions is analysed by itself. So are all expressions with mistakes: what is said of them has a place.

Law: the answer is that of `analyse` (tests/expressions/test_shapes.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise

from chronon.expressions import Expression, ExpressionError
from chronon.expressions.bare import bare_column
from chronon.expressions.blank import AS_DOUBLE, AskedError, Blank
from chronon.expressions.text import canonical
from chronon.expressions.tree import Literal, Node, reads
from chronon.expressions.words import FORBIDDEN, FUNCTIONS, KEYWORDS, SPOKEN
from chronon.model.types import DataType, Scalar, parse_type

MAX_CHARACTERS = 1_000
"""So few that no bound of the language is near, however long the names and constants of another expression are."""

_TOKEN = re.compile(
    r"""[ \n]*(?:
    (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>'[ -&(-\[\]-~]*')
    |(?P<double>[0-9]{1,15}\.[0-9]{1,15})(?![\w.])
    |(?P<long>[0-9]{1,18})(?![\w.])
    |(?P<sign>[(),]|[-+*/%=<>!|]+)
    |(?P<other>.))""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = frozenset({"(", ")", ",", "+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">=", "||"})
_CALLED = frozenset(FUNCTIONS)
_NO_NAMES = FORBIDDEN | SPOKEN | _CALLED
_MARK = re.compile(r"(name|text|double|long)_of_([0-9]+)(?:_as_double)?")
_SAMPLES = {"text": "text_of_{}", "double": "0.5{:09}1", "long": "10{:09}"}
_TYPES = {"text": Scalar.STRING, "double": Scalar.DOUBLE, "long": Scalar.LONG}


@dataclass(frozen=True, slots=True)
class Sketch:
    """An expression with marks for its columns and constants: `name_of_0 > long_of_0`.

    words: its tokens.  names: mark → column; types: theirs.  constants: mark → as it is written.
    """

    words: tuple[str, ...]
    names: Mapping[str, str]
    types: tuple[DataType, ...]
    constants: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """What all expressions of one shape say. text: canonical, with fields for marks as `str.format` has them."""

    text: str
    type: DataType
    reads: tuple[str, ...]

    def told(self, sketch: Sketch) -> Expression:
        """What the expression of a sketch says."""
        written = {**sketch.names, **dict(_written(sketch.constants))}
        reads = sorted([sketch.names[mark] for mark in self.reads])
        return Expression(sql=self.text.format_map(written), type=self.type, reads=tuple(reads))


Written = tuple[tuple[str, ...], tuple[str, ...], tuple[str, str, tuple[str, ...]] | None]
"""A shape as data: words and types of its sketch, and its text, type and reads; None in their place when it cannot be shared."""


@dataclass(slots=True)
class Shapes:
    """The shapes that were met so far; None for those that cannot be shared."""

    _known: dict[tuple[tuple[str, ...], tuple[DataType, ...]], Shape | None] = field(default_factory=dict)

    @classmethod
    def of(cls, written: Iterable[Written]) -> Shapes:
        """Those that were met before. Errors: ValueError when a type is none."""
        return cls(
            {
                (words, tuple(map(_type_of, types))): shape and Shape(shape[0], _type_of(shape[1]), shape[2])
                for words, types, shape in written
            }
        )

    def __len__(self) -> int:
        return len(self._known)

    @property
    def written(self) -> tuple[Written, ...]:
        """All of them as data."""
        return tuple(
            (words, tuple(map(str, types)), (shape.text, str(shape.type), shape.reads) if shape else None)
            for (words, types), shape in self._known.items()
        )

    def analyse(self, sql: str, columns: Mapping[str, DataType | None]) -> Expression | None:
        """As `expressions.analyse`; None where that must be asked. columns: a type that is None is not known."""
        sketch = sketched(sql, columns)
        if sketch is None:
            return None
        key = (sketch.words, sketch.types)
        if key not in self._known:
            self._known[key] = _shape(sketch)
        shape = self._known[key]
        return shape.told(sketch) if shape else None


def sketched(sql: str, columns: Mapping[str, DataType | None]) -> Sketch | None:
    """The sketch of an expression; None when a parser may see other tokens in it, or a column is not known."""
    if len(sql) > MAX_CHARACTERS:
        return None
    tokens = [(found.lastgroup, found[found.lastgroup or 0]) for found in _TOKEN.finditer(sql.strip(" \n"))]
    words: list[str] = []
    marks: dict[str, str] = {}
    types: list[DataType] = []
    constants: dict[str, str] = {}
    before = ""
    for (kind, token), (_, following) in pairwise((*tokens, (None, ""))):
        role = _role(kind, token, before, following)
        if role is _Role.ITSELF:
            before = token.upper()
            words.append(before)
            continue
        if _MARK.match(before) or role is _Role.DOUBTFUL:
            return None  # two operands side by side are no expression, or one with a type before it
        if role is _Role.CONSTANT:
            before = f"{kind}_of_{len(constants)}"
            constants[before] = token
        elif token in marks:
            before = marks[token]
        elif (type_ := columns.get(token)) is not None:
            before = marks[token] = f"name_of_{len(marks)}"
            types.append(type_)
        else:
            return None
        words.append(before)
    return Sketch(tuple(words), {mark: name for name, mark in marks.items()}, tuple(types), constants)


class _Role(Enum):
    """What a token is in a sketch."""

    ITSELF = auto()
    CONSTANT = auto()
    NAME = auto()
    DOUBTFUL = auto()


def _role(kind: str | None, token: str, before: str, following: str) -> _Role:
    if kind == "sign":
        return _Role.ITSELF if token in _SIGNS else _Role.DOUBTFUL
    if kind != "word":
        return _Role.CONSTANT if kind in _TYPES else _Role.DOUBTFUL
    word = token.upper()
    if following == "(":
        return _Role.ITSELF if word in _CALLED or word in KEYWORDS else _Role.DOUBTFUL
    if word in KEYWORDS or before == "AS":  # behind it stands a type
        return _Role.ITSELF
    return _Role.DOUBTFUL if word in _NO_NAMES else _Role.NAME


def _type_of(text: str) -> DataType:
    found = parse_type(text)
    if found is None:
        raise ValueError(f"{text!r} is no type")
    return found


def _shape(sketch: Sketch) -> Shape | None:
    """The shape of a sketch; None when it cannot be shared."""
    blanks: dict[str, Blank] = {}
    texts = []
    for word in sketch.words:
        if word in sketch.constants and (mark := _MARK.fullmatch(word)):
            kind, sample = mark[1], _SAMPLES[mark[1]].format(int(mark[2]))
            blanks[sample] = Blank(word, _TYPES[kind])
            texts.append(f"'{sample}'" if kind == "text" else sample)
        else:
            texts.append(word)

    def constant(text: str, _is_string: bool) -> Literal:
        if text not in blanks:
            raise AskedError
        return blanks[text]

    try:
        node = _tree(" ".join(texts), dict(zip(sketch.names, sketch.types, strict=True)), constant)
        text = _MARK.sub(lambda mark: f"{{{mark[0]}}}", canonical(node))
    except (ExpressionError, AskedError):
        return None
    return Shape(text, node.type, reads(node))


def _tree(text: str, columns: Mapping[str, DataType], constant: Callable[[str, bool], Literal]) -> Node:
    if node := bare_column(text, columns):
        return node
    from chronon.expressions.parse import parsed

    return parsed(text, columns, constant)


def _written(constants: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Mark → canonical text; of a whole number the double, too, that it is among doubles."""
    for mark, text in constants.items():
        if mark.startswith("text"):
            yield mark, text
        elif mark.startswith("long"):
            yield mark, str(int(text))
            yield f"{mark}{AS_DOUBLE}", repr(float(int(text)))
        else:
            yield mark, repr(float(text))
