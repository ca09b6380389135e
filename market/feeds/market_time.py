"""How much of the trading week has passed? Time that runs fast by day and hardly at weekends.

A walk in market time is lively by day, calm at night and all but asleep from Friday evening to
Sunday evening. Hours are UTC and the same all year: only liveliness hangs on them.
"""

from bisect import bisect_right
from itertools import accumulate, pairwise

HOUR_S = 3600
WEEK_S = 7 * 24 * HOUR_S
MONDAY_S = 4 * 24 * HOUR_S  # 1970-01-05 was a Monday
NIGHT, DAY, WEEKEND = 0.35, 1.0, 0.03

# Hours of the week from Monday 00:00 at which the pace changes, and the pace from there on.
_STEPS = [
    *(step for day in range(5) for step in ((day * 24, NIGHT), (day * 24 + 7, DAY))),
    *((day * 24 + 21, NIGHT) for day in range(4)),
    (4 * 24 + 21, WEEKEND),
    (6 * 24 + 21, NIGHT),
]
_STEPS.sort()
_STARTS_S = [hour * HOUR_S for hour, _ in _STEPS]
_PACES = [pace for _, pace in _STEPS]
_PASSED_S = list(
    accumulate(
        (
            (end - start) * pace
            for (start, end), pace in zip(pairwise([*_STARTS_S, WEEK_S]), _PACES, strict=True)
        ),
        initial=0.0,
    )
)
WORKING_DAY_S = _PASSED_S[3]  # market seconds from Monday to Tuesday 00:00


def market_seconds(unix_s: float) -> float:
    """Market seconds since some Monday long ago; never runs backwards."""
    weeks, within_s = divmod(unix_s - MONDAY_S, WEEK_S)
    step = bisect_right(_STARTS_S, within_s) - 1
    passed_s = _PASSED_S[step] + (within_s - _STARTS_S[step]) * _PACES[step]
    return weeks * _PASSED_S[-1] + passed_s


def pace(unix_s: float) -> float:
    """How fast market time runs at this moment; 1 on a working day."""
    within_s = (unix_s - MONDAY_S) % WEEK_S
    return _PACES[bisect_right(_STARTS_S, within_s) - 1]
