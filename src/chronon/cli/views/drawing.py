"""Graphs as text, Mermaid, DOT and JSON: nodes with a kind and a label, and arrows from what is read to who reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a graph is written."""

    TEXT = "text"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node. key: unique.  kind: for people and for its shape.  label: what it is called.  about: what more is said of it."""

    key: str
    kind: str
    label: str
    about: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Arrow:
    """From what is read to who reads it. use: what for; empty where that goes without saying."""

    start: str
    end: str
    use: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A graph to be drawn. nodes: in the order in which they are listed; the ends of every arrow are among them."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def drawn(drawing: Drawing, style: Style, *, toward: bool = True) -> str:
    """The graph in one of the styles, without a last line break.

    toward: text begins at what is read by nobody's reading (the sources) and goes to the readers; else the other way.
    """
    match style:
        case Style.TEXT:
            return "\n".join(_tree(drawing, toward=toward))
        case Style.MERMAID:
            return "\n".join(_mermaid(drawing))
        case Style.DOT:
            return "\n".join(_dot(drawing))
        case Style.JSON:
            return _json(drawing)


def _tree(drawing: Drawing, *, toward: bool) -> Iterator[str]:
    """Each node under those before it; what was shown with all that follows is only named the second time."""
    nodes = {node.key: node for node in drawing.nodes}
    following: dict[str, list[tuple[str, str]]] = {key: [] for key in nodes}
    entered = set()
    for arrow in drawing.arrows:
        first, then = (arrow.start, arrow.end) if toward else (arrow.end, arrow.start)
        following[first].append((then, arrow.use))
        entered.add(then)
    shown: set[str] = set()
    waiting = [(key, "", 0) for key in reversed(nodes) if key not in entered]
    while waiting:
        key, use, depth = waiting.pop()
        again = key in shown and bool(following[key])
        yield _line(nodes[key], use, depth, again=again)
        if not again:
            shown.add(key)
            waiting += [(other, why, depth + 1) for other, why in reversed(following[key])]


def _line(node: Node, use: str, depth: int, *, again: bool) -> str:
    head = f"{'  ' * depth}{node.kind} {node.label}"
    said = [text for text in (f"({use})" if use else "", "(above)" if again else node.about) if text]
    return "  ".join((head, *said))


_SHAPES = {"table": ("[(", ")]"), "source": ("[(", ")]"), "join": ("([", "])")}


def _mermaid(drawing: Drawing) -> Iterator[str]:
    names = {node.key: f"n{index}" for index, node in enumerate(drawing.nodes)}
    yield "graph LR"
    for node in drawing.nodes:
        left, right = _SHAPES.get(node.kind, ("[", "]"))
        label = node.label.replace("&", "#amp;").replace('"', "#quot;")
        yield f'  {names[node.key]}{left}"{label}"{right}'
    for arrow in drawing.arrows:
        link = f"-. {arrow.use} .->" if arrow.use else "-->"
        yield f"  {names[arrow.start]} {link} {names[arrow.end]}"


def _dot(drawing: Drawing) -> Iterator[str]:
    yield "digraph chronon {"
    yield "  rankdir=LR;"
    for node in drawing.nodes:
        yield f"  {_quoted(node.key)} [label={_quoted(node.label)}, shape={_DOT_SHAPES.get(node.kind, 'box')}];"
    for arrow in drawing.arrows:
        about = f" [style=dashed, label={_quoted(arrow.use)}]" if arrow.use else ""
        yield f"  {_quoted(arrow.start)} -> {_quoted(arrow.end)}{about};"
    yield "}"


_DOT_SHAPES = {"table": "cylinder", "source": "cylinder", "join": "ellipse"}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _json(drawing: Drawing) -> str:
    nodes: Sequence[Mapping[str, str]] = [
        {"id": node.key, "kind": node.kind, "name": node.label, "about": node.about} for node in drawing.nodes
    ]
    edges = [
        {"from": arrow.start, "to": arrow.end, **({"use": arrow.use} if arrow.use else {})} for arrow in drawing.arrows
    ]
    return json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False)
