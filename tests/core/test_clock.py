"""Does everybody see one time, and does a held clock stand still and go on afterwards?"""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core import clock

NOON = datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=UTC)


def test_now_is_the_present_in_utc() -> None:
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_held_clock_stands_still_and_goes_on() -> None:
    with clock.frozen(NOON):
        assert clock.now() == clock.now() == NOON
    assert clock.now() > NOON


def test_the_inner_of_two_holds_counts_and_the_outer_comes_back() -> None:
    later = NOON + timedelta(hours=1)
    with clock.frozen(NOON):
        with clock.frozen(later):
            assert clock.now() == later
        assert clock.now() == NOON


def test_a_fault_inside_lets_the_clock_go() -> None:
    with pytest.raises(RuntimeError), clock.frozen(NOON):
        raise RuntimeError
    assert clock.now() != NOON


def test_the_clock_is_held_in_utc_wherever_the_moment_is_from() -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    with clock.frozen(tokyo):
        assert clock.now().isoformat() == NOON.isoformat()


def test_it_refuses_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"), clock.frozen(NOON.replace(tzinfo=None)):
        pass


def test_another_thread_keeps_its_own_time() -> None:
    seen: list[datetime] = []
    with clock.frozen(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] > NOON


def test_a_moment_goes_over_the_wire_in_utc_with_milliseconds() -> None:
    assert clock.iso(NOON) == "2026-03-02T12:00:00.123Z"
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert clock.iso(tokyo) == clock.iso(NOON)


def test_a_moment_far_away_has_the_midnight_of_its_day_in_utc() -> None:
    tokyo = datetime(2026, 3, 3, 8, 59, tzinfo=timezone(timedelta(hours=9)))
    assert clock.midnight(tokyo) == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_watch_tells_a_step_back_once_and_no_step_forward() -> None:
    watch = clock.Watch()
    watch.ahead_s += 3600
    assert 3599 < watch.set_back_s() < 3601
    assert watch.set_back_s() < 1
    watch.ahead_s -= 3600
    assert watch.set_back_s() == 0
