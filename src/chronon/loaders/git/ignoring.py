"""Patterns of files that git does not look at. Source: the documentation of gitignore."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": r"\x21-\x7e", "lower": "a-z", "print": r"\x20-\x7e", "punct": r"!-/:-@\[-`{-~", "space": r"\s",
    "upper": "A-Z", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern. is_path: held against the path below its file, else against the last name."""

    pattern: re.Pattern[str]
    is_path: bool
    folders_only: bool
    takes_back: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of one file, and the folder that they hold in: empty, or with a slash behind it."""

    base: str
    rules: tuple[Rule, ...]

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether a path is left out; None when no pattern says so. The last pattern that fits decides."""
        below = path.removeprefix(self.base)
        name = below.rpartition("/")[2]
        for rule in reversed(self.rules):
            if rule.folders_only and not is_folder:
                continue
            if rule.pattern.fullmatch(below if rule.is_path else name):
                return not rule.takes_back
        return None


def is_ignored(path: str, chain: tuple[Rules, ...], *, is_folder: bool) -> bool:
    """Whether a path is left out by itself. chain: from the widest file to the nearest, which goes first."""
    verdicts = (rules.verdict(path, is_folder=is_folder) for rules in reversed(chain))
    return next((verdict for verdict in verdicts if verdict is not None), False)


def rules_in(file: Path, base: str) -> Rules | None:
    """The patterns of a file; None without any. A link counts as none, as for git."""
    try:
        if file.is_symlink() and base is not None and file.name == ".gitignore":
            return None
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except (OSError, ValueError):
        return None
    rules = tuple(rule for line in text.removeprefix("\ufeff").split("\n") if (rule := _rule(line)))
    return Rules(base, rules) if rules else None


def _rule(line: str) -> Rule | None:
    line = line.removesuffix("\r")
    text = re.sub(r"(?<!\\) +$", "", line) if not line.endswith("\\ ") else line
    if not text or text.startswith("#"):
        return None
    takes_back = text.startswith("!")
    text = text[1:] if takes_back else text
    folders_only = text.endswith("/")
    text = text[:-1] if folders_only else text
    is_path = "/" in text
    regex = _translated(text.removeprefix("/"), is_path=is_path)
    return Rule(re.compile(regex, re.DOTALL), is_path, folders_only, takes_back) if text and regex else None


def _translated(text: str, *, is_path: bool) -> str | None:
    """The pattern as a regular expression; None of one that fits nothing."""
    regex, place = "", 0
    while place < len(text):
        character = text[place]
        rest = text[place:]
        at_start = place == 0 or text[place - 1] == "/"
        if is_path and at_start and rest.startswith("**/"):
            regex, place = regex + "(?:.*/)?", place + 3
        elif is_path and at_start and rest == "**":
            regex, place = regex + ".*", place + 2
        elif character == "*":
            length = len(rest) - len(rest.lstrip("*"))
            regex, place = regex + ("[^/]*" if is_path else ".*"), place + length
        elif character == "?":
            regex, place = regex + ("[^/]" if is_path else "."), place + 1
        elif character == "[":
            found = _bracket(rest, is_path=is_path)
            if found is None:
                return None
            regex, place = regex + found[0], place + found[1]
        elif character == "\\":
            if len(rest) == 1:
                return None
            regex, place = regex + re.escape(rest[1]), place + 2
        else:
            regex, place = regex + re.escape(character), place + 1
    return regex


def _bracket(text: str, *, is_path: bool) -> tuple[str, int] | None:
    """The set that a pattern begins with as a regular expression, and its length; None when it does not end."""
    place = 1
    negated = text[1:2] in {"!", "^"}
    place += negated
    inside, first = "", True
    while place < len(text) and (first or text[place] != "]"):
        first = False
        if match := re.match(r"\[:(\w+):\]", text[place:]):
            if match[1] not in _CLASSES:
                return None
            inside, place = inside + _CLASSES[match[1]], place + match.end()
            continue
        start, place = _one(text, place)
        if start is None:
            return None
        end: str | None = start
        if text[place : place + 1] == "-" and text[place + 1 : place + 2] not in {"]", ""}:
            end, place = _one(text, place + 1)
            if end is None:
                return None
        inside += f"{re.escape(start)}-{re.escape(end or start)}" if (end or start) >= start else ""
    if place >= len(text):
        return None
    slash = "(?!/)" if is_path else ""
    if not inside:
        return (f"{slash}.", place + 1) if negated else ("(?!)", place + 1)
    return f"{slash}[{'^' if negated else ''}{inside}]", place + 1


def _one(text: str, place: int) -> tuple[str | None, int]:
    """A character of a set and the place behind it."""
    if text[place] == "\\":
        return (text[place + 1], place + 2) if place + 1 < len(text) else (None, place + 1)
    return text[place], place + 1
