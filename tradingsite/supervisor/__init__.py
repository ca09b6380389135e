"""Keeps one machine's processes running: PostgreSQL, Redis, web, worker, stream."""


def main(arguments: list[str]) -> int:
    """Answer `manage.py up`; returns the exit code."""
    raise SystemExit("the supervisor is not built yet")
