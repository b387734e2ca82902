"""The pages behind the codes: one for every code that any room can give.

`pages/<room letter>.md` holds the texts, three paragraphs under each code: what it means, why it matters, how to repair
it. `pages/examples.json` is written by `make bless` from the executed folders in tests/cases.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable

from chronon.model.errors import ChrononError

CODE = re.compile(r"CHR-.*", re.IGNORECASE)
"""What is meant as a code, misspelt ones too: no name of an object begins so."""

_HEADING = re.compile(r"^## (CHR-[A-Z]\d{3}) (.+)$", re.MULTILINE)
_UNKNOWN = "CHR-V091"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What there is to say about one code.

    bad, good: path → text of the files that show the mistake and its repair; `run.sh` are commands to type.
    told: the lines that are said about `bad`.
    """

    code: str
    title: str
    meaning: str
    reason: str
    repair: str
    bad: Mapping[str, str] = field(default_factory=dict)
    good: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@functools.cache
def pages() -> Mapping[str, Page]:
    """Code → page, in the order of codes."""
    folder = resources.files("chronon.cli").joinpath("pages")
    examples = json.loads(folder.joinpath("examples.json").read_text(encoding="utf-8"))
    found = [page for file in folder.iterdir() if file.name.endswith(".md") for page in _pages(file, examples)]
    return {page.code: page for page in sorted(found, key=lambda page: page.code)}


def page_of(code: str) -> Page:
    """The page of a code. Errors: CHR-V091 when there is none, with the nearest codes."""
    found = pages().get(code.upper())
    if found is None:
        raise ChrononError(_UNKNOWN, f"there is no code {code}", f"did you mean {' or '.join(_near(code.upper()))}?")
    return found


def _near(code: str) -> list[str]:
    """The three codes that are written most alike, those of the same room first."""
    alike = {known: difflib.SequenceMatcher(None, code, known).ratio() for known in pages()}
    return sorted(alike, key=lambda known: (known[:5] != code[:5], -alike[known], known))[:3]


def _pages(file: Traversable, examples: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Page]:
    _head, *parts = _HEADING.split(file.read_text(encoding="utf-8"))
    for code, title, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        meaning, reason, repair = (" ".join(text.split()) for text in body.strip().split("\n\n"))
        example = examples.get(code, {})
        yield Page(
            code=code,
            title=title,
            meaning=meaning,
            reason=reason,
            repair=repair,
            bad=example.get("bad", {}),
            good=example.get("good", {}),
            told=tuple(example.get("told", ())),
        )
