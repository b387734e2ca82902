"""What somebody could write into a definition to crash, stall or mislead the reader: built here, since most are large.

Each kind is the text of `teams/flights/sources/x.yaml` and the finding that it must give: code, line, column. The first
finding is asserted; a kind may have more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chronon.loaders import codes
from chronon.loaders.yaml import MAX_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A text, made when it is needed, and its first finding."""

    make: Callable[[], bytes]
    code: str
    line: int
    column: int
    path: str = "teams/flights/sources/x.yaml"


def kind(make: Callable[[], bytes], code: str, line: int = 1, column: int = 1) -> Hostile:
    return Hostile(make=make, code=code, line=line, column=column)


def grouped(written: str, code: str, line: int, column: int) -> Hostile:
    """Fields of a group_by, below its first four lines."""
    text = "group_by: x\nsource: y\nkeys: [a]\naggregations:\n" + written
    return Hostile(make=text.encode, code=code, line=line, column=column, path="teams/flights/group_bys/x.yaml")


def aggregated(field: str, value: str, code: str, column: int) -> Hostile:
    """One aggregation with a field that stands in line 7."""
    others = {"input": "a", "operations": "count"} | {field: value}
    lines = [f"{name}: {written}\n" for name, written in sorted(others.items(), key=lambda one: one[0] == field)]
    return grouped("  - " + "    ".join(lines), code, 4 + len(lines), column)


def text(written: str) -> Callable[[], bytes]:
    return written.encode


def full(part: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[], bytes]:
    """The part as often as it fits into the largest file that is read at all."""
    return lambda: before + part * ((MAX_BYTES - len(before) - len(after)) // len(part)) + after


def full_of(line: Callable[[int], str]) -> Callable[[], bytes]:
    """Numbered lines, as many as fit."""

    def make() -> bytes:
        lines: list[bytes] = []
        size = 0
        while size + len(following := line(len(lines)).encode()) <= MAX_BYTES:
            lines.append(following)
            size += len(following)
        return b"".join(lines)

    return make


def laughs() -> bytes:
    levels = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"]
    levels += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 40)]
    return "".join(levels).encode()


def nested_anchors() -> bytes:
    lines = [" " * depth + f"a{depth}: &a{depth}\n" for depth in range(31)]
    return ("".join(lines) + " " * 31 + "[" + "1," * 4_000 + "1]").encode()


def source(columns: str = "{a: long}", rest: str = "") -> str:
    return f"source: x\nevents:\n  table: a.b\n  time: a\n  columns: {columns}\n{rest}"


