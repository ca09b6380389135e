"""How do staff put a wrong entry right? By its opposite, with a reason, seen by two if it is real.

Nothing is edited: a correction is one more entry. Of play money one member of staff is enough; of
real money a second one has to agree, which the row itself insists on.
"""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts import audit, roles
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core.errors import Broken, Code, Refused
from portfolio import ledger, reasons
from portfolio.models import Correction, JournalEntry, Mode

SHOWN = 50
UNDONE_OTHERWISE = (JournalEntry.Kind.HOLD, JournalEntry.Kind.RELEASE, JournalEntry.Kind.REVERSAL)
State = Correction.State


def propose(*, entry_id: UUID, reason: str, by: User, actor: Actor = SYSTEM) -> Correction:
    """Ask for an entry to be undone; of money that is not real it is undone at once.

    Raises Refused: `forbidden` to others than staff and in one's own account, `malformed` without a
    good reason or for an entry that is not undone this way, `not_found`, and as `ledger.post` does;
    then nothing moved.
    """
    roles.check_is_staff(by)
    entry, kept = _entry(entry_id), reasons.checked(reason)
    _check_is_anothers(entry, by)
    try:
        with transaction.atomic():
            row = Correction.objects.create(
                entry=entry,
                reason=kept,
                needs_second=_mode(entry) == Mode.REAL,
                proposed_by=by,
            )
            _note("correction proposed", row, actor)
            return row if row.needs_second else _carry_out(row, by, actor)
    except IntegrityError as error:
        raise Refused(Code.MALFORMED, "A correction of this entry stands already.") from error


def approve(correction_id: UUID, *, by: User, actor: Actor = SYSTEM) -> Correction:
    """Agree to a correction and carry it out.

    Raises Refused: `forbidden` to others than staff, to whoever proposed it and in one's own
    account, `not_found` where nothing of that id waits, and as `ledger.post` does; then it still
    waits and nothing moved.
    """
    roles.check_is_staff(by)
    with transaction.atomic():
        row = _waiting(correction_id)
        if row.proposed_by_id == by.pk:
            raise Refused(Code.FORBIDDEN, "Another member of staff has to agree to this.")
        _check_is_anothers(row.entry, by)
        return _carry_out(row, by, actor)


def reject(correction_id: UUID, *, by: User, actor: Actor = SYSTEM) -> Correction:
    """Say no, or take an own proposal back. Raises Refused as `approve` does; nothing moves."""
    roles.check_is_staff(by)
    with transaction.atomic():
        row = _waiting(correction_id)
        _decide(row, State.REJECTED, by)
        _note("correction rejected", row, actor)
        return row


def newest() -> QuerySet[Correction]:
    """Corrections, those that wait first."""
    rows = Correction.objects.select_related("entry__account__user", "proposed_by", "decided_by")
    return rows.order_by(F("decided_at").desc(nulls_first=True), "-pk")[:SHOWN]


def _carry_out(row: Correction, by: User, actor: Actor) -> Correction:
    entry = row.entry
    wrong = ledger.Posted(entry.pk, entry.public_id, entry.created_at, replayed=False)
    key = f"correction:{row.public_id}"
    posted = ledger.reverse(wrong, key=key, reason=row.reason, by=actor)
    _decide(row, State.POSTED, by, posted=posted)
    _note("correction posted", row, actor)
    return row


def _decide(
    row: Correction, state: Correction.State, by: User, *, posted: ledger.Posted | None = None
) -> None:
    row.state, row.decided_by = state, by
    row.posted_entry_id = posted.id if posted else None
    Correction.objects.filter(pk=row.pk).update(
        state=state, decided_by=by, decided_at=Now(), posted_entry_id=row.posted_entry_id
    )


def _waiting(correction_id: UUID) -> Correction:
    rows = Correction.objects.select_for_update(of=("self",)).select_related("entry__account__user")
    row = rows.filter(public_id=correction_id, state=State.PROPOSED).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, "There is no such correction, or it is decided.")
    return row


def _entry(entry_id: UUID) -> JournalEntry:
    entry = JournalEntry.objects.select_related("account__user").filter(public_id=entry_id).first()
    if entry is None or entry.account is None:
        raise Refused(Code.NOT_FOUND, "There is no such entry in anybody’s account.")
    if entry.kind in UNDONE_OTHERWISE:
        raise Refused(Code.MALFORMED, f"A {entry.kind} is not undone by a correction.")
    return entry


def _check_is_anothers(entry: JournalEntry, by: User) -> None:
    if entry.account and entry.account.user_id == by.pk:
        raise Refused(Code.FORBIDDEN, "Nobody corrects what happened in their own account.")


def _mode(entry: JournalEntry) -> str:
    if entry.account is None:
        raise Broken("an entry of the house alone is not corrected this way")
    return entry.account.mode


def _note(event: str, row: Correction, actor: Actor) -> None:
    owner = row.entry.account.user if row.entry.account else None
    after = {"entry": str(row.entry.public_id), "reason": row.reason, "state": row.state}
    audit.note(event, by=actor, person=owner, thing=f"correction:{row.public_id}", after=after)
