"""How did the last try of a backup end? A small file that the site's processes read."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last try went, for the operations page; `trouble` is empty where it went well.

    `strangers` names what lies among our tables, is not ours and was left out.
    """

    tried_at: str
    made_at: str = ""
    size: int = 0
    kept: int = 0
    trouble: str = ""
    strangers: str = ""

    @property
    def tried(self) -> datetime:
        """When that was."""
        return datetime.fromisoformat(self.tried_at)

    @property
    def made(self) -> datetime | None:
        """When the newest backup began; None where there is none."""
        return datetime.fromisoformat(self.made_at) if self.made_at else None


def remember(path: Path, outcome: Outcome) -> None:
    """Write how it went where the site's processes look."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(outcome), indent=1))
    draft.replace(path)


def last(path: Path) -> Outcome | None:
    """How the last try went; None where there was none."""
    try:
        return Outcome(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
