"""How does a price wander without anybody remembering where it was?

A sum of octaves: noise on a grid of 2 s, 8 s, 32 s … 97 days, each four times as long and twice as
strong as the one before, joined by straight lines. Up to the longest it moves like a random walk
(its spread over a time grows with the square root of that time); beyond it stays bounded.
Grid values are hashes, so any moment can be asked in any order and answers the same.
"""

from functools import lru_cache
from math import sqrt

PERIODS_S = tuple(2.0 * 4.0**octave for octave in range(12))
MASK = (1 << 64) - 1
# Spread of four added uniform numbers of 16 bits, and of the octaves' sum over one second: both
# make the walk's standard deviation over t seconds about sqrt(t).
UNIFORM_SPREAD = 65_536 / sqrt(3)
WALK_SPREAD = 1.5


def walk(seed: int, seconds: float, *, longest_s: float = PERIODS_S[-1]) -> float:
    """Where the walk of that seed stands; octaves longer than `longest_s` are left out."""
    place = 0.0
    for octave, period_s in enumerate(PERIODS_S):
        if period_s > longest_s:
            break
        cell, within = divmod(seconds / period_s, 1.0)
        left = _grid(seed, octave, int(cell))
        right = _grid(seed, octave, int(cell) + 1)
        place += sqrt(period_s) * (left + (right - left) * within)
    return place / WALK_SPREAD


@lru_cache(maxsize=8192)
def _grid(seed: int, octave: int, cell: int) -> float:
    """A number of about the standard normal distribution."""
    mixed = _mixed(_mixed(seed * 31 + octave) + cell)
    quarters = sum((mixed >> shift) & 0xFFFF for shift in (0, 16, 32, 48))
    return (quarters - 4 * 32_767.5) / UNIFORM_SPREAD


def _mixed(number: int) -> int:
    """The finisher of splitmix64: every bit of the answer depends on every bit asked."""
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)
