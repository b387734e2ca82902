"""MurmurHash3 x64 128 with the seed of DataSketches, for many values at once.

Source: Appleby's public-domain MurmurHash3; seed and conventions as in apache/datasketches-cpp.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chronon.aggregations.ragged import expand

Words = npt.NDArray[np.uint64]

_SEED = np.uint64(9001)
_C1 = np.uint64(0x87C37B91114253D5)
_C2 = np.uint64(0x4CF5AD432745937F)
_BLOCK = 16


def hash_words(words: Words) -> tuple[Words, Words]:
    """Both halves of the hash of 8-byte values."""
    seed = np.full(len(words), _SEED)
    return _finish(seed ^ _mix_first(words), seed, np.full(len(words), np.uint64(8)))


def hash_texts(texts: Any) -> tuple[Words, Words]:
    """Both halves of the hash of an Arrow string array's UTF-8 bytes."""
    lengths, table = _padded(texts)
    first, second = np.full(len(lengths), _SEED), np.full(len(lengths), _SEED)
    whole = lengths // _BLOCK
    for block in range(table.shape[1] // 2):
        low, high = table[:, 2 * block], table[:, 2 * block + 1]
        mixed_first, mixed_second = _body(first, second, low, high)
        inside, last = block < whole, block == whole
        # Bytes behind the end are zero, and a zero word mixes to zero: the tail needs no case of its own.
        tail_first, tail_second = first ^ _mix_first(low), second ^ _mix_second(high)
        first = np.where(inside, mixed_first, np.where(last, tail_first, first))
        second = np.where(inside, mixed_second, np.where(last, tail_second, second))
    return _finish(first, second, lengths.astype(np.uint64))


def _padded(texts: Any) -> tuple[npt.NDArray[np.int64], Words]:
    """Lengths in bytes, and the bytes as rows of words, zero behind the end, at least one byte of it."""
    _, bounds, data = texts.buffers()
    offsets = np.frombuffer(bounds, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    lengths = np.diff(offsets)
    n_words = 2 * (int(lengths.max(initial=0)) // _BLOCK + 1)
    padded = np.zeros(len(texts) * n_words * 8, np.uint8)
    if lengths.any():
        source = np.frombuffer(data, np.uint8)
        rows = np.arange(len(texts)) * n_words * 8
        padded[expand(rows, lengths)] = source[expand(offsets[:-1], lengths)]
    return lengths, padded.view("<u8").reshape(len(texts), n_words)


def _rotate(words: Words, bits: int) -> Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def _mix_first(word: Words) -> Words:
    return _rotate(word * _C1, 31) * _C2


def _mix_second(word: Words) -> Words:
    return _rotate(word * _C2, 33) * _C1


def _body(first: Words, second: Words, low: Words, high: Words) -> tuple[Words, Words]:
    first = (_rotate(first ^ _mix_first(low), 27) + second) * np.uint64(5) + np.uint64(0x52DCE729)
    second = (_rotate(second ^ _mix_second(high), 31) + first) * np.uint64(5) + np.uint64(0x38495AB5)
    return first, second


def _finish(first: Words, second: Words, lengths: Words) -> tuple[Words, Words]:
    first, second = first ^ lengths, second ^ lengths
    first = first + second
    second = second + first
    first, second = _final(first), _final(second)
    first = first + second
    return first, second + first


def _final(word: Words) -> Words:
    word = (word ^ (word >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    word = (word ^ (word >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return word ^ (word >> np.uint64(33))
