"""What does one client know for certain? Lines that are only ever added, read back by the judge."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Record:
    """A client's own book: `intended` before the first try, then whatever came of it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)

    def note(self, what: str, key: str = "", **more: Any) -> None:
        """Add a line; it is on its way to the disk when this returns."""
        line = {"at": time.monotonic(), "what": what, "key": key, **more}
        self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that nobody answered, or that was answered with 5xx; monotonic seconds."""

    began: float
    ended: float
    step: str
    why: str


@dataclass
class Tale:
    """The records of all clients, put together by key."""

    intended: dict[str, float] = field(default_factory=dict)
    settled: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    repeated: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    milliseconds: list[tuple[float, float]] = field(default_factory=list)
    left: int = 0
    replayed: int = 0
    asked_to_wait: int = 0

    def add(self, line: dict[str, Any]) -> None:
        """Take one line in."""
        key, at = line["key"], line["at"]
        match line["what"]:
            case "intended":
                self.intended[key] = at
            case "acknowledged":
                self.settled[key] = at
                self.acknowledged[key] = line["body"]
                self.replayed += line["replayed"]
                self.milliseconds.append((at, line["ms"]))
            case "refused":
                self.settled[key] = at
                self.refused[key] = line["code"]
            case "repeated":
                self.repeated.append((key, line["body"]))
            case "failed":
                self.failures.append(Failure(line["began"], at, line["step"], line["why"]))
            case "left":
                self.left += 1
            case "asked to wait":
                self.asked_to_wait += 1


def read(folder: Path) -> Tale:
    """All records of a folder."""
    tale = Tale()
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            tale.add(json.loads(line))
    return tale
