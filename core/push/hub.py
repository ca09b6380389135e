"""How does one published frame reach every listener here? One subscription, no queues."""

import asyncio
from collections.abc import Iterator

import redis
import structlog

from core.metrics import FRAMES_CONFLATED, FRAMES_SENT, LISTENERS
from core.push import CHANNELS, EVERYBODY, PRIVATE, subscriber
from core.push.peers import Encode, Frame, Peer

log = structlog.get_logger(__name__)

LISTENERS_MAX = 20_000  # sockets and streams per process
SILENCE_MAX_S = 30.0  # the publisher beats every 5 s: longer silence means a dead connection
RETRY_S = 0.5
SLICE = 500  # listeners served before the event loop may do something else


class Full(Exception):
    """This process, or this person, holds as many sockets as it may."""


class Topic:
    """One channel and who listens to it here; subclasses remember what late listeners need."""

    listeners_max = LISTENERS_MAX
    is_kept = False  # also while nobody listens

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.turn = asyncio.Lock()  # one message at a time: everybody hears them in one order
        self.peers: dict[Encode, dict[Peer, None]] = {}

    @property
    def size(self) -> int:
        """How many listen."""
        return sum(len(peers) for peers in self.peers.values())

    def __iter__(self) -> Iterator[Peer]:
        return (peer for peers in self.peers.values() for peer in peers)

    async def take(self, message: bytes) -> Frame | None:
        """What to pass on of a received message, if anything."""
        return Frame(message.decode())

    def newest(self) -> Frame | None:
        """What a listener gets that fell behind, in place of all it missed."""
        return None

    async def catch_up(self) -> Frame | None:
        """Messages may have been lost: what everybody should get now, if anything."""
        return self.newest()

    async def deliver(self, frame: Frame) -> None:
        """Offer `frame` to everybody who listens now; waits for nobody."""
        for encode, peers in tuple(self.peers.items()):
            event = encode(frame)
            listening = tuple(peers)
            for start in range(0, len(listening), SLICE):
                if start:
                    await asyncio.sleep(0)
                served = [peer for peer in listening[start : start + SLICE] if peer in peers]
                sent = sum(peer.offer(event) for peer in served)
                FRAMES_SENT.inc(sent)
                FRAMES_CONFLATED.inc(len(served) - sent)


class Hub:
    """All listeners of this process, fed by one Redis subscription."""

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.closing = asyncio.Event()
        self.listeners = 0

    def join(self, peer: Peer, topic: Topic, *first: Frame) -> None:
        """Let `peer` hear a topic of `topics`, starting with `first`; nothing falls between.

        Raises Full.
        """
        if self.listeners >= LISTENERS_MAX or topic.size >= topic.listeners_max:
            raise Full
        peer.newest = topic.newest
        for frame in first:
            peer.offer(peer.encode(frame))
        topic.peers.setdefault(peer.encode, {})[peer] = None
        self._count(+1)

    def leave(self, peer: Peer, topic: Topic) -> None:
        """`peer` hears `topic` no more; leaving twice does no harm."""
        peers = topic.peers.get(peer.encode, {})
        if peer in peers:
            del peers[peer]
            self._count(-1)
            if not topic.is_kept and not topic.size:
                self.topics.pop(topic.channel, None)

    async def run(self) -> None:
        """Listen for as long as the process lives; a lost connection is made again."""
        while True:
            try:
                await self._listen()
            except (redis.RedisError, OSError, TimeoutError) as error:
                log.warning("subscription lost", error=repr(error))
            except Exception:  # this one task feeds every listener
                log.exception("subscription broken")
            await asyncio.sleep(RETRY_S)

    def close(self) -> None:
        """End the streams and cut those who take nothing: neither may hold the process's exit."""
        self.closing.set()
        for topic in self.topics.values():
            for peer in tuple(topic):
                if peer.task is not None:
                    peer.abort()

    async def refresh(self, topic: Topic) -> None:
        """Give everybody what may have been missed; raises RedisError."""
        async with topic.turn:
            frame = await topic.catch_up()
            if frame is not None:
                await topic.deliver(frame)

    async def _listen(self) -> None:
        async with subscriber() as client, client.pubsub() as subscription:
            await subscription.psubscribe(*CHANNELS)
            for topic in tuple(self.topics.values()):
                await self.refresh(topic)
            while True:
                async with asyncio.timeout(SILENCE_MAX_S):
                    message = await subscription.get_message(
                        ignore_subscribe_messages=True, timeout=None
                    )
                if message is not None:
                    await self._receive(message["channel"].decode(), message["data"])

    async def _receive(self, channel: str, message: bytes) -> None:
        if channel == EVERYBODY:
            people = [topic for name, topic in self.topics.items() if name.startswith(PRIVATE)]
            for start in range(0, len(people), SLICE):
                await asyncio.sleep(0)
                for topic in people[start : start + SLICE]:
                    await self._pass_on(topic, message)
        elif channel in self.topics:
            await self._pass_on(self.topics[channel], message)

    async def _pass_on(self, topic: Topic, message: bytes) -> None:
        try:
            async with topic.turn:
                frame = await topic.take(message)
                if frame is not None:
                    await topic.deliver(frame)
        except (ValueError, KeyError, TypeError):
            # Nothing a message contains may end the one task that feeds every listener.
            log.exception("message refused", channel=topic.channel)

    def _count(self, change: int) -> None:
        self.listeners += change
        LISTENERS.set(self.listeners)


hub = Hub()
