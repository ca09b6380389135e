"""What the site's processes read of the last backup."""

from datetime import UTC, datetime
from pathlib import Path

from tradingsite.backup import report

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def test_what_is_remembered_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "backup.json"
    assert report.last(path) is None
    outcome = report.Outcome(NOW.isoformat(), trouble="The disk is full.")
    report.remember(path, outcome)
    assert report.last(path) == outcome
    path.write_text("{half")
    assert report.last(path) is None
