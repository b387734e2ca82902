"""The hottest loops as machine code, where numba is installed (`chronon-platform[fast]`).

Every function here gives the bits of its NumPy twin (tests/aggregations/test_compiled.py); nothing else may differ.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from chronon.aggregations.values import Floats, Ints, Mask


def _compile(function: Any) -> Any:
    return numba.njit(cache=True, nogil=True)(function)


@_compile
def radix_order(keys: Ints, bits: int) -> Ints:
    """The stable permutation that sorts non-negative keys below 2^bits: least digit first."""
    n = len(keys)
    passes = max((bits + 12) // 13, 1)
    digit_bits = (bits + passes - 1) // passes
    mask = (1 << digit_bits) - 1
    order, other = np.arange(n), np.empty(n, np.int64)
    moved, spare = keys.copy(), np.empty(n, np.int64)
    for turn in range(passes):
        shift = turn * digit_bits
        counts = np.zeros(mask + 2, np.int64)
        for key in moved:
            counts[((key >> shift) & mask) + 1] += 1
        for digit in range(mask + 1):
            counts[digit + 1] += counts[digit]
        for at in range(n):
            digit = (moved[at] >> shift) & mask
            place = counts[digit]
            counts[digit] += 1
            other[place] = order[at]
            spare[place] = moved[at]
        order, other = other, order
        moved, spare = spare, moved
    return order


@_compile
def split_rows(rows: Ints, entity: Ints, part: Any, n: int) -> tuple[Ints, Ints, Ints]:
    """The rows and entities by their part, in their order within one; and where each of the n parts begins."""
    edges = np.zeros(n + 1, np.int64)
    for number in part:
        edges[number + 1] += 1
    for number in range(n):
        edges[number + 1] += edges[number]
    places = edges.copy()
    moved, of = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for at in range(len(rows)):
        place = places[part[at]]
        places[part[at]] += 1
        moved[place], of[place] = rows[at], entity[at]
    return moved, of, edges


@_compile
def reached(entity: Ints, ts: Ints, reach: Ints) -> Ints:
    """The rows whose ts lies in [first, stop) of their entity; -1 is the last of them."""
    rows = np.empty(len(ts), np.int64)
    n = 0
    for row in range(len(ts)):
        of = entity[row]
        rows[n] = row
        n += (reach[of, 0] <= ts[row]) & (ts[row] < reach[of, 1])
    return rows[:n].copy()


@_compile
def merge_search(keys: Ints, wanted: Ints) -> Ints:
    """How many keys lie below each wanted one; both ascending."""
    found = np.empty(len(wanted), np.int64)
    at, n = 0, len(keys)
    for place in range(len(wanted)):
        while at < n and keys[at] < wanted[place]:
            at += 1
        found[place] = at
    return found


@_compile
def slide_work(lo: Ints, hi: Ints) -> int:
    """Rows that a sliding pass over the ranges, in their order, adds and removes."""
    work, left, right = 0, 0, 0
    for at in range(len(lo)):
        if lo[at] < left or hi[at] < right or lo[at] >= right:
            left, right = lo[at], lo[at]
        work += (lo[at] - left) + (hi[at] - right)
        left, right = lo[at], hi[at]
    return work


@_compile
def slide_distinct(codes: Ints, n_codes: int, entity_start: Ints, lo: Ints, hi: Ints) -> Ints:
    """Different codes per range, by adding and removing rows as the ranges move. codes: in [0, n_codes)."""
    n = len(codes)
    seen = np.full(n_codes, -1, np.int64)
    before, after = np.full(n, -1, np.int64), np.full(n, n, np.int64)
    for row in range(n):
        last = seen[codes[row]]
        if last >= entity_start[row]:
            before[row] = last
            after[last] = row
        seen[codes[row]] = row
    found = np.zeros(len(lo), np.int64)
    count, left, right = 0, 0, 0
    for at in range(len(lo)):
        if lo[at] < left or hi[at] < right or lo[at] >= right:
            count, left, right = 0, lo[at], lo[at]
        for row in range(right, hi[at]):
            count += before[row] < left
        right = hi[at]
        for row in range(left, lo[at]):
            count -= after[row] >= right
        left = lo[at]
        found[at] = count
    return found


@_compile
def slide_extremes(codes: Ints, lo: Ints, hi: Ints, sign: int) -> Ints:
    """The greatest (sign 1) or least (sign -1) code per range: a queue of rows that nothing behind them beats.

    lo: int64[windows, n], hi: int64[n]. All windows look into one queue, each from a front of its own.
    """
    windows, n = lo.shape
    queue, front = np.empty(len(codes) + 1, np.int64), np.zeros(windows, np.int64)
    found = np.zeros((windows, n), np.int64)
    tail, right = 0, 0
    for at in range(n):
        left, moved_back = lo[0, at], hi[at] < right
        for window in range(windows):
            left = min(left, lo[window, at])
            moved_back |= at > 0 and lo[window, at] < lo[window, at - 1]
        if moved_back or left >= right:
            front[:] = 0
            tail, right = 0, left
        kept = tail
        for row in range(right, hi[at]):
            code = codes[row]
            if sign > 0:
                while tail > 0 and codes[queue[tail - 1]] <= code:
                    tail -= 1
            else:
                while tail > 0 and codes[queue[tail - 1]] >= code:
                    tail -= 1
            kept = min(kept, tail)
            queue[tail] = row
            tail += 1
        right = hi[at]
        for window in range(windows):
            head = min(front[window], kept)
            while head < tail and queue[head] < lo[window, at]:
                head += 1
            front[window] = head
            if head < tail:
                found[window, at] = codes[queue[head]]
    return found


@_compile
def _magnitude(lanes: Ints, row: int, width: int, whole: Ints) -> bool:
    """Writes the digits of one sum's magnitude, least first, and tells whether the sum is negative."""
    depth, mask, carry = len(lanes), np.int64((1 << width) - 1), np.int64(0)
    for j in range(depth):
        total = lanes[j, row] + carry
        whole[j] = total & mask
        carry = total >> width
    whole[depth] = carry & mask
    whole[depth + 1] = carry >> width
    if whole[depth + 1] >= 0:
        return False
    carry = np.int64(0)
    for j in range(depth + 2):
        total = carry - whole[j]
        whole[j] = total & mask
        carry = total >> width
    return True


