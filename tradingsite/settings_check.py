"""Can the settings be read? `python -m tradingsite.settings_check` says in one line which not."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from core.errors import Broken
from market.feeds import roster


def main() -> int:
    """Read every setting; the exit code is 1 where one of them cannot be used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
    try:
        roster.check()  # whoever asks for one of Django's settings has them all read
    except (ImproperlyConfigured, Broken) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
