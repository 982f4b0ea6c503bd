"""Loose places: stretches of places, the rows in each of which may be in any order.

Once rows have been sorted, those of equal value are such a stretch, until it is known how the sort left them.
What the next sort does depends on the order before it, but rarely on the order within a stretch of a few
places. So that sort is followed with its loose places: where they come to lie, and whether something that
is decided depends on them. If nothing does, the order before need not be known.

A stretch is a row (first place, place after the last) of an array `[num, 2]`. Stretches rise and do not
overlap. Where loose rows are scattered, a stretch spans them all, so that more places may be taken for loose
than are.
"""

import numpy as np

from tfdis.dlib.scoring.trees.compiled import compiled


@compiled
def is_loose(loose: np.ndarray, place: int) -> bool:
    """Whether a place is in one of the stretches."""
    found = False
    for number in range(loose.shape[0]):
        found |= loose[number, 0] <= place < loose[number, 1]
    return found


@compiled
def _num_large(keys, bound):
    """Number of keys that are at least `bound`."""
    num = 0
    for key in keys:
        num += key >= bound
    return num


@compiled
def _place_of_large(keys, first, bound, number):
    """Place of the large key with a number, 1 for the first from place `first` on."""
    place = first - 1
    while number:
        place += 1
        number -= keys[place] >= bound
    return place


@compiled
def _place_of_small(keys, end, bound, number):
    """Place of the small key with a number, 1 for the last before `end`; `end` for 0."""
    place = end
    while number:
        place -= 1
        number -= keys[place] < bound
    return place


@compiled
def _in_turn(loose, num):
    """The first `num` stretches so that they rise and do not overlap, without those of a single place."""
    for number in range(1, num):
        first, end = loose[number, 0], loose[number, 1]
        place = number
        while place > 0 and loose[place - 1, 0] > first:
            loose[place, 0], loose[place, 1] = loose[place - 1, 0], loose[place - 1, 1]
            place -= 1
        loose[place, 0], loose[place, 1] = first, end
    kept = 0
    for number in range(num):
        first, end = loose[number, 0], loose[number, 1]
        if end - first < 2:
            continue
        if kept and first < loose[kept - 1, 1]:
            loose[kept - 1, 1] = max(end, loose[kept - 1, 1])
        else:
            loose[kept, 0], loose[kept, 1] = first, end
            kept += 1
    return loose[:kept]


@compiled
def exchange_loose(
    keys: np.ndarray, first: int, middle: int, end: int, bound: int, loose: np.ndarray
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Finds where loose places come to lie when keys are exchanged (exchange.py).

    A small key on the left keeps its place, and a large one on the right moves by one. Large keys from the
    left fill the places of small ones on the right, from the end on and in their order, and the other way
    round. The keys of a stretch that change sides are as many in any order, so that other keys go to the
    same places.

    Args:
        keys: the keys before they are exchanged.
        first: first place of the part.
        middle: the place after the last of the keys below the bound, when it is done.
        end: the place after the part.
        bound: the smallest key that belongs on the right.
        loose: loose places of the part.

    Returns:
        Whether they can be told; the loose places before `middle`, and the others.
    """
    num_left = num_right = 0
    left, right = np.empty(loose.shape, np.int64), np.empty(loose.shape, np.int64)
    num_large, done = 0, first
    for number in range(loose.shape[0]):
        low, high = loose[number, 0], loose[number, 1]
        if high > middle:
            if low <= middle:
                return False, loose, loose
            break
        num_large += _num_large(keys[done:low], bound)
        moving = _num_large(keys[low:high], bound)
        if moving < high - low:
            left[num_left, 0], left[num_left, 1] = low, high
            num_left += 1
        if moving > 1:
            right[num_right, 0] = _place_of_small(keys, end, bound, num_large + moving - 1) - 1
            right[num_right, 1] = _place_of_small(keys, end, bound, num_large)
            num_right += 1
        num_large, done = num_large + moving, high
    num_small, done = 0, end
    for number in range(loose.shape[0] - 1, -1, -1):
        low, high = loose[number, 0], loose[number, 1]
        if low < middle:
            break
        num_small += done - high - _num_large(keys[high:done], bound)
        moving = high - low - _num_large(keys[low:high], bound)
        if moving < high - low:
            right[num_right, 0], right[num_right, 1] = low - 1, high - 1
            num_right += 1
        if moving > 1:
            left[num_left, 0] = _place_of_large(keys, first, bound, num_small + 1)
            left[num_left, 1] = _place_of_large(keys, first, bound, num_small + moving) + 1
            num_left += 1
        num_small, done = num_small + moving, low
    return True, _in_turn(left, num_left), _in_turn(right, num_right)


@compiled
def take_loose(keys: np.ndarray, first: int, bound: int, loose: np.ndarray) -> np.ndarray:
    """Finds where loose places come to lie when the large keys are taken out.

    Args:
        keys: the keys before they are taken out.
        first: first place of the part.
        bound: the smallest key that is taken out.
        loose: loose places of the part.
    """
    left = np.empty(loose.shape, np.int64)
    num_large, done = 0, first
    for number in range(loose.shape[0]):
        low, high = loose[number, 0], loose[number, 1]
        num_large += _num_large(keys[done:low], bound)
        left[number, 0] = low - num_large
        num_large += _num_large(keys[low:high], bound)
        left[number, 1] = high - num_large
        done = high
    return _in_turn(left, loose.shape[0])


@compiled
def has_large(keys: np.ndarray, bound: int, loose: np.ndarray) -> bool:
    """Whether a key that is at least `bound` is in a loose place."""
    num = 0
    for number in range(loose.shape[0]):
        num += _num_large(keys[loose[number, 0] : loose[number, 1]], bound)
    return num > 0