@_compile
def _divide(whole: Ints, count: int, width: int, digits: Any) -> bool:
    """Writes the digits of whole / count, least first, and tells whether anything remains."""
    remainder, divisor = np.uint64(0), np.uint64(count)
    for j in range(len(digits)):
        part = remainder << np.uint64(width)
        place = len(whole) - 1 - j
        if place >= 0:
            part |= np.uint64(whole[place])
        digits[len(digits) - 1 - j] = part // divisor
        remainder = part % divisor
    return bool(remainder != 0)


@_compile
def _nearest(digits: Any, base: int, width: int, sticky: bool) -> float:
    """The nearest double of digits in base 2^width: the leading 64 bits, with all others folded into the last."""
    top = len(digits) - 1
    while top >= 0 and digits[top] == 0:
        top -= 1
    if top < 0:
        return 0.0
    length = 0
    while digits[top] >> np.uint64(length):
        length += 1
    head, lost = np.uint64(0), sticky
    for j in range(top, -1, -1):
        shift = 64 - length - (top - j) * width
        if shift >= 0:
            head |= digits[j] << np.uint64(shift)
        elif shift > -64:
            piece = digits[j] >> np.uint64(-shift)
            head |= piece
            lost |= (piece << np.uint64(-shift)) != digits[j]
        else:
            lost |= digits[j] != 0
    if lost:
        head |= np.uint64(1)
    return float(np.ldexp(np.float64(head), base + top * width + length - 64))


@_compile
def round_lanes(lanes: Ints, base: int, width: int, counts: Ints, extra: int) -> tuple[Floats, Mask]:
    """Nearest double of every sum of lanes (rows of a matrix), or with extra > 0 of the sum over its count.

    Also tells which sums are not zero. Results among the subnormals are not to be trusted.
    """
    depth, m = lanes.shape
    values, something = np.zeros(m), np.zeros(m, np.bool_)
    whole = np.zeros(depth + 2, np.int64)
    digits = np.zeros(depth + 2 + extra, np.uint64)
    for row in range(m):
        negative = _magnitude(lanes, row, width, whole)
        something[row] = whole.any()
        sticky = False
        if extra:
            sticky = _divide(whole, counts[row], width, digits)
        else:
            for j in range(depth + 2):
                digits[j] = np.uint64(whole[j])
        value = _nearest(digits, base - extra * width, width, sticky)
        values[row] = -value if negative else value
    return values, something


