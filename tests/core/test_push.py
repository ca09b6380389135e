"""Does a frame reach each listener without ever waiting for one?"""

import asyncio
from typing import Any

import pytest

from core.metrics import LISTENERS_DROPPED
from core.push import hub as hubs
from core.push import peers
from core.push.hub import Full, Hub, Topic
from core.push.peers import Event, Frame, Peer, for_sockets, for_streams

pytestmark = pytest.mark.asyncio


class Listener:
    """A listener whose transport is full while `open` is not set."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.transport = self
        self.aborted = False

    async def send(self, event: Event) -> None:
        await self.open.wait()
        self.heard.append(event["text"])

    def abort(self) -> None:
        self.aborted = True


class Board(Topic):
    """Remembers its last frame."""

    last = Frame("none")

    async def deliver(self, frame: Frame) -> None:
        self.last = Frame(f"newest:{frame.text}")
        await super().deliver(frame)

    def newest(self) -> Frame:
        return self.last


def joined(hub: Hub, topic: Topic, *first: Frame) -> tuple[Listener, Peer]:
    listener = Listener()
    peer = Peer(send=listener.send, encode=for_sockets)
    hub.join(peer, topic, *first)
    return listener, peer


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_everybody_hears_a_frame_after_their_first_ones() -> None:
    hub, topic = Hub(), Topic("t")
    one, _ = joined(hub, topic, Frame("a"), Frame("b"))
    other, _ = joined(hub, topic)
    await topic.deliver(Frame("c"))
    assert (one.heard, other.heard) == (["a", "b", "c"], ["c"])


async def test_a_full_listener_is_passed_by_and_then_gets_the_newest() -> None:
    hub, topic = Hub(), Board("t")
    slow, _ = joined(hub, topic)
    quick, _ = joined(hub, topic)
    slow.open.clear()
    for text in "abcd":
        await topic.deliver(Frame(text))
    slow.open.set()
    await settled()
    await topic.deliver(Frame("e"))
    assert slow.heard == ["a", "newest:d", "e"]
    assert quick.heard == ["a", "b", "c", "d", "e"]


async def test_a_listener_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PATIENCE_S", 0.05)
    topic = Topic("t")
    stalled, _ = joined(Hub(), topic)
    stalled.open.clear()
    await topic.deliver(Frame("a"))
    await asyncio.sleep(0.1)
    assert stalled.aborted


async def test_a_listener_that_has_gone_is_cut_off_and_harms_nobody() -> None:
    class Gone(Listener):
        async def send(self, event: Event) -> None:
            raise OSError("gone")

    hub, topic = Hub(), Topic("t")
    gone = Gone()
    hub.join(Peer(send=gone.send, encode=for_sockets), topic)
    other, _ = joined(hub, topic)
    before = LISTENERS_DROPPED._value.get()
    for text in ("a", "b", "c"):
        await topic.deliver(Frame(text))
    assert (gone.aborted, other.heard) == (True, ["a", "b", "c"])
    assert LISTENERS_DROPPED._value.get() == before + 1


async def test_who_has_left_hears_no_more() -> None:
    hub, topic = Hub(), Topic("t")
    listener, peer = joined(hub, topic)
    hub.leave(peer, topic)
    hub.leave(peer, topic)
    await topic.deliver(Frame("a"))
    assert (listener.heard, hub.listeners, topic.size) == ([], 0, 0)


async def test_a_channel_nobody_listens_to_is_forgotten() -> None:
    hub, topic = Hub(), Topic("t")
    hub.topics["t"] = topic
    _, peer = joined(hub, topic)
    hub.leave(peer, topic)
    assert hub.topics == {}


async def test_it_refuses_more_listeners_than_it_may_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hubs, "LISTENERS_MAX", 2)
    hub, topic = Hub(), Topic("t")
    joined(hub, topic)
    joined(hub, topic)
    with pytest.raises(Full):
        joined(hub, topic)
    assert (hub.listeners, topic.size) == (2, 2)


async def test_many_listeners_do_not_hold_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "SLICE", 2)
    hub, topic = Hub(), Topic("t")
    listeners = [joined(hub, topic)[0] for _ in range(5)]
    delivering = asyncio.create_task(topic.deliver(Frame("a")))
    await asyncio.sleep(0)
    halfway = sum(bool(one.heard) for one in listeners)
    await delivering
    assert halfway == 2
    assert all(one.heard == ["a"] for one in listeners)


async def test_closing_cuts_only_those_who_take_nothing() -> None:
    hub, topic = Hub(), Topic("t")
    hub.topics["t"] = topic
    stalled, _ = joined(hub, topic)
    quick, _ = joined(hub, topic)
    stalled.open.clear()
    await topic.deliver(Frame("a"))
    hub.close()
    assert (stalled.aborted, quick.aborted, hub.closing.is_set()) == (True, False, True)


async def test_a_stream_event_is_one_line_of_data_with_its_id() -> None:
    event: dict[str, Any] = for_streams(Frame('{"seq":2}', "e:2"))
    assert event["body"] == b'id: e:2\ndata: {"seq":2}\n\n'
    assert for_streams(Frame("{}"))["body"] == b"data: {}\n\n"
