"""What happens on `manage.py up`, in which order, and what is printed?"""

import argparse
import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from unicodedata import category

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor import (
    account,
    disk,
    leftovers,
    lock,
    postgres,
    processes,
    programs,
    redis,
)
from tradingsite.supervisor.child import State
from tradingsite.supervisor.progress import SetupError, complain, note, say, step
from tradingsite.supervisor.watch import StopAsked, Watch

HOST = "127.0.0.1"
SERVICES_TIMEOUT_S = 60.0
SETTINGS_TIMEOUT_S = 60.0
MIGRATE_TIMEOUT_S = 600.0
WEB_TIMEOUT_S = 90.0
REST_TIMEOUT_S = 20.0  # for the worker's clock and the writer of prices
OK = 200
BY_SIGNAL = 128  # added to its number: the exit code of who was stopped before the work was done
UNREADABLE = ("Cc", "Cs")  # line ends and the like; bytes that are no UTF-8


def main(arguments: list[str]) -> int:
    """Run `manage.py up`; returns the exit code."""
    options = parse(arguments)
    if options.data:
        os.environ["DATA_DIR"] = options.data
    data = DataFolder.of_this_process()
    # Children have another working folder: a relative path would mean something else to them.
    os.environ |= {"DATA_DIR": str(data.root), "PORT": str(options.port)}
    try:
        disk.check(data)
        with lock.take(data.lock):
            leftovers.end(data)  # an earlier web process may still hold the port
            if not options.services_only:
                probe(options.port)
            return supervise(data, port=options.port, services_only=options.services_only)
    except SetupError as error:
        complain(f"Tradingsite: {error}")
        return 1
    except KeyboardInterrupt:
        complain("Tradingsite: stopped before anything was started.")
        return BY_SIGNAL + signal.SIGINT
    except subprocess.SubprocessError as error:  # the kernel refused to let us step down
        complain(f"Tradingsite: run it as an ordinary user, not as root ({error})")
        return 1
    except OSError as error:
        complain(f"Tradingsite cannot use {data.root}: {error}")
        return 1


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line; PORT and DATA_DIR are the defaults."""
    parser = argparse.ArgumentParser(prog="run", description="Start Tradingsite on this machine.")
    parser.add_argument("--port", type=port_number, default=os.environ.get("PORT") or "8000")
    parser.add_argument(
        "--data",
        type=folder,
        default=os.environ.get("DATA_DIR") or None,
        help="folder of this installation's files (default: var/)",
    )
    parser.add_argument("--services-only", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def port_number(text: str) -> int:
    """A port from the command line or from PORT; argparse prints the error."""
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port: 1 to 65535")
    return int(text)


def folder(text: str) -> str:
    """A folder's name from the command line: an unset variable's nothing is none."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty: name a folder")
    if any(category(letter) in UNREADABLE for letter in text):
        raise argparse.ArgumentTypeError("its name is no readable text: name another folder")
    return text


def probe(port: int) -> None:
    """Raise SetupError where the port cannot be listened on."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError as error:
            raise SetupError(
                f"port {port} cannot be used ({error.strerror}): choose another with --port."
            ) from error


def supervise(data: DataFolder, *, port: int, services_only: bool) -> int:
    """Start everything, keep it running, stop it in order."""
    os.environ[processes.MARK] = str(data.root)
    account.private_folder(data.logs, None)
    watch = Watch(data)
    try:
        if not services_only:
            check_settings(watch)
        start_services(watch)
        if services_only:
            say("Services are ready")
        else:
            start_site(watch, port)
        watch.forever()
        note("stopping")
    except StopAsked as asked:
        note("stopping before everything was ready")
        return BY_SIGNAL + asked.number
    finally:
        watch.stop([name for name in watch.children if name not in ("postgres", "redis")])
        watch.stop(["redis"])
        watch.stop(["postgres"])
        leftovers.forget_sockets(data)
        watch.publish()
    return 0


def check_settings(watch: Watch) -> None:
    """Raise SetupError with the one line that says which setting cannot be read."""
    if watch.run_once(programs.settings(), timeout_s=SETTINGS_TIMEOUT_S):
        raise SetupError(words(watch.data.logs / "settings.log"))


def start_services(watch: Watch) -> None:
    """PostgreSQL and Redis, unless the environment names others."""
    runs_as = account.for_services()
    account.refuse_foreign(watch.data.postgres, runs_as)
    account.private_folder(watch.data.sockets, runs_as)
    if not os.environ.get("DATABASE_URL"):
        with step("PostgreSQL is ready"):
            postgres.create_cluster(watch.data, runs_as)
            watch.start(postgres.program(watch.data, runs_as))
            wait_for(watch, "postgres", lambda: postgres.answers(watch.data))
            postgres.create_database(watch.data, runs_as)
    if not os.environ.get("REDIS_URL"):
        with step("Redis is ready"):
            watch.start(redis.program(watch.data, runs_as))
            wait_for(watch, "redis", lambda: redis.answers(watch.data))


def start_site(watch: Watch, port: int) -> None:
    """Migrate, start the site's own processes and wait until pages are answered."""
    with step("database is up to date"):
        if watch.run_once(programs.migrate(), timeout_s=MIGRATE_TIMEOUT_S):
            raise SetupError(last_line(watch.data.logs / "migrate.log", "migration"))
    with step("web, worker and prices are started"):
        for program in programs.site():
            watch.start(program)
        wait_for(watch, "web", lambda: status(port, "/healthz") == OK, timeout_s=WEB_TIMEOUT_S)
        complete = watch.until(
            lambda: status(port, "/readyz") == OK, timeout_s=REST_TIMEOUT_S, every_s=0.25
        )
    watch.repeat(programs.backup(), first_in_s=programs.FIRST_BACKUP_S)
    if not complete:
        say(f"Not every part answers yet; what is missing: http://{HOST}:{port}/readyz")
    say(f"Tradingsite is ready: http://{HOST}:{port}")
    say(f"For passkeys use http://localhost:{port}  (stop with Ctrl-C)")


def wait_for(
    watch: Watch, name: str, check: Callable[[], bool], *, timeout_s: float = SERVICES_TIMEOUT_S
) -> None:
    """Wait until the child does its work; raises SetupError with its last words otherwise."""
    child = watch.children[name]
    done = watch.until(
        lambda: child.state is State.GIVEN_UP or (child.pid is not None and check()),
        timeout_s=timeout_s,
    )
    if not done or child.state is State.GIVEN_UP:
        raise SetupError(last_line(child.log, name))


def last_line(log: Path, name: str) -> str:
    """Why something did not start, from its log."""
    return f"{name} failed: {words(log)} (more in {log})"


def words(log: Path) -> str:
    """The last line of a log that says anything."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    said = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return said.removeprefix("Tradingsite: ")


def status(port: int, path: str) -> int:
    """The status with which the web process answers; 0 where it does not."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
