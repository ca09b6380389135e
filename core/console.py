"""What may staff do in the admin console? Look at everything; change only what a page says."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db import DataError
from django.db.models import DecimalField, Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.module_loading import import_string
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from core import money

Write = Callable[[Any, Decimal], str]  # a row and a figure of it, as people read it


class StaffLooks:
    """Every member of staff may look; nobody may add, change or delete."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Yes: the console itself is for staff only."""
        return True

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False

    has_change_permission = has_delete_permission = has_add_permission


def figure(field: str, write: Write) -> Callable[[Model], str | None]:
    """A column of figures, without the zeros that only fill the database's digits."""

    @admin.display(description=field.replace("_", " "), ordering=field)
    def shown(row: Model) -> str | None:
        value = getattr(row, field)
        return None if value is None else write(row, value)

    shown.__name__ = field  # by which the field's help is found
    return shown


class Written:
    """Every decimal field is shown as `figures` says for its name, else by its digits alone."""

    figures: Mapping[str, Write] = {}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        decimals = [one for one in self.model._meta.fields if isinstance(one, DecimalField)]  # type: ignore[attr-defined]
        self.columns = {
            one.name: figure(one.name, self.figures.get(one.name, _plain)) for one in decimals
        }

    def written(self, names: Iterable[Any]) -> list[Any]:
        """`names` of fields, columns of figures in place of those of decimal fields."""
        return list(dict.fromkeys(self.columns.get(name, name) for name in names))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What a row's page shows."""
        return self.written(super().get_fields(request, obj))  # type: ignore[misc]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Figures are no fields of a form."""
        return [*super().get_readonly_fields(request, obj), *self.columns.values()]  # type: ignore[misc]


class ReadOnly(Written, StaffLooks, ModelAdmin):  # type: ignore[misc]
    """Rows to look at. The wall behind it is the database role, which may not write the books."""

    list_per_page = 50
    show_full_result_count = False
    actions: tuple[str, ...] | None = None

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """What the list shows of every row."""
        return self.written(super().get_list_display(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Rows are chosen by what their list shows: who may ask for more reads all of it.

        Django takes every field of the row, so `?password__startswith=` would tell a hidden
        column sign by sign.
        """
        filters = (one if isinstance(one, str) else one[0] for one in self.list_filter)
        shown = {"pk", "id", *self.list_display, *filters}
        is_shown = lookup in shown or lookup.partition("__")[0] in shown
        return is_shown and bool(super().lookup_allowed(lookup, value, request))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The rows asked for, read here: a figure no column can hold is no lookup either."""
        try:
            chosen: ChangeList = super().get_changelist_instance(request)
            len(chosen.result_list)
        except (OverflowError, DataError) as error:
            raise IncorrectLookupParameters from error
        return chosen


class Endless(ReadOnly):
    """Rows of a table too large to be counted for every page."""

    paginator = InfinitePaginator


class FewFields(ReadOnly):
    """Rows of which a superuser may change the fields named in `editable`, and no other.

    What was changed is told to the function that the setting CONSOLE_TELLS names, in the same
    transaction: (request, row, before, after), the last two as text by field.
    """

    editable: tuple[str, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers only."""
        return bool(getattr(request.user, "is_superuser", False))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """All fields but the editable ones."""
        names = [field.name for field in self.model._meta.fields if field.name not in self.editable]
        return [*names, *super().get_readonly_fields(request, obj)]

    def save_model(
        self,
        request: HttpRequest,
        obj: Model,
        form: "ModelForm[Any]",
        change: bool,  # noqa: FBT001
    ) -> None:
        """Store the row, and tell what is new in it."""
        super().save_model(request, obj, form, change)
        before = {name: str(form.initial.get(name)) for name in form.changed_data}
        after = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        if after:
            import_string(settings.CONSOLE_TELLS)(request, obj, before, after)


class ReadOnlyLines(Written, StaffLooks, TabularInline):  # type: ignore[misc]
    """Rows below their parent, to look at."""

    extra = 0
    hide_title = True
    can_delete = False


def _plain(_row: Any, value: Decimal) -> str:
    return money.plain(value)
