"""Many websocket clients in one process: how many frames came, and how late?

Started by `bench/board.py` with a port, a number and how many stall. Prints `ready` once all have
heard their first frame and then nothing for a while; then reads one line from stdin, waits for
silence and prints JSON. A frame carries the moment it was published as `"sent":<monotonic ns>`.
"""

import asyncio
import json
import sys
import time
from array import array

import uvloop

MARK = b'"sent":'
REQUEST = (
    "GET /ws/board/?base=USD HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}"
    "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

late_ms = array("d")
last_heard = [time.monotonic()]


class Client(asyncio.Protocol):
    def __init__(self, port: int, *, stalled: bool) -> None:
        self.request = REQUEST.format(port=port).encode()
        self.stalled = stalled
        self.buffer = b""
        self.opened = self.joined = False
        self.lost = False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, exc):
        self.lost = True

    def data_received(self, data):
        last_heard[0] = time.monotonic()
        self.buffer += data
        if not self.opened:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self.opened, self.buffer = True, rest
            if self.stalled:
                self.transport.pause_reading()
        self.take_frames()

    def take_frames(self):
        buffer, at = self.buffer, 0
        while len(buffer) - at >= 10:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[start : start + 2], "big"), start + 2
            elif size == 127:
                size, start = int.from_bytes(buffer[start : start + 8], "big"), start + 8
            if len(buffer) < start + size:
                break
            self.joined = True
            mark = buffer.find(MARK, start, start + 200)
            if mark > 0:
                sent = int(buffer[mark + 7 : buffer.index(b",", mark)])
                late_ms.append((time.monotonic_ns() - sent) / 1e6)
            at = start + size
        self.buffer = buffer[at:]


async def quiet(seconds: float) -> None:
    while time.monotonic() - last_heard[0] < seconds:
        await asyncio.sleep(0.05)


async def main(port: int, count: int, stalled: int) -> None:
    loop = asyncio.get_running_loop()
    clients = []
    for number in range(count + stalled):
        client = Client(port, stalled=number >= count)
        await loop.create_connection(lambda made=client: made, "127.0.0.1", port)
        clients.append(client)
    while not all(client.joined for client in clients[:count]):
        await asyncio.sleep(0.05)
    await quiet(0.5)
    late_ms[:] = array("d")
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    await quiet(2.0)
    ordered = sorted(late_ms)
    percent = [ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 99)]
    lost = sum(client.lost for client in clients[:count])
    print(json.dumps({"heard": len(ordered), "p50": percent[0], "p99": percent[1], "lost": lost}))


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:])))
