"""YAML 1.2 text as plain data with the place of every key and value.

Only events of the parser are used: no object is built from a tag, an alias is a shared value whose unfolded size is
counted, and depth is bounded before anything recurses. Scalars follow the core schema, so `no` and `2013-01-01` are
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from chronon.loaders import codes
from chronon.model.diagnostics import Diagnostic, Span
from chronon.model.specs import Path

MAX_BYTES = 200_000
MAX_DEPTH = 32
MAX_VALUES = 5_000
MAX_ANCHORS = 100
MAX_DUPLICATES = 20
MAX_KEY = 1_024
"""Bounds that no definition comes near, and within which the worst file costs less than a second."""

TEXT = "text:"
"""Under `(*path, TEXT)`: where a string's own characters begin, if they stand in one line as they are."""

_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""What a reader does not see, or sees elsewhere than it stands: control characters, those that turn the direction of
a text or end its line, halves of characters."""
ENDLESS_TAG = re.compile(r"(?<![^\s\[\]{},])!\S{300}")
"""No tag is read at all, and the parser needs quadratic time for a long one."""
_NO_CHARACTER = re.compile(r"\\U(?!000|0010)[0-9a-fA-F]{8}")

_HINTS = (
    ("'\\t'", "indent with spaces, not with tabs"),
    ("mapping values are not allowed", "a value that holds `: ` needs quotes; also look at the indentation"),
    ("that cannot start any token", "a value that begins with this character needs quotes"),
    ("while scanning a quoted", "close the quotes"),
    ("'<stream end>'", "close the bracket"),
    ("while parsing a flow node", "remove the comma, or write a value before it"),
    ("while parsing a flow sequence", "close the bracket with ], or write a comma between two values"),
    ("while parsing a flow mapping", "close the bracket with }, or write a comma between two fields"),
    ("expected <block end>", "look at the indentation: the fields of one mapping begin in one column"),
    ("expected ':'", "write a blank behind the colon of `key: value`"),
    ("expected alphabetic or numeric character", 'a value that begins with `*` or `&` needs quotes: "*"'),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file, parsed.

    data:  mappings as dicts with text keys, lists, and scalars.
    spans: path → place of the value; `(..., "key:" + name)` → place of the key; see also `TEXT`.
    """

    path: str
    data: dict[str, Any]
    spans: Mapping[Path, Span]

    def span(self, *path: str | int) -> Span:
        """The place of a value, or of the nearest enclosing value."""
        for length in range(len(path), -1, -1):
            if found := self.spans.get(path[:length]):
                return found
        return Span(self.path)


