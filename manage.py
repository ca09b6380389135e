#!/usr/bin/env python3
"""Django's command line; `up` is answered without loading Django, to keep the supervisor small."""

import sys

if sys.argv[1:2] == ["up"]:
    from tradingsite.supervisor.up import main
else:
    from tradingsite.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[2:] if sys.argv[1:2] == ["up"] else sys.argv))
