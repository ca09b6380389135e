"""Which backups stay: a day of hours, two weeks of days."""

from datetime import UTC, datetime, timedelta

from tradingsite.backup import keeping
from tradingsite.backup.archive import ID_FORMAT

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def ids(hours: int) -> list[str]:
    return [(NOW - timedelta(hours=n)).strftime(ID_FORMAT) for n in range(hours)]


def test_a_day_of_hours_and_two_weeks_of_days_stay() -> None:
    every = ids(24 * 30)
    kept = sorted(set(every) - set(keeping.superfluous(every)))
    assert kept[-24:] == sorted(every)[-24:]
    days = [one for one in kept if one.endswith("T00-30-00Z")]
    assert len(days) == 14
    assert len(kept) == 24 + 14 - 1  # today's first is among the hours


def test_few_backups_all_stay() -> None:
    assert keeping.superfluous(ids(20)) == []


def test_one_is_due_after_an_hour() -> None:
    assert keeping.is_due([], at=NOW)
    assert not keeping.is_due(ids(3), at=NOW + timedelta(minutes=57))
    assert keeping.is_due(ids(3), at=NOW + timedelta(minutes=59))
