"""ccxt is loaded venue by venue, where it is asked for, and nowhere else."""

import subprocess
import sys

PROGRAM = """
import django
django.setup()
{work}
import sys
print(*sorted(name for name in sys.modules if name.split(".")[0] == "ccxt"))
"""


def loaded_by(work: str) -> list[str]:
    """ccxt's modules in a fresh process that has done this."""
    program = PROGRAM.format(work=work)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_one_venue_loads_that_venue_only() -> None:
    modules = loaded_by(
        "from market.feeds import lean_ccxt\n"
        "lean_ccxt.rest_class('kraken')\n"
        "lean_ccxt.socket_class('kraken')"
    )
    assert "ccxt.kraken" in modules
    assert "ccxt.pro.kraken" in modules
    assert "ccxt.binance" not in modules
    assert len(modules) < 40


def test_the_whole_of_ccxt_is_taken_where_it_is_there_already() -> None:
    modules = loaded_by(
        "import ccxt\nfrom market.feeds import lean_ccxt\n"
        "assert lean_ccxt.rest_class('kraken') is ccxt.kraken\n"
        "assert lean_ccxt.errors().BaseError is ccxt.BaseError"
    )
    assert "ccxt.binance" in modules


def test_the_web_process_loads_none() -> None:
    assert loaded_by("import tradingsite.asgi, tradingsite.urls") == []


def test_worker_and_stream_load_none_before_they_need_it() -> None:
    work = "from tradingsite.celery import app\napp.loader.import_default_modules()"
    stream = "import market.streaming, market.feeds.kraken"
    assert loaded_by(f"{work}\nassert 'market.poll' in app.tasks\n{stream}") == []
