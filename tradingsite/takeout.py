"""What does a person take with them? A zip of everything that is theirs, as JSON and as CSV.

`SECTIONS` says what that is; a test looks for tables that know people and are not in it. Secrets
stay here: a digest or a seed is of no use to its owner and of much to a thief. Everything is read
in one snapshot, so that the parts fit together.
"""

import csv
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from accounts import takeouts
from accounts.models import AuditRecord, Favourite, Preference, Takeout, Token, User
from core import clock, money
from portfolio import statement
from portfolio.models import (
    ConversionQuote,
    Correction,
    ExchangeKey,
    JournalEntry,
    LedgerAccount,
    Posting,
    TradingAccount,
)

FORMAT = 1
IN_MEMORY_BYTES = 1 << 20  # what is larger lies on the disk until it is sent
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Section:
    """One table: whose rows are found by `owner`, and which of their fields are told."""

    name: str
    model: type[models.Model]
    owner: str
    fields: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields as the files call them."""
        return tuple(map(_said, self.fields))


def _section(name: str, model: type[models.Model], owner: str, fields: str) -> Section:
    return Section(name, model, owner, tuple(fields.split()))


SECTIONS = (
    _section(
        *("person", User, "pk"),
        "public_id username email date_joined last_login may_trade frozen_at real_held_until",
    ),
    _section("addresses", EmailAddress, "user", "email verified primary"),
    _section(
        *("preferences", Preference, "user"),
        "base_currency time_zone theme quote_seconds chart",
    ),
    _section("favourites", Favourite, "user", "code"),
    _section(
        *("tokens", Token, "user"),
        "public_id name start scopes created_at expires_at last_used_at revoked_at",
    ),
    _section("takeouts", Takeout, "user", "public_id state asked_at size"),
    _section("second_factors", Authenticator, "user", "type created_at last_used_at"),
    _section("sessions", UserSession, "user", "created_at last_seen_at ip user_agent"),
    _section("events", AuditRecord, "person", "id at event actor address thing before after"),
    _section(
        *("trading_accounts", TradingAccount, "user"),
        "public_id mode name opened_at closed_at frozen_at frozen_by frozen_reason"
        " replaces__public_id",
    ),
    _section(
        *("balances", LedgerAccount, "owner__user"),
        "owner__public_id currency_id kind balance",
    ),
    _section(
        *("entries", JournalEntry, "account__user"),
        "public_id account__public_id created_at kind key actor address reason simulated"
        " refers_to__public_id",
    ),
    _section(
        *("postings", Posting, "entry__account__user"),
        "entry__public_id account__kind account__currency_id amount",
    ),
    _section(
        *("conversion_quotes", ConversionQuote, "user"),
        "public_id account__public_id created_at expires_at from_currency_id to_currency_id"
        " fixed_side amount_from amount_to mid rate spread_bps fee fee_rate residue sources path"
        " price_state price_as_of price_reason simulated session table_version lifetime_s key"
        " accepted_entry__public_id",
    ),
    _section(
        *("corrections", Correction, "entry__account__user"),
        "public_id entry__public_id reason state proposed_at decided_at posted_entry__public_id",
    ),
    _section(
        *("exchange_keys", ExchangeKey, "user"),
        "public_id venue label mode key_end state reason permissions created_at tested_at ended_at",
    ),
)


def pack(user: User) -> IO[bytes]:
    """The zip, at its beginning; whoever asked closes it."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, snapshot():
        counts = {section.name: _write(archive, section, user) for section in SECTIONS}
        told = {"format": FORMAT, "made_at": clock.iso(clock.now()), "rows": counts}
        archive.writestr("manifest.json", json.dumps(told, indent=1))
        archive.writestr("schema.json", json.dumps(schema(), indent=1))
    file.seek(0)
    return file


def make(takeout_id: int) -> None:
    """Pack the file somebody has asked for, and keep it for them."""
    user = takeouts.asked_by(takeout_id)
    if user is not None:
        takeouts.keep(takeout_id, pieces(pack(user)))


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file bit by bit; it is gone afterwards."""
    with file:
        while piece := file.read(1 << 16):
            yield piece


def schema() -> dict[str, Any]:
    """A JSON Schema of each section's file, by name."""
    return {section.name: _schema_of(section) for section in SECTIONS}


def rows(section: Section, user: User) -> Iterator[dict[str, Any]]:
    """What `user` owns of one section, oldest first, as JSON says it."""
    own = user.public_id if section.model is AuditRecord else user.pk
    myself = f"user:{user.public_id}"
    found = section.model._default_manager.filter(**{section.owner: own}).order_by("pk")
    for row in found.values(*section.fields).iterator(ROWS_AT_ONCE):
        if row.get("actor", "").startswith("user:") and row["actor"] != myself:
            row["address"] = None  # where a member of staff sat is theirs
        yield {_said(name): _plain(value) for name, value in row.items()}


@contextmanager
def snapshot() -> Iterator[None]:
    """One moment for all sections; inside a transaction, that one's."""
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _write(archive: zipfile.ZipFile, section: Section, user: User) -> int:
    """The section twice, as JSON and as CSV; how many rows it has."""
    names = section.columns
    count = 0
    with tempfile.SpooledTemporaryFile(
        IN_MEMORY_BYTES, "w+", encoding="utf-8", newline=""
    ) as sheet:
        table = csv.writer(sheet)
        table.writerow(names)
        with archive.open(f"{section.name}.json", "w") as file:
            for row in rows(section, user):
                file.write(b",\n" if count else b"[\n")
                file.write(json.dumps(row, ensure_ascii=False).encode())
                table.writerow([cell(row[name]) for name in names])
                count += 1
            file.write(b"\n]" if count else b"[]")
        sheet.seek(0)
        with archive.open(f"{section.name}.csv", "w") as file:
            for line in sheet:
                file.write(line.encode())
    return count


def _said(name: str) -> str:
    """A field as the files call it: `account__public_id` is the account."""
    if name == "public_id":
        return "id"
    return name.removesuffix("__public_id").removesuffix("_id").replace("__", "_")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, Decimal):
        return money.plain(value)
    return str(value) if isinstance(value, UUID) else value


def cell(value: Any) -> str:
    """A value as the sheet says it."""
    if value is None:
        return ""
    return statement.text_cell(value if isinstance(value, str) else json.dumps(value))


def _schema_of(section: Section) -> dict[str, Any]:
    fields = {_said(name): _type_of(section.model, name) for name in section.fields}
    row = {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"type": "array", "items": row}


def _type_of(model: type[models.Model], name: str) -> dict[str, Any]:
    first, _, rest = name.partition("__")
    field = model._meta.get_field(first.removesuffix("_id") if first != "public_id" else first)
    null = bool(getattr(field, "null", False))
    if rest and isinstance(field.related_model, type):
        kind = _type_of(field.related_model, rest)["type"]
        return {"type": [kind, "null"] if null and isinstance(kind, str) else kind}
    if isinstance(field, models.JSONField):
        return {}
    kind = next((said for made, said in TYPES if isinstance(field, made)), "string")
    return {"type": [kind, "null"] if null else kind}


TYPES: tuple[tuple[type[Any], str], ...] = (
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (ArrayField, "array"),
)