TEXTS: dict[str, Hostile] = {
    # aliases and anchors
    "billion laughs": kind(laughs, codes.ALIAS, 4, 18),
    "quadratic aliases": kind(
        lambda: b"a: &a [" + b"x," * 2_000 + b"x]\nb: [" + b"*a," * 2_000 + b"*a]\n", codes.ALIAS, 2, 8
    ),
    "nested anchors": kind(nested_anchors, codes.ALIAS, 30, 35),
    "many anchors": kind(full_of(lambda n: f"k{n}: &a{n} 1\n"), codes.ALIAS, 101, 7),
    "alias of itself": kind(text("a: &a [*a]\n"), codes.ALIAS, 1, 8),
    "alias as a key": kind(text("a: &a b\n*a : 1\n"), codes.SHAPE, 2, 1),
    "merge key": kind(text(source(rest="<<: {version: 2}\n")), codes.UNKNOWN_FIELD, 6, 1),
    "merge key of an alias": kind(text("source: x\nevents: &e\n  table: a.b\n<<: *e\n"), codes.MISSING_FIELD, 2, 9),
    # size
    "a scalar of 10 MB": kind(lambda: b"source: " + b"x" * 10_000_000, codes.SIZE),
    "a large plain scalar": kind(full(b"x", b"source: "), codes.EXCLUSIVE),
    "a large folded scalar": kind(full(b" x\n", b"source: >\n"), codes.EXCLUSIVE),
    "a large scalar of escapes": kind(full(b"\\n", b'source: "', b'"'), codes.EXCLUSIVE),
    "a plain scalar over many lines": kind(full(b"  y\n", b"source: x\n"), codes.EXCLUSIVE),
    "a million keys": kind(lambda: b"".join(b"k%d: 1\n" % n for n in range(1_000_000)), codes.SIZE),
    "a file full of keys": kind(full_of(lambda n: f"k{n}: 1\n"), codes.ALIAS, 5_000, 8),
    "as many keys as are read": kind(lambda: b"".join(b"k%d: 1\n" % n for n in range(4_900)), codes.UNKNOWN_FIELD),
    "a file full of values": kind(full(b"a,", b"[", b"]"), codes.ALIAS, 1, 10_000),
    "empty values": kind(full(b",", b"[", b"]"), codes.SYNTAX, 1, 2),
    "an implicit key of 200 kB": kind(full(b"a", b"", b": 1"), codes.SYNTAX, 1, MAX_BYTES - 2),
    "an explicit key of 200 kB": kind(full(b"a", b"? ", b"\n: 1"), codes.SIZE, 1, 3),
    "nothing but spaces": kind(full(b" "), codes.SHAPE),
    "nothing but lines": kind(full(b"\n"), codes.SHAPE),
    "nothing but comments": kind(full(b"# x\n"), codes.SHAPE),
    "nothing but directives": kind(full(b"%FOO bar\n", b"", b"---\na: 1\n"), codes.UNKNOWN_FIELD, 22_223, 1),
    # nesting
    "deep lists": kind(full(b"["), codes.SIZE, 1, 34),
    "deep mappings": kind(full(b"{a: "), codes.SIZE, 1, 133),
    "deep blocks": kind(lambda: b"".join(b" " * n + b"a:\n" for n in range(600)), codes.SIZE, 34, 34),
    "deep explicit keys": kind(full(b"? "), codes.SHAPE, 1, 3),
    "deep dashes": kind(full(b"- "), codes.SIZE, 1, 67),
    "a type nested deeply": kind(
        text(source("{a: " + "list<" * 30_000 + "long" + ">" * 30_000 + "}")), codes.MALFORMED, 5, 16
    ),
    # duplicate keys
    "duplicate key": kind(text(source(rest="source: x\n")), codes.DUPLICATE_KEY, 6, 1),
    "duplicate keys only": kind(full(b"a: 1\n"), codes.DUPLICATE_KEY, 2, 1),
    "duplicate key by an escape": kind(text('source: x\n"\\x73ource": y\n'), codes.DUPLICATE_KEY, 2, 1),
    # tags
    "a tag that calls": kind(text("source: !!python/object/apply:os.system ['id']\n"), codes.TAG, 1, 9),
    "a tag of a module": kind(text("source: !!python/module:antigravity {}\n"), codes.TAG, 1, 9),
    "a tag with a handle": kind(
        text("%TAG ! tag:yaml.org,2002:python/\n---\na: !object:os.system x\n"), codes.TAG, 3, 4
    ),
    "a tag that is standard": kind(text("source: !!binary aGk=\n"), codes.TAG, 1, 9),
    "a tag on a key": kind(text("!!str source: x\n"), codes.SHAPE, 1, 1),
    "an endless tag": kind(full(b"!", b"a: "), codes.TAG, 1, 4),
    "an endless tag of escapes": kind(full(b"%41", b"a: !<", b"> 1"), codes.TAG, 1, 4),
    # characters
    "NUL": kind(lambda: b"source: x\n# \x00\n", codes.HIDDEN, 2, 3),
    "NUL by an escape": kind(text('source: "x\\0"\n'), codes.HIDDEN, 1, 9),
    "an escape for a terminal": kind(lambda: b"source: \x1b[2Jx\n", codes.HIDDEN, 1, 9),
    "bidi override": kind(text("source: x # \u202e\n"), codes.HIDDEN, 1, 13),
    "bidi isolate": kind(text("source: x\nevents: {table: a.b, time: a} # \u2066\n"), codes.HIDDEN, 2, 33),
    "bidi by an escape": kind(text('source: x\nevents: {table: "\\u202e"}\n'), codes.HIDDEN, 2, 17),
    "bidi in a key": kind(text('"\\u2067source": x\n'), codes.HIDDEN, 1, 1),
    "line separator": kind(text("source: x\u2028version: 2\n"), codes.HIDDEN, 1, 10),
    "next line": kind(text("source: x\u0085version: 2\n"), codes.HIDDEN, 1, 10),
    "half a character": kind(text('source: "\\ud800"\n'), codes.HIDDEN, 1, 9),
    "no character": kind(text('source: x\nevents: "\\U00110000"\n'), codes.SYNTAX, 2, 10),
    "UTF-16 with a mark": kind(lambda: source().encode("utf-16"), codes.ENCODING, 1, 1),
    "UTF-16 without a mark": kind(lambda: source().encode("utf-16-le"), codes.HIDDEN, 1, 2),
    "UTF-32": kind(lambda: source().encode("utf-32"), codes.ENCODING, 1, 1),
    "Latin-1": kind(lambda: "source: x # é\n".encode("latin-1"), codes.ENCODING, 1, 13),
    "overlong UTF-8": kind(lambda: b"source: \xc0\xaf\n", codes.ENCODING, 1, 9),
    "a surrogate in UTF-8": kind(lambda: b"source: \xed\xa0\x80\n", codes.ENCODING, 1, 9),
    "a mark in the middle": kind(text("source: x\n\ufeff\n"), codes.HIDDEN, 2, 1),
    "a tab as indentation": kind(text("source: x\nevents:\n\ttable: a.b\n"), codes.SYNTAX, 3, 1),
    # documents
    "two documents": kind(text(source() + "---\nsource: y\n"), codes.SHAPE, 6, 1),
    "many documents": kind(full(b"---\n"), codes.SHAPE, 2, 1),
    "a list": kind(text("- source: x\n"), codes.SHAPE, 1, 1),
    "nothing": kind(text(""), codes.SHAPE, 1, 1),
    "another version of YAML": kind(text("%YAML 1.1\n---\nsource: x\n"), codes.SYNTAX, 2, 1),
    # numbers and forms
    "a number of 200 kB": kind(full(b"9", b"source: "), codes.EXCLUSIVE),
    "a version without end": grouped(f"  []\nversion: {'9' * 5_000}\n", codes.EMPTY, 5, 3),
    "a version that is large": grouped("  [{input: a, operations: count}]\nversion: 1e300\n", codes.NOT_ALLOWED, 6, 10),
    "a decimal without end": kind(text(source("{a: 'decimal(" + "9" * 5_000 + ",1)'}")), codes.MALFORMED, 5, 16),
    "a name with a line behind it": kind(text('source: "x\\n"\n' + source().split("\n", 1)[1]), codes.MALFORMED, 1, 9),
    "a table with a line behind it": kind(text(source().replace("a.b", '"a.b\\n"')), codes.MALFORMED, 3, 10),
    "a window with a line behind it": aggregated("windows", '["3h\\n"]', codes.MALFORMED, 15),
    "a window without end": aggregated("windows", f"[{'9' * 5_000}d]", codes.MALFORMED, 15),
    "an argument without end": aggregated("operations", f"last_k({'9' * 5_000})", codes.MALFORMED, 17),
    "a version in a reference without end": grouped(f"  []\nsources: [y@{'9' * 5_000}]\n", codes.EMPTY, 5, 3),
    "thousands of equal lists": aggregated("buckets", f"[{'[a, b], ' * 1_500}[a, b]]", codes.REPEATED, 23),
    "thousands of unequal lists": aggregated(
        "buckets", f"[{', '.join(f'[a{n}, b{n}]' for n in range(1_500))}, 1]", codes.WRONG_TYPE, 21_795
    ),
    "thousands of equal operations": aggregated("operations", f"[{'sum, ' * 4_900}sum]", codes.REPEATED, 23),
    "thousands of wrong types": kind(
        text(source("{" + ", ".join(f"a{n}: l{n}ng" for n in range(4_900)) + "}")), codes.MALFORMED, 5, 17
    ),
    "a type of many words": kind(text(source("{a: '" + "lnog " * 30_000 + "'}")), codes.MALFORMED, 5, 16),
    "an expression without end": kind(text(source().replace("time: a", "time: a" + " + a" * 40_000)), "CHR-V005", 4, 9),
}
