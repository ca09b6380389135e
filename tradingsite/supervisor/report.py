"""Who runs under the supervisor? Written to the data folder, read by `/readyz` and by tests."""

import json
import os
from collections.abc import Mapping
from typing import Any

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor.child import Child


def write(data: DataFolder, children: Mapping[str, Child]) -> None:
    """Replace the report whole, so that nobody reads half of one."""
    listed = {
        name: {"state": child.state, "pid": child.pid, "restarts": child.restarts}
        for name, child in children.items()
    }
    draft = data.supervisor_state.with_suffix(".new")
    told = {"pid": os.getpid(), "port": os.environ.get("PORT"), "children": listed}
    draft.write_text(json.dumps(told, indent=1))
    draft.rename(data.supervisor_state)


def read(data: DataFolder) -> dict[str, dict[str, Any]]:
    """State, process id and restarts by child; empty where no supervisor has run here."""
    try:
        written = json.loads(data.supervisor_state.read_text())
    except FileNotFoundError:
        return {}
    return dict(written["children"])
