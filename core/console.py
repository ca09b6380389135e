"""What may staff do in the admin console? Look at everything; change only what a page says."""

from typing import Any

from django.conf import settings
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.module_loading import import_string
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator


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


class ReadOnly(StaffLooks, ModelAdmin):  # type: ignore[misc]
    """Rows to look at. The wall behind it is the database role, which may not write the books."""

    list_per_page = 50
    show_full_result_count = False
    actions: tuple[str, ...] | None = None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Rows are chosen by what their list shows: who may ask for more reads all of it.

        Django takes every field of the row, so `?password__startswith=` would tell a hidden
        column sign by sign.
        """
        filters = (one if isinstance(one, str) else one[0] for one in self.list_filter)
        shown = {"pk", "id", *self.list_display, *filters}
        is_shown = lookup in shown or lookup.partition("__")[0] in shown
        return is_shown and bool(super().lookup_allowed(lookup, value, request))


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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All fields but the editable ones."""
        names = (field.name for field in self.model._meta.fields)
        return [name for name in names if name not in self.editable]

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


class ReadOnlyLines(StaffLooks, TabularInline):  # type: ignore[misc]
    """Rows below their parent, to look at."""

    extra = 0
    hide_title = True
    can_delete = False
