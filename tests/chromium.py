"""Which Chromium drives the browser tests? One that is installed, else one we can get."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHTS_OWN = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def path() -> str | None:
    """The program named by CHROMIUM, else one on the PATH, else the one Playwright fetched."""
    if named := os.environ.get("CHROMIUM"):
        return named
    on_path = (shutil.which(name) for name in NAMES)
    return next((found for found in (*on_path, *fetched()) if found), None)


def fetched() -> list[str]:
    """Browsers that Playwright has downloaded, newest last."""
    default = "Library/Caches" if sys.platform == "darwin" else ".cache"
    home = Path.home() / default / "ms-playwright"
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or home)
    return sorted(str(found) for pattern in PLAYWRIGHTS_OWN for found in folder.glob(pattern))


def obtain() -> str | None:
    """A Chromium by all means: Playwright's download, or as root on Debian the package."""
    if found := path():
        return found
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ways += [["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "chromium"]]
    for command in ways:
        subprocess.run(command, capture_output=True, check=False)
        if found := path():
            return found
    return None
