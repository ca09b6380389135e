#!/usr/bin/env python3
"""Django's command line; `up` is answered before Django loads, to keep the supervisor small."""

import os
import sys

from tradingsite import supervisor


def main() -> None:
    """Run one command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
    if sys.argv[1:2] == ["up"]:
        sys.exit(supervisor.main(sys.argv[2:]))
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
