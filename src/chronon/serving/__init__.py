"""Answers requests for feature vectors: the Fetcher, and the HTTP service around it. Importing this loads neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chronon.serving.contract import Request, ServedSchema, Status, Vector

if TYPE_CHECKING:
    from chronon.serving.fetcher import Fetcher
    from chronon.serving.server import serve

__all__ = ["Fetcher", "Request", "ServedSchema", "Status", "Vector", "serve"]


def __getattr__(name: str) -> Any:
    match name:
        case "Fetcher":
            from chronon.serving.fetcher import Fetcher

            return Fetcher
        case "serve":
            from chronon.serving.server import serve

            return serve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
