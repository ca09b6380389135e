"""What does the proxy in front take from browsers, and which networks lie behind it?"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tradingsite.datafolder import PROJECT

DEPLOY = PROJECT / "deploy"
IN_FRONT = (DEPLOY / "https.caddy").read_text()
SITE = "https://trading.example"
PLAIN_APP = "def app(environ, start):\n    start('200 OK', [])\n    return [b'here']\n"


def in_a_word(name: str) -> list[str]:
    found = re.search(rf"^\s+{name} (.+)$", IN_FRONT, re.MULTILINE)
    assert found
    return found[1].split()


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"])


@pytest.fixture(scope="module")
def caddy() -> str:
    """The program."""
    found = shutil.which("caddy")
    if not found:
        pytest.skip("no caddy on this machine: what it makes of deploy/ is not looked at")
    return found


@pytest.fixture(scope="module")
def files(caddy: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our files for Caddy, in the words of the one that is here: before 2.7 it had others."""
    said = subprocess.run([caddy, "version"], capture_output=True, text=True, check=True).stdout
    is_old = [int(part) for part in said.lstrip("v").split(".")[:2]] < [2, 7]
    folder = tmp_path_factory.mktemp("caddy")
    for file in DEPLOY.glob("*.caddy"):
        words = file.read_text()
        old = words.replace("request_buffers 128KiB", "buffer_requests")
        old = old.replace("response_buffers 1MiB", "buffer_responses")
        (folder / file.name).write_text(old if is_old else words)
    return folder


@pytest.fixture(scope="module")
def understood(caddy: str, files: Path) -> dict[str, Any]:
    """What Caddy makes of the file."""
    command = [caddy, "adapt", "--adapter", "caddyfile", "--config", "https.caddy"]
    asked = subprocess.run(
        command, cwd=files, env={"PUBLIC_URL": SITE}, capture_output=True, check=True
    )
    return dict(json.loads(asked.stdout)["apps"]["http"]["servers"])


def test_only_tls_1_2_and_1_3_are_spoken() -> None:
    assert in_a_word("protocols tls1.2") == ["tls1.3"]


def test_every_suite_has_256_bits_and_forgets_its_keys() -> None:
    strong = re.compile(r"TLS_ECDHE_(ECDSA|RSA)_WITH_(AES_256_GCM|CHACHA20_POLY1305)_SHA\d+")
    assert all(strong.fullmatch(suite) for suite in in_a_word("ciphers"))


def test_certificates_are_caddys_own_business() -> None:
    assert not re.search(r"tls internal|local_certs|insecure|\.pem", IN_FRONT)
    overlay = yaml.safe_load((DEPLOY / "https.yml").read_text())
    assert overlay["services"]["proxy"]["volumes"] == ["certificates:/data"]


def test_caddy_reads_it_as_it_is_meant(understood: dict[str, Any]) -> None:
    encrypted, plain = understood["srv0"], understood["srv1"]
    policy = encrypted["tls_connection_policies"][0]
    assert (policy["protocol_min"], policy["protocol_max"]) == ("tls1.2", "tls1.3")
    assert policy["cipher_suites"] == in_a_word("ciphers")
    assert plain["listen"] == [":80"]
    assert "reverse_proxy" not in json.dumps(plain)  # nothing in the clear gets inward
    assert f"{SITE}{{http.request.uri}}" in json.dumps(plain)


def test_database_and_redis_are_on_no_network(services: dict[str, Any]) -> None:
    assert "listen_addresses= " in services["postgres"]["command"]
    assert "--port 0 " in services["valkey"]["command"]
    for name, service in services.items():
        said = service.get("environment", {})
        assert said.get("DATABASE_URL", "@/site?host=/run").count("@/site?host=/run"), name
        assert said.get("REDIS_URL", "unix:").startswith("unix:"), name


def test_only_our_own_processes_hold_their_sockets(services: dict[str, Any]) -> None:
    holding = {name for name, one in services.items() if "-socket:" in str(one.get("volumes", []))}
    assert "live" in holding
    assert "proxy" not in holding
    assert all(services[name].get("build") for name in holding - {"postgres", "valkey"})


