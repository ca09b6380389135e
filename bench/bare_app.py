"""The least an ASGI application can do: the same answer, already in memory (QUOTES_FILE)."""

import json
import os
from pathlib import Path

ANSWER = json.loads(Path(os.environ["QUOTES_FILE"]).read_text())
BODY = {"type": "http.response.body", "body": ANSWER["body"].encode()}
HEADERS = [(name.encode(), value.encode()) for name, value in ANSWER["headers"]]
START = {"type": "http.response.start", "status": 200, "headers": HEADERS}


async def application(_scope, _receive, send):
    await send(START)
    await send(BODY)
