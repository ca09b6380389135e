"""The same GET again and again over some connections. Started by `bench/http.py`.

Arguments: port, path, connections, seconds, and the cookies, one a connection, joined by `|`.
Prints JSON: answers, seconds, refused.
"""

import asyncio
import itertools
import json
import sys
import time

import uvloop

counted = {"answers": 0, "refused": 0}


class Caller(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self.request = request
        self.buffer = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data):
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) >= length:
            counted["answers"] += 1
            counted["refused"] += not head.startswith(b"HTTP/1.1 200")
            self.buffer = b""
            self.transport.write(self.request)


async def main(port: str, path: str, connections: str, seconds: str, cookies: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: "
    loop = asyncio.get_running_loop()
    for _, cookie in zip(range(int(connections)), itertools.cycle(cookies.split("|"))):
        caller = Caller(f"{head}{cookie}\r\n\r\n".encode())
        await loop.create_connection(lambda made=caller: made, "127.0.0.1", int(port))
    await asyncio.sleep(0.5)
    before, began = dict(counted), time.monotonic()
    await asyncio.sleep(float(seconds))
    spent = time.monotonic() - began
    told = {name: counted[name] - before[name] for name in counted}
    print(json.dumps(told | {"seconds": spent}))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
