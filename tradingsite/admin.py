"""The beat schedule in the console."""

from django.contrib import admin
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.console import FewFields, ReadOnly


@admin.register(PeriodicTask)
class PeriodicTaskConsole(FewFields):
    """What runs when; a superuser may change how often, or switch it off."""

    editable = ("enabled", "interval", "crontab", "expire_seconds")
    list_display = ("name", "task", "enabled", "scheduler", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab", "solar", "clocked")
    search_fields = ("name", "task")
    fields = (
        *("name", "task", "enabled", "description", "interval", "crontab", "expire_seconds"),
        *("last_run_at", "total_run_count", "date_changed"),
    )


@admin.register(IntervalSchedule, CrontabSchedule)
class TimesConsole(ReadOnly):
    """The intervals and times of day that tasks refer to."""