def parse(content: bytes, path: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """The document in a file's bytes, or what is wrong with them. path: shown in places."""
    text, problem = _decode(content, path)
    if problem:
        return None, (problem,)
    reader = _Reader(path)
    try:
        data = reader.read(text)
    except _RefusedError as refused:
        return None, (*reader.found, refused.diagnostic)
    if reader.found:
        return None, tuple(reader.found)
    return Document(path=path, data=data, spans=reader.spans), ()


def _decode(content: bytes, path: str) -> tuple[str, Diagnostic | None]:
    """The text; or the first place where it is none."""
    if len(content) > MAX_BYTES:
        found = f"the file has more than {MAX_BYTES:,} bytes"
        return "", Diagnostic(code=codes.SIZE, span=Span(path), message=found, hint="split it into several objects")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(content[: error.start].decode("utf-8-sig"), path)
        message = f"byte 0x{content[error.start]:02x} is no UTF-8"
        return "", Diagnostic(code=codes.ENCODING, span=place, message=message, hint="save the file as UTF-8")
    if hidden := HIDDEN.search(text):
        return "", _about_hidden(hidden[0], _place(text[: hidden.start()], path))
    if tag := ENDLESS_TAG.search(text):
        place = _place(text[: tag.start()], path)
        hint = "remove it; put text in quotes"
        return "", Diagnostic(code=codes.TAG, span=place, message="a tag of more than 300 characters", hint=hint)
    return text, None


def _about_hidden(sign: str, place: Span) -> Diagnostic:
    message = f"the character U+{ord(sign):04X} cannot be seen where it stands"
    hint = "save the file as UTF-8" if sign == "\0" else "remove it"
    return Diagnostic(code=codes.HIDDEN, span=place, message=message, hint=hint)


def _place(before: str, path: str) -> Span:
    return Span(path, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


class _RefusedError(Exception):
    """The file cannot be read on from here."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Anchored:
    """A value that an alias may repeat: with its places, relative to it, and how many values it unfolds into."""

    value: Any
    values: int
    spans: dict[Path, Span]


@dataclass(slots=True)
class _Reader:
    path: str
    spans: dict[Path, Span] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    values: int = 0
    kept: int = 0
    events: Iterator[Any] = field(default_factory=lambda: iter(()))

    def read(self, text: str) -> dict[str, Any]:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError

        self.events = YAML(typ="safe", pure=True).parse(text)
        try:
            return self._document()
        except MarkedYAMLError as error:
            raise _RefusedError(self._syntax(error)) from error
        except ValueError as error:  # from chr(): the scanner takes an escape as it is
            escape = _NO_CHARACTER.search(text)
            place = _place(text[: escape.start()] if escape else "", self.path)
            message = "no YAML: an escape that stands for no character"
            raise self._refuse(codes.SYNTAX, place, message, "write the character itself") from error

    def _document(self) -> dict[str, Any]:
        next(self.events)
        start = next(self.events)
        if type(start).__name__ == "StreamEndEvent":
            raise self._refuse(codes.SHAPE, Span(self.path), "the file is empty", "begin it with `kind: name`")
        if start.version not in (None, (1, 2)):
            raise self._refuse(codes.SYNTAX, self._at(start), "only YAML 1.2 is read", "remove the %YAML line")
        data = self._value(next(self.events), (), 0)
        next(self.events)
        following = next(self.events)
        if type(following).__name__ != "StreamEndEvent":
            message = "a second document begins here"
            raise self._refuse(codes.SHAPE, self._at(following), message, "one object per file: move it to its own")
        if not isinstance(data, dict):
            raise self._refuse(codes.SHAPE, self.spans[()], "expected a mapping", "begin the file with `kind: name`")
        return data

    def _value(self, event: Any, path: Path, depth: int) -> Any:
        if depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise self._refuse(codes.SIZE, self._at(event), message, "a definition needs no more than six")
        self._count(1, event)
        self.spans[path] = self._at(event)
        if getattr(event, "tag", None) is not None:
            message = f"tag `{event.tag.replace('tag:yaml.org,2002:', '!!')}`: only plain values are read"
            raise self._refuse(codes.TAG, self._at(event), message, "remove it; put text in quotes")
        before, n_places = self.values, len(self.spans) - 1
        match type(event).__name__:
            case "AliasEvent":
                return self._alias(event, path)
            case "ScalarEvent":
                value = self._scalar(event, path)
            case "SequenceStartEvent":
                value = self._sequence(path, depth)
            case _:
                value = self._mapping(path, depth)
        if event.anchor:
            self._bound_anchors(event, len(self.spans) - n_places)
            inside = {key[len(path) :]: span for key, span in islice(self.spans.items(), n_places, None)}
            self.anchors[event.anchor] = _Anchored(value, self.values - before + 1, inside)
        return value

    def _scalar(self, event: Any, path: Path) -> Any:
        start, end = event.start_mark, event.end_mark
        self._refuse_hidden(event)
        quotes = 0 if event.style is None else 1
        verbatim = start.line == end.line and end.column - start.column == len(event.value) + 2 * quotes
        if event.style in (None, "'", '"') and verbatim:
            self.spans[(*path, TEXT)] = Span(self.path, start.line + 1, start.column + 1 + quotes)
        return resolve_scalar(event.value) if event.style is None else event.value

    def _sequence(self, path: Path, depth: int) -> list[Any]:
        items: list[Any] = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            items.append(self._value(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent" or event.tag is not None:
                message = "a key must be plain text"
                raise self._refuse(codes.SHAPE, self._at(event), message, "put the key in quotes")
            key = self._key(event)
            if key in entries:
                self._report_duplicate(event, self.spans[(*path, f"key:{key}")])
            else:
                self.spans[(*path, f"key:{key}")] = self._at(event)
            value = self._value(next(self.events), (*path, key), depth + 1)
            entries.setdefault(key, value)
        return entries

    def _key(self, event: Any) -> str:
        self._refuse_hidden(event)
        key: str = event.value
        if len(key) > MAX_KEY:
            message = f"a key of more than {MAX_KEY:,} characters"
            raise self._refuse(codes.SIZE, self._at(event), message, "keys are names")
        return key

    def _refuse_hidden(self, event: Any) -> None:
        """Refuse what an escape in double quotes smuggles in; written as they are, such characters never get here."""
        if event.style == '"' and (hidden := HIDDEN.search(event.value)):
            raise _RefusedError(_about_hidden(hidden[0], self._at(event)))

    def _alias(self, event: Any, path: Path) -> Any:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            message = f"alias `*{event.anchor}` has no anchor before it"
            raise self._refuse(codes.ALIAS, self._at(event), message, "a value that begins with `*` needs quotes")
        self._count(anchored.values, event)
        self.spans.update({(*path, *inside): span for inside, span in anchored.spans.items()})
        self.spans[path] = self._at(event)
        return anchored.value

    def _bound_anchors(self, event: Any, n_places: int) -> None:
        """Bound what anchors keep: those that lie in each other keep every place once more."""
        self.kept += n_places
        if self.kept > 3 * MAX_VALUES:
            message = f"anchors keep more than {3 * MAX_VALUES:,} places"
            raise self._refuse(codes.ALIAS, self._at(event), message, "anchor what is repeated, nothing around it")
        if len(self.anchors) >= MAX_ANCHORS:
            message = f"more than {MAX_ANCHORS} anchors"
            raise self._refuse(codes.ALIAS, self._at(event), message, "write the values out, or split the file")

    def _count(self, values: int, event: Any) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values, aliases unfolded"
            raise self._refuse(codes.ALIAS, self._at(event), message, "write fewer aliases, or split the file")

    def _syntax(self, error: Any) -> Diagnostic:
        # What is left open shows behind it, where something else begins.
        is_open = re.search("a simple key|an alias|a quoted|a flow (sequence|mapping)", error.context or "")
        mark = (error.context_mark if is_open else None) or error.problem_mark or error.context_mark
        problem = " ".join((error.problem or error.context or "syntax error").split())
        where = f", {error.context}" if error.context and error.problem and "scanning for" not in error.context else ""
        hint = next((hint for sign, hint in _HINTS if sign in f"{problem}, {error.context}"), "")
        span = Span(self.path, mark.line + 1, mark.column + 1)
        return Diagnostic(code=codes.SYNTAX, span=span, message=f"no YAML: {problem}{where}", hint=hint)

    def _at(self, event: Any) -> Span:
        return Span(self.path, event.start_mark.line + 1, event.start_mark.column + 1)

    def _report_duplicate(self, event: Any, first: Span) -> None:
        message = f"`{event.value}` stands twice in this mapping; first in line {first.line}"
        refused = self._refuse(codes.DUPLICATE_KEY, self._at(event), message, "keep one of them")
        if len(self.found) >= MAX_DUPLICATES:
            raise refused
        self.found.append(refused.diagnostic)

    def _refuse(self, code: str, span: Span, message: str, hint: str) -> _RefusedError:
        return _RefusedError(Diagnostic(code=code, span=span, message=message, hint=hint))


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2: null, booleans, numbers; everything else is text."""
    if text in WORDS:
        return WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= 30 else text
    if _BASED.fullmatch(text) and len(text) <= 30:
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
