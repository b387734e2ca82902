"""Digests: a meaning written as canonical JSON, hashed. What goes into one is chosen in `fingerprints`, field by field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from chronon.model.jobs import Digest

SCHEME = 1
"""Version of the choice of fields: a digest of another scheme never equals one of this."""

Canonical: TypeAlias = "str | int | float | Sequence[Canonical] | None"
"""What a meaning is written with."""

_DIGEST_BYTES = 12
_ENCODER = msgspec.json.Encoder()
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_][A-Za-z0-9_]*")


def digest(concern: str, *parts: Canonical) -> Digest:
    """Hash of what the parts say about one concern (`left`, `feature`, …), 24 hex digits."""
    text = _ENCODER.encode([SCHEME, concern, *parts])
    return Digest(hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest())


def substitute(expression: str, names: Mapping[str, str]) -> str:
    """The expression with each column name replaced by what stands for it; strings and functions stay as they are."""
    if not names:
        return expression

    def replacement(match: re.Match[str]) -> str:
        token = match[0]
        if token.startswith("'") or expression[match.end() :].lstrip().startswith("("):
            return token
        return names.get(_unquoted(token), token)

    return _TOKEN.sub(replacement, expression)


def words(expression: str) -> frozenset[str]:
    """Every name that could be a column of the expression; a superset, as functions and keywords are names too."""
    return frozenset(_unquoted(token) for token in _TOKEN.findall(expression) if not token.startswith("'"))


def only_name(expression: str) -> str | None:
    """The column that an expression is, when it is nothing but one; None otherwise."""
    match = _TOKEN.fullmatch(expression)
    return None if match is None or expression.startswith("'") else _unquoted(expression)


def _unquoted(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token
