"""The packed form of rows: 8-byte little-endian words, so that a reader views the columns where they lie.

    table of one owner:  rows T | words of its texts | words of each column's block
                         start [T] | last ts [T]
                         per column, unless it holds nothing: where the items of each row end [T], the items' columns
                         texts: how many | where each ends, in bytes | their bytes

Text columns hold the rank of a text in the owner's own sorted texts. Equal states are equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from chronon.aggregations.program import Program
from chronon.aggregations.ragged import Ragged, expand, offsets_of
from chronon.aggregations.rows import TileRows
from chronon.aggregations.values import Ints, text_codes
from chronon.aggregations.weave import Section, text_section, woven


def packed(program: Program, rows: TileRows, owner: Ints, n: int) -> Section[np.int64]:
    """The tables of n owners, one after the other. owner: int64[rows], ascending."""
    t = np.bincount(owner, minlength=n)[:n]
    row_bounds = offsets_of(t)
    texts, local = _localised(program, rows, owner, n)
    blocks = [_block(state, row_bounds) for state in local]
    heads = np.stack([t, texts.lengths, *(block.lengths for block in blocks)], axis=1)
    head = Section(heads.ravel(), np.full(n, heads.shape[1]))
    sections = [head, Section(rows.start, t), Section(rows.last_ts, t), *blocks, texts]
    words, offsets = woven(sections)
    return Section(words, np.diff(offsets))


def _localised(program: Program, rows: TileRows, owner: Ints, n: int) -> tuple[Section[np.int64], list[Ragged]]:
    """The owners' own texts, and the states with text columns that index them."""
    uses = []
    for at, (column, state) in enumerate(zip(program.columns, rows.states, strict=True)):
        of_item = np.repeat(owner, state.lengths)
        uses += [(at, place, of_item, state.columns[place]) for place in column.text_columns]
    everyone = np.concatenate([use[2] for use in uses]) if uses else np.zeros(0, np.int64)
    codes = np.concatenate([use[3] for use in uses]) if uses else np.zeros(0, np.int64)
    section, keys, first = text_section(everyone, codes, rows.texts, n)
    found = list(rows.states)
    size = np.int64(max(len(rows.texts), 1))
    for at, place, of_item, mine in uses:
        columns = list(found[at].columns)
        columns[place] = np.searchsorted(keys, of_item * size + mine) - first[of_item]
        found[at] = Ragged(offsets=found[at].offsets, columns=tuple(columns))
    return section, found


def _block(state: Ragged, row_bounds: Ints) -> Section[np.int64]:
    """The words of one column for every owner."""
    begin, end = state.offsets[row_bounds[:-1]], state.offsets[row_bounds[1:]]
    items, t = end - begin, np.diff(row_bounds)
    shown = np.where(items > 0, t, 0)
    ends = state.offsets[1:] - np.repeat(begin, t)
    kept = np.repeat(items > 0, t)
    words, offsets = woven([Section(ends[kept], shown), *(Section(column, items) for column in state.columns)])
    return Section(words, np.diff(offsets))


def unpacked(program: Program, words: Ints, begin: Ints, owner: Ints) -> TileRows:
    """The rows of tables that lie in a buffer.

    begin: int64[tables], where each begins.  owner: int64[tables], the entity code that its rows get.
    """
    t, text_words = words[begin], words[begin + 1]
    block_words = [words[begin + 2 + at] for at in range(len(program.columns))]
    cursor = begin + 2 + len(block_words)
    start, last = words[expand(cursor, t)], words[expand(cursor + t, t)]
    cursor = cursor + 2 * t
    blocks = []
    for length, column in zip(block_words, program.columns, strict=True):
        blocks.append(_read_block(words, cursor, length, t, column.width))
        cursor = cursor + length
    texts, first, recode = _read_texts(words, cursor, text_words)
    for at, column in enumerate(program.columns):
        items_owner = np.repeat(np.repeat(np.arange(len(t)), t), blocks[at].lengths)
        for place in column.text_columns:
            columns = list(blocks[at].columns)
            columns[place] = recode[first[items_owner] + columns[place]]
            blocks[at] = Ragged(offsets=blocks[at].offsets, columns=tuple(columns))
    return TileRows(entity=np.repeat(owner, t), start=start, last_ts=last, states=tuple(blocks), texts=texts)


def _read_block(words: Ints, begin: Ints, length: Ints, t: Ints, width: int) -> Ragged:
    items = np.where(length > 0, (length - t) // width, 0)
    ends = np.zeros(int(t.sum()), np.int64)
    shown = np.repeat(length > 0, t)
    ends[shown] = words[expand(begin, np.where(length > 0, t, 0))]
    # Ends count from the owner's first item; before it lie the items of the owners in front.
    offsets = np.append(0, ends + np.repeat(offsets_of(items)[:-1], t))
    columns = tuple(words[expand(begin + t + at * items, items)] for at in range(width))
    return Ragged(offsets=offsets, columns=columns)


def _read_texts(words: Ints, begin: Ints, length: Ints) -> tuple[pa.Array, Ints, Ints]:
    """One dictionary for all owners; the first text of each owner; and the new code of every owner's text."""
    some = length > 0
    counts = np.zeros(len(begin), np.int64)
    counts[some] = words[begin[some]]
    ends = words[expand(begin + 1, counts)]
    base = np.repeat((begin + 1 + counts) * 8, counts)
    previous = np.append(0, ends[:-1])
    previous[offsets_of(counts)[:-1][some]] = 0
    sizes = ends - previous
    data = words.view(np.uint8)[expand(base + previous, sizes)]
    bounds = pa.py_buffer(offsets_of(sizes).astype(np.int32))
    array = pa.Array.from_buffers(pa.binary(), len(sizes), [None, bounds, pa.py_buffer(data)])
    recode, texts = text_codes(array)
    return texts, offsets_of(counts)[:-1], recode


def slices(words: Ints, offsets: Ints) -> Sequence[bytes]:
    """One value per owner."""
    raw = memoryview(words.astype("<i8", copy=False).tobytes())
    bounds = (offsets * 8).tolist()
    return [bytes(raw[a:b]) for a, b in pairwise(bounds)]
