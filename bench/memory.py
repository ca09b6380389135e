"""How much memory does the whole stack take? PSS of every process, 60 s after it is ready.

PSS (proportional set size) counts a page that n processes share as 1/n for each; RSS would count
it n times. `python bench/memory.py [--seconds N]` starts a stack of its own, on the usual feeds.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from tests.tradingsite.stack import Stack
from tradingsite.supervisor import processes

DEFAULT_FEEDS = {"FEEDS": "ecb,kraken,coinbase,binance"}
LIMIT_MB = {"whole stack": 730, "without quant": 600, "web": 150}


def main() -> int:
    """Print a table; exit code 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tradingsite-memory-") as folder:
        Path(folder).chmod(0o755)
        began = time.monotonic()
        with Stack(Path(folder) / "data", environment=DEFAULT_FEEDS) as first:
            first.stop()
        print(f"first start and stop: {time.monotonic() - began:.1f} s")
        began = time.monotonic()
        with Stack(Path(folder) / "data", environment=DEFAULT_FEEDS) as stack:
            print(f"second start, ready:  {time.monotonic() - began:.1f} s  (limit 15)")
            time.sleep(options.seconds)
            measured = measure(stack)
    for name, megabytes in measured.items():
        limit = f"  (limit {LIMIT_MB[name]})" if name in LIMIT_MB else ""
        print(f"{name:12} {megabytes:7.1f} MB{limit}")
    return int(any(measured[name] > limit for name, limit in LIMIT_MB.items()))


def measure(stack: Stack) -> dict[str, float]:
    """PSS in MB by child, with everything that child has forked, and the sum."""
    names = {child["pid"]: name for name, child in stack.children().items()}
    names[stack.process.pid] = "supervisor"
    parents = {found.pid: found.parent for found in processes.all_processes()}
    sums = dict.fromkeys(names.values(), 0.0)
    for pid in parents:
        above = pid
        while above not in names and above in parents:
            above = parents[above]
        if above in names:
            sums[names[above]] += pss_mb(pid)
    whole = sum(sums.values())
    return sums | {"without quant": whole - sums.get("quant", 0), "whole stack": whole}


def pss_mb(pid: int) -> float:
    """Proportional set size of one process; 0 where it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    sys.exit(main())
