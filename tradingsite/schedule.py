"""What happens by itself, and when? One table, ordered as the data flows.

`load` writes it into django-celery-beat's tables, where staff may change how often a row runs or
switch it off; what they changed stays. Times are UTC.
"""

import json
from dataclasses import dataclass

from django.conf import settings
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from market.feeds import roster

BUILT_IN = "Built in."


@dataclass(frozen=True, slots=True)
class Beat:
    """A task sent every `every_s` seconds, or daily at `at` ("HH:MM"); thrown away unless begun
    within `expires_s`."""

    name: str
    task: str
    args: tuple[str, ...] = ()
    every_s: int = 0
    at: str = ""
    expires_s: int = 0


HOUSE = (
    Beat("Sign of life", "tradingsite.alive", every_s=5),
    Beat("Look after the house", "tradingsite.look", every_s=60),
)
CLOUDWATCH = (Beat("Figures to CloudWatch", "tradingsite.quant.send_figures", every_s=60),)
PAST = (
    Beat("Daily candles of the fixings", "market.store_fixed_days", every_s=10),
    Beat("Past of the simulated market", "market.recall_simulated", every_s=10),
)
READ = (
    Beat("Read the news", "market.read_news", every_s=60),
    Beat("List coins by market value", "market.list_coins", every_s=600),
)
STUDIED = (
    Beat("Indicators of closed candles", "market.quant.refresh", every_s=2),
    Beat("Indicators of open charts", "market.quant.follow", every_s=1),
)
KEPT = (
    Beat("Drop old ticks and rejections", "market.prune", every_s=3600),
    Beat("Forget ended sessions", "accounts.forget_sessions", every_s=300),
    Beat("Forget old letters", "accounts.forget_letters", every_s=3600),
    Beat("Forget files of people's data", "accounts.forget_takeouts", every_s=3600),
    Beat("Forget quotes nobody took", "portfolio.forget_quotes", every_s=3600),
    Beat("Forget old failures of tasks", "celery.backend_cleanup", every_s=24 * 3600),
)
LAKE = (
    Beat("Keep the past hour in the lake", "market.quant.lake_hour", every_s=3600),
    Beat("Bring the lake up to date", "market.quant.lake_day", every_s=24 * 3600),
)
PROOFS = (
    Beat("Seal the trail and the journal", "portfolio.seal", every_s=5),
    Beat("Copy sealed rows", "portfolio.quant.export_audit", every_s=3600),
    Beat("Prove the books", "portfolio.check_books", every_s=3600),
    Beat("Prove the seals", "portfolio.check_audit", at="03:30"),
    Beat("Prove what no verdict is known of", "portfolio.prove_forgotten", every_s=60),
)


def beats() -> tuple[Beat, ...]:
    """The whole table, for the sources and services the operator has switched on."""
    house = HOUSE + (CLOUDWATCH if settings.CLOUDWATCH_NAMESPACE else ())
    return (*house, *_sources(), *PAST, *READ, *STUDIED, *KEPT, *LAKE, *PROOFS)


def _sources() -> list[Beat]:
    """Polls; and for sources that recall past days and minutes, questions about those."""
    real = roster.configured()
    recall = [one for one in real if one.recalls]
    return [
        *(
            Beat(f"Poll {one.title}", "market.poll", (one.name,), every_s=one.look_every_s)
            for one in real
        ),
        *(
            Beat(f"Past days of {one.title}", "market.seed", (one.name,), every_s=30)
            for one in recall
        ),
        *(
            Beat(f"Minutes missed, from {one.title}", "market.heal", (one.name,), every_s=20)
            for one in recall
        ),
    ]


def load(*, using: str = "default") -> None:
    """Add the table's rows that are missing, and take away built-in rows no longer in it."""
    tasks = PeriodicTask.objects.using(using)
    wanted = beats()
    names = [beat.name for beat in wanted]
    tasks.filter(description=BUILT_IN).exclude(name__in=names).delete()
    tasks.bulk_create([_row(beat, using=using) for beat in wanted], ignore_conflicts=True)


def _row(beat: Beat, *, using: str) -> PeriodicTask:
    return PeriodicTask(
        name=beat.name,
        task=beat.task,
        args=json.dumps(beat.args),
        interval=_interval(beat.every_s, using=using) if beat.every_s else None,
        crontab=_daily(beat.at, using=using) if beat.at else None,
        expire_seconds=beat.expires_s or beat.every_s or None,
        description=BUILT_IN,
    )


def _interval(every_s: int, *, using: str) -> IntervalSchedule:
    rows = IntervalSchedule.objects.using(using)
    same = {"every": every_s, "period": IntervalSchedule.SECONDS}
    return rows.filter(**same).first() or rows.create(**same)


def _daily(at: str, *, using: str) -> CrontabSchedule:
    rows = CrontabSchedule.objects.using(using)
    hour, minute = (str(int(part)) for part in at.split(":"))
    same = {"hour": hour, "minute": minute, "timezone": "UTC"}
    return rows.filter(**same).first() or rows.create(**same)
