"""Does the web process stay light?"""

import subprocess
import sys

from django.apps import apps

from tests.tidy.tree import PROJECT

HEAVY = (
    *("ccxt", "pandas", "numpy", "scipy", "sklearn", "statsmodels", "arch", "talib", "torch"),
    *("pyarrow", "boto3", "currency_converter", "feedparser", "nh3", "rapidfuzz"),
    *("vaderSentiment", "httpx"),
)
LOADED = (
    "import sys, tradingsite.asgi, tradingsite.urls;"
    "print(' '.join(name for name in sys.modules if '.' not in name or name.endswith('.tasks')))"
)


def test_it_loads_no_heavy_library_and_no_task() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "django" in loaded
    assert loaded & set(HEAVY) == set()
    assert loaded & {f"{app.name}.tasks" for app in apps.get_app_configs()} == set()
