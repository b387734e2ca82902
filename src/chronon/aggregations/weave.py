"""Packs columns of many owners into one buffer, owner by owner, and takes them apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from chronon.aggregations.ragged import expand, offsets_of
from chronon.aggregations.values import Ints

WORD = 8


W = TypeVar("W", np.int64, np.uint8)


@dataclass(frozen=True)
class Section(Generic[W]):
    """A stretch of every owner's words or bytes: those of all owners one after the other, and how many each has."""

    words: npt.NDArray[W]
    lengths: Ints


def woven(sections: Sequence[Section[W]]) -> tuple[npt.NDArray[W], Ints]:
    """All words, owner by owner and section by section within; and where each owner begins (n + 1 offsets)."""
    table = np.stack([section.lengths for section in sections])
    owners = offsets_of(table.sum(axis=0))
    out = np.empty(int(owners[-1]), sections[0].words.dtype)
    begin = owners[:-1].copy()
    for section in sections:
        out[expand(begin, section.lengths)] = section.words
        begin += section.lengths
    return out, owners


def text_section(owner: Ints, codes: Ints, texts: Any, n: int) -> tuple[Section[np.int64], Ints, Ints]:
    """The dictionaries of n owners, cut down to the texts that each uses.

    owner, codes: int64[uses], one per text that an item holds.
    An owner's words: number of texts, the end of each text in bytes, the bytes filled up to a whole word.
    Returns the section; the sorted keys (owner * len(texts) + code); and the first key of every owner.
    """
    size = max(len(texts), 1)
    keys = np.unique(owner * np.int64(size) + codes)
    owners, used = np.divmod(keys, size)
    first = np.searchsorted(owners, np.arange(n + 1))
    counts = np.diff(first)
    starts, lengths, data = bytes_of(texts)
    mine = lengths[used]
    ends = offsets_of(mine)
    per_owner = ends[first[1:]] - ends[first[:-1]]
    blocks = -(-per_owner // WORD)
    local_ends = ends[1:] - np.repeat(ends[first[:-1]], counts)
    content = np.zeros(int(blocks.sum()) * WORD, np.uint8)
    into = np.repeat(offsets_of(blocks)[:-1] * WORD, counts) + local_ends - mine
    content[expand(into, mine)] = data[expand(starts[used], mine)]
    some = counts > 0
    words, offsets = woven(
        [
            Section(counts[some], some.astype(np.int64)),
            Section(local_ends, counts),
            Section(content.view(np.int64), blocks),
        ]
    )
    return Section(words, np.diff(offsets)), keys, first


def bytes_of(texts: Any) -> tuple[Ints, Ints, Any]:
    """Start and length of every text, and the bytes."""
    if not len(texts):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)
    _, bounds, data = texts.buffers()
    offsets = np.frombuffer(bounds, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    return offsets[:-1], np.diff(offsets), np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