@_compile
def _length(word: int) -> int:
    """Bits of a word below 2^63, or one more where it lies close below a power of two."""
    return int(math.frexp(float(word))[1])


@_compile
def round_pairs(first: Ints, second: Ints, base: int, width: int) -> Floats:
    """The nearest double of every (first + second * 2^width) * 2^base."""
    values, mask = np.empty(len(first)), np.int64((1 << width) - 1)
    for row in range(len(first)):
        high, low = second[row] + (first[row] >> width), first[row] & mask
        negative = high < 0
        if negative:
            high, low = -high - (low != 0), -low & mask
        over = max(_length(high) + width - 64, 0)
        head = (np.uint64(high) << np.uint64(width - over)) | (np.uint64(low) >> np.uint64(over))
        if low & ((np.int64(1) << over) - 1):
            head |= np.uint64(1)
        value = math.ldexp(np.float64(head), base + over)
        values[row] = -value if negative else value
    return values


@_compile
def divide_pairs(first: Ints, second: Ints, counts: Ints, base: int, width: int) -> tuple[Floats, Mask]:
    """The nearest double of every (first + second * 2^width) * 2^base / count, and which are too small for it."""
    values, small = np.zeros(len(first)), np.zeros(len(first), np.bool_)
    mask = np.int64((1 << width) - 1)
    for row in range(len(first)):
        high, low = second[row] + (first[row] >> width), first[row] & mask
        negative = high < 0
        if negative:
            high, low = -high - (low != 0), -low & mask
        count = counts[row]
        small[row] = high < count and (high | low) != 0
        if high < count:
            continue
        one, rest = high // count, high % count
        two, rest = ((rest << width) | low) // count, ((rest << width) | low) % count
        three, rest = (rest << width) // count, (rest << width) % count
        spare = 64 - width - _length(one)
        over, under = max(-spare, 0), min(max(spare, 0), width)
        head = np.uint64(one) << np.uint64(width - over + under)
        head |= (np.uint64(two) >> np.uint64(over)) << np.uint64(under)
        head |= np.uint64(three) >> np.uint64(width - under)
        if rest or two & ((np.int64(1) << over) - 1) or three & ((np.int64(1) << (width - under)) - 1):
            head |= np.uint64(1)
        value = math.ldexp(np.float64(head), base + over - under)
        values[row] = -value if negative else value
    return values, small


@_compile
def extent(codes: Ints) -> tuple[int, int]:
    """Exponents of the lowest bit that any finite double sets, and of the one above the highest; 0, 1 without any."""
    lowest, highest = 5000, -5000
    for code in codes:
        bits = code ^ ((code >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))
        raw = (bits >> 52) & 0x7FF
        mantissa = bits & np.int64(0xFFFFFFFFFFFFF)
        if raw == 0x7FF or (raw == 0 and mantissa == 0):
            continue
        if raw > 0:
            mantissa |= np.int64(1) << 52
        exponent = max(raw, 1) - 1075
        if exponent < lowest:
            step = 0
            while exponent + step < lowest and not (mantissa >> step) & 1:
                step += 1
            lowest = min(lowest, exponent + step)
        if exponent + 53 > highest:
            length = 53
            while not (mantissa >> (length - 1)) & 1:
                length -= 1
            highest = max(highest, exponent + length)
    if lowest > highest:
        return 0, 1
    return lowest, highest


@_compile
def running_lanes(codes: Ints, base: int, width: int, depth: int) -> Ints:
    """Running sums of every lane of doubles: int64[depth, n + 1]; what is not finite counts as zero."""
    n = len(codes)
    running = np.zeros((depth, n + 1), np.int64)
    mask = np.uint64((1 << width) - 1)
    for row in range(n):
        code = codes[row]
        bits = code ^ ((code >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))
        raw = (bits >> 52) & 0x7FF
        mantissa = np.uint64(bits & np.int64(0xFFFFFFFFFFFFF))
        if raw == 0x7FF:
            mantissa = np.uint64(0)
        elif raw > 0:
            mantissa |= np.uint64(1) << np.uint64(52)
        exponent = max(raw, 1) - 1075
        for j in range(depth):
            shift = exponent - base - j * width
            digit = np.uint64(0)
            if 0 <= shift < width:
                digit = mantissa << np.uint64(shift)
            elif -64 < shift < 0:
                digit = mantissa >> np.uint64(-shift)
            part = np.int64(digit & mask)
            running[j, row + 1] = running[j, row] + (-part if bits < 0 else part)
    return running