def test_the_database_lets_nobody_in_without_a_password() -> None:
    rules = [
        line
        for line in (DEPLOY / "pg_hba.conf").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert rules == ["local all all scram-sha-256"]


def test_caddy_asks_the_site_over_sockets_nobody_else_holds(services: dict[str, Any]) -> None:
    asked = re.findall(r"unix/(/run/site/\S+)", (DEPLOY / "routes.caddy").read_text())
    assert len(asked) == (DEPLOY / "routes.caddy").read_text().count("reverse_proxy ") == 2
    for path, name in zip(asked, ("live", "pages"), strict=True):
        assert path in services[name]["command"].split()
    holding = {name for name, one in services.items() if "/run/site" in str(one.get("volumes"))}
    assert holding == {"live", "pages", "proxy"}


def test_nobody_names_an_address_of_their_own(caddy: str, files: Path, tmp_path: Path) -> None:
    with started(caddy, files, tmp_path) as front, socket.socket(socket.AF_UNIX) as site:
        site.bind(str(tmp_path / "pages.sock"))
        site.listen()
        with connected(front) as asking:
            claims = ("X_Forwarded_For", "X-Forwarded_For", "X-Forwarded-For")
            lines = ("GET / HTTP/1.1", "Host: localhost", *(f"{one}: 6.6.6.6" for one in claims))
            asking.sendall("\r\n".join((*lines, "", "")).encode())
            passed_on = site.accept()[0].recv(4096)
    assert passed_on.startswith(b"GET / HTTP/1.1\r\n")
    assert b"6.6.6.6" not in passed_on


def test_a_form_that_comes_byte_by_byte_keeps_no_thread_of_the_pages(
    caddy: str, files: Path, tmp_path: Path
) -> None:
    with started(caddy, files, tmp_path) as front, socket.socket(socket.AF_UNIX) as site:
        site.bind(str(tmp_path / "pages.sock"))
        site.listen()
        site.settimeout(0.2)
        with connected(front) as asking:
            asking.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfo")
            with pytest.raises(TimeoutError):
                site.accept()
            asking.sendall(b"rm")
            site.settimeout(10)
            assert site.accept()[0].recv(4096).startswith(b"POST / HTTP/1.1\r\n")


def test_somebody_who_does_not_read_keeps_no_thread_of_the_pages(
    caddy: str, files: Path, tmp_path: Path
) -> None:
    with started(caddy, files, tmp_path) as front, socket.socket(socket.AF_UNIX) as site:
        site.bind(str(tmp_path / "pages.sock"))
        site.listen()
        site.settimeout(10)
        with connected(front) as asking:
            asking.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answering = site.accept()[0]
            answering.settimeout(2)
            assert answering.recv(4096).startswith(b"GET / HTTP/1.1\r\n")
            answering.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            answering.sendall(b"x" * 1_000_000)


def test_pages_take_the_place_of_a_process_that_was_killed(
    services: dict[str, Any], tmp_path: Path
) -> None:
    left_over = tmp_path / "pages.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(left_over))
    (tmp_path / "plain.py").write_text(PLAIN_APP)
    command = services["pages"]["command"].replace("/run/site", str(tmp_path))
    command = command.replace("tradingsite.wsgi:application", "plain:app")
    process = subprocess.Popen(shlex.split(command), cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        with connected(left_over) as asking:
            asking.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert asking.recv(4096).endswith(b"here")
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def started(caddy: str, files: Path, folder: Path) -> Iterator[Path]:
    """Caddy with our routes, which listens and asks in `folder`."""
    routes = (files / "routes.caddy").read_text().replace("/run/site", str(folder))
    where = folder / "front.sock"
    start = "{\n admin off\n}\nhttp://localhost {\n bind unix/"
    (folder / "front.caddy").write_text(f"{start}{where}\n{routes}}}\n")
    command = [caddy, "run", "--adapter", "caddyfile", "--config", str(folder / "front.caddy")]
    at_home = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    process = subprocess.Popen(command, env=at_home, stderr=subprocess.DEVNULL)
    try:
        yield where
    finally:
        process.terminate()
        process.wait(timeout=10)


def connected(path: Path) -> socket.socket:
    """A connection to whoever comes to listen at `path`."""
    deadline = time.monotonic() + 10
    while True:
        asking = socket.socket(socket.AF_UNIX)
        try:
            asking.connect(str(path))
        except OSError:
            asking.close()
            assert time.monotonic() < deadline, "nobody came to listen"
            time.sleep(0.02)
        else:
            asking.settimeout(10)
            return asking
