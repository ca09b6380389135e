"""How is a stranger's feed read without it holding us up? In a process of its own, for seconds.

A small body can keep a parser busy for hours: attributes by the ten thousand, a head of newlines.
What such a body may cost is counted by the system; the worker's threads go on meanwhile.
"""

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from market.news import syndication
from market.news.items import Item, Unreadable

CPU_S = 5  # a usual feed takes 0.3
WAIT_S = 20.0  # on a machine that is busy otherwise
MEMORY_MAX = 1_000_000_000
ROOT = Path(__file__).parents[2]


def read(
    body: bytes, *, content_type: str, url: str, title: str = "", cpu_s: int = CPU_S
) -> tuple[Item, ...]:
    """What `syndication.read` makes of it; raises Unreadable, also where that takes too long."""
    told = {"content_type": content_type, "url": url, "title": title, "cpu_s": cpu_s}
    command = [sys.executable, "-m", __name__]
    question = json.dumps(told).encode() + b"\n" + body
    try:
        done = subprocess.run(  # noqa: S603
            command, input=question, stdout=subprocess.PIPE, cwd=ROOT, timeout=WAIT_S, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Unreadable(f"reading it takes longer than {cpu_s} s, or breaks off") from error
    if isinstance(answer, str):
        raise Unreadable(answer)
    return tuple(map(_item, answer))


def _item(said: dict[str, Any]) -> Item:
    at = said["published_at"]
    return Item(**said | {"published_at": datetime.fromisoformat(at) if at else None})


def _answer(question: bytes) -> str:
    """The child's part: items, or why there are none."""
    head, _, body = question.partition(b"\n")
    told = json.loads(head)
    cpu_s = told.pop("cpu_s")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    try:
        items = syndication.read(body, **told)
    except Unreadable as error:
        return json.dumps(str(error))
    return json.dumps([asdict(item) for item in items], default=datetime.isoformat)


if __name__ == "__main__":
    sys.stdout.write(_answer(sys.stdin.buffer.read()))
