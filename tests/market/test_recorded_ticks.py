"""Do real ticks pass, with nothing refused that was no fault?"""

import csv
import gzip
from collections import Counter
from datetime import datetime
from decimal import Decimal

from market.inbox import Batch, RawTick
from tests import recorded
from tests.market.said import judge


def test_a_thousand_recorded_ticks_pass_but_for_repetitions() -> None:
    file = recorded.path("forex/truefx_USD-JPY_ticks_2013-01-01.csv.gz")
    court, reasons, good = judge(), Counter[str](), 0
    with gzip.open(file, "rt") as text:
        for row in csv.DictReader(text):
            tick = RawTick("USD-JPY", bid=row["bid"], ask=row["ask"], as_of=row["timestamp"])
            at = datetime.fromisoformat(row["timestamp"])
            verdict = court.judge(Batch("truefx", "socket", at, ticks=(tick,)))
            reasons.update(one.reason for one in verdict.refused)
            good += len(verdict.good)
    assert reasons == {}
    assert good == 1000
    volatility = court.track("USD-JPY", "truefx").volatility
    assert Decimal("0.000005") < volatility.sigma < Decimal("0.0005")
