"""The page of a code as text: what it means, why it matters, how to repair it, and what it looks like."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from chronon.cli.manual import Page
from chronon.cli.terminal import PLAIN, Paint, printable

_WIDTH = 100
_MISTAKE = ("the mistake", "the repair")
_CHANGE = ("the change", "without it")
"""What an example shows: the rules by which `chronon plan` classifies are no mistakes."""


def page_lines(page: Page, paint: Paint = PLAIN) -> list[str]:
    """The page for a terminal."""
    lines = [f"{paint.strong(page.code)}  {page.title}", "", *_wrapped(page.meaning), "", *_wrapped(page.reason)]
    if page.bad:
        shown, without = _CHANGE if page.code.startswith("CHR-P1") else _MISTAKE
        lines += ["", paint.bad(shown), *_files(page.bad)]
        lines += ["", "is told as", *(f"    {printable(line)}" for line in page.told)]
        lines += ["", paint.good(without), *_files(page.good)]
    return [*lines, "", *_wrapped(page.repair)]


def index_lines(pages: Sequence[Page], paint: Paint = PLAIN) -> list[str]:
    """Every code with its title, in the order of codes."""
    return [f"{paint.strong(page.code)}  {page.title}" for page in pages]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _files(files: Mapping[str, str]) -> Iterator[str]:
    for path, text in files.items():
        yield f"  {path}"
        yield from (f"    {printable(line)}" for line in text.splitlines())
