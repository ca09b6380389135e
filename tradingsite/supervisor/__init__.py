"""Keeps one machine's processes running: PostgreSQL, Redis, web, worker, stream. No Django here."""

from tradingsite.supervisor.up import main

__all__ = ["main"]
