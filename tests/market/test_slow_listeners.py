"""Is a listener that falls behind given the newest board, while nobody else waits for it?"""

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from core.push.peers import PATIENCE_S
from tests.market.frames import Publisher
from tests.web_process import WebProcess

FRAMES = 300
CONFLATED = "tradingsite_frames_conflated_total"
DROPPED = "tradingsite_listeners_dropped_total"
PADDING = "x" * 4000  # three rows of it: 12 KB a frame, 3.6 MB in all


def read_until(connection: ClientConnection, seq: int) -> list[dict[str, Any]]:
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["seq"] < seq:
        frames.append(json.loads(connection.recv(timeout=5)))
    return frames


def publish_large(publisher: Publisher) -> int:
    publisher.delta("USD", "EUR", "JPY", "CHF", padding=PADDING)
    return publisher.seq["USD"]


def publish_many(publisher: Publisher) -> int:
    for _ in range(FRAMES):
        publish_large(publisher)
        time.sleep(0.002)
    return publisher.seq["USD"]


def test_a_slow_listener_gets_a_gap_then_the_newest(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/") as slow:
        last = publish_many(publisher)
        frames = read_until(slow, last)
    gaps = [(one, two) for one, two in pairwise(frames) if two["seq"] > one["seq"] + 1]
    assert len(frames) < FRAMES / 2
    assert gaps
    assert all(after["type"] == "snapshot" for _, after in gaps)
    assert frames[-1]["rows"][0]["price"] == str(last)


def test_others_get_every_frame_meanwhile(web: WebProcess, publisher: Publisher) -> None:
    before = web.figure(CONFLATED)
    with web.socket("/ws/board/"), web.socket("/ws/board/") as quick:
        frames = read_until(quick, publisher.seq["USD"])
        for _ in range(FRAMES):
            frames += read_until(quick, publish_large(publisher))
    assert [frame["seq"] for frame in frames] == list(range(1, FRAMES + 2))
    assert web.figure(CONFLATED) > before


def test_a_slow_listener_hears_deltas_again_once_it_reads(
    web: WebProcess, publisher: Publisher
) -> None:
    with web.socket("/ws/board/") as slow:
        read_until(slow, publish_many(publisher))
        publisher.delta("USD", "JPY")
        after = read_until(slow, publisher.seq["USD"])
    assert [frame["type"] for frame in after] == ["delta"]


@pytest.mark.long
def test_a_stalled_listener_is_cut_off(web: WebProcess, publisher: Publisher) -> None:
    with web.socket("/ws/board/", ping_interval=None):
        publish_many(publisher)
        before = web.figure(DROPPED)
        time.sleep(PATIENCE_S + 2)
        assert web.figure(DROPPED) == before + 1
