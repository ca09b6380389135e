"""Keeps one machine's processes running: PostgreSQL, Redis, web, worker, stream. No Django here."""
