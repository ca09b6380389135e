"""The European Central Bank's two files."""

from datetime import UTC, datetime, timedelta

from tests.venue.state import Venue

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gesmes:Envelope'
    ' xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
    ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates'
    "</gesmes:subject><gesmes:Sender><gesmes:name>European Central Bank</gesmes:name>"
    "</gesmes:Sender><Cube>"
)


def rest(venue: Venue, path: str) -> str:
    """The daily or the 90-day file: the same rates each working day up to today."""
    today = datetime.now(UTC).date()
    recent = [today - timedelta(days=age) for age in range(90)]
    working = [day for day in recent if day.weekday() < 5]
    dates = working if path.endswith("-90d.xml") else working[:1]
    rates = "".join(
        f"<Cube currency='{code}' rate='{rate}'/>" for code, (rate, _) in venue.quotes.items()
    )
    days = "".join(f"<Cube time='{day}'>{rates}</Cube>" for day in dates)
    return f"{HEAD}{days}</Cube></gesmes:Envelope>"
