"""The limit a fan-out is measured against: one subscription, ready bytes, `transport.write`.

A websocket handshake, then for every published frame one write per listener: no protocol checks,
no back-pressure, nobody's base. Started by `bench/board.py` with a port and the address of Redis.
"""

import asyncio
import base64
import hashlib
import sys

import uvloop
from redis.asyncio import Redis

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
listeners: set[asyncio.Transport] = set()


class Listener(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if b"Sec-WebSocket-Key: " not in data:
            return
        key = data.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + framed(b" " * 200)
        )
        listeners.add(self.transport)

    def connection_lost(self, exc):
        listeners.discard(self.transport)


def framed(payload: bytes) -> bytes:
    return b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload


async def main(port: int, redis_url: str) -> None:
    await asyncio.get_running_loop().create_server(Listener, "127.0.0.1", port, backlog=2048)
    async with Redis.from_url(redis_url, socket_timeout=None).pubsub() as subscription:
        await subscription.psubscribe("board:*")
        async for message in subscription.listen():
            if message["type"] == "pmessage":
                ready = framed(message["data"])
                for listener in listeners:
                    listener.write(ready)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
