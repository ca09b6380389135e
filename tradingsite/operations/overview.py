"""What does an operator want to know at a glance? Each part as of now, or why it is not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import redis
from django.conf import settings

from core import metrics
from portfolio import proofs, seal_check, seal_proofs, stopping
from portfolio.proofs import LastProof
from portfolio.seal_check import Tail
from portfolio.seal_proofs import LastVerdict
from portfolio.stopping import Stopped
from tradingsite import alarms
from tradingsite.backup import report
from tradingsite.backup.report import Outcome
from tradingsite.examination import Examination, examine
from tradingsite.operations import beat, failures, feeds, queues
from tradingsite.operations.beat import Job
from tradingsite.operations.failures import Failure
from tradingsite.operations.feeds import Feed
from tradingsite.operations.queues import Queue


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the house; `queues` and `listeners` are unknown while Redis is away.

    `red`: every check that is red, as the alarms know it, with its trouble in a sentence.
    """

    examination: Examination
    red: Mapping[str, str]
    feeds: Sequence[Feed]
    queues: Sequence[Queue] | None
    listeners: int | None
    jobs: Sequence[Job]
    failures: Sequence[Failure]
    backup: Outcome | None
    backups_at: str
    proof: LastProof | None
    seals: LastVerdict | None
    unsealed: Sequence[Tail]
    stop: Stopped | None


def now() -> Overview:
    """Ask every part."""
    try:
        waiting, listeners = queues.waiting(), metrics.everywhere().listeners
        proof, seals = proofs.latest(), seal_proofs.latest()
    except redis.RedisError:
        waiting, listeners, proof, seals = None, None, None, None
    examination = examine()
    return Overview(
        examination=examination,
        red=alarms.red(examination),
        feeds=feeds.now(),
        queues=waiting,
        listeners=listeners,
        jobs=beat.jobs(),
        failures=failures.latest(),
        backup=report.last(settings.BACKUP_REPORT),
        backups_at=settings.BACKUP_URL,
        proof=proof,
        seals=seals,
        unsealed=seal_check.tails(),
        stop=stopping.current(),
    )
