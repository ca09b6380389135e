"""How long is what kept in the lake, and how cheaply? Glacier after 30 days; raw bodies expire.

In S3 by lifecycle rules, which S3 carries out by itself: Glacier Instant Retrieval, because a
rebuild has to read; what is below 128 KB S3 leaves where it is, which costs less. A folder has no
cheaper place, so there old bodies are just deleted.
Candles, fixings and the lists of files never expire.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from core import aws
from core.aws import Absent
from core.objects import Bucket, Folder, Store
from market import manifests

OURS = "tradingsite-lake-"  # how the ids of our rules begin; other rules of the bucket stay
GLACIER_AFTER_DAYS = 30
GLACIER = "GLACIER_IR"
BROKEN_UPLOADS_DAYS = 7
DRAFTS_KEPT = timedelta(days=1)
FOLDERS = ("raw", "candles", "fixings")


def settle(place: Store, at: datetime) -> str:
    """Have old files grow cheap and raw bodies expire; says what was done.

    Raises Retryable, and Broken where S3 does not let us.
    """
    if isinstance(place, Bucket):
        return _set_rules(place)
    if isinstance(place, Folder):
        place.sweep(at - DRAFTS_KEPT)
    return f"{_expire(place, at)} hours of bodies expired"


def rules(prefix: str) -> list[dict[str, Any]]:
    """The lifecycle rules of a lake below `prefix` in its bucket, as S3 wants them."""
    expiry = settings.LAKE_RAW_EXPIRY_DAYS
    found = []
    for folder in FOLDERS:
        rule: dict[str, Any] = {
            "ID": OURS + folder,
            "Status": "Enabled",
            "Filter": {"Prefix": f"{prefix}{folder}/"},
            "Transitions": [{"Days": GLACIER_AFTER_DAYS, "StorageClass": GLACIER}],
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": BROKEN_UPLOADS_DAYS},
        }
        if folder == "raw" and expiry:
            rule["Expiration"] = {"Days": expiry}
            if expiry <= GLACIER_AFTER_DAYS:  # S3 refuses to cool what it is about to delete
                del rule["Transitions"]
        found.append(rule)
    return found


def is_over(written_at: str, at: datetime) -> bool:
    """Whether a raw file of that age may have expired."""
    expiry = settings.LAKE_RAW_EXPIRY_DAYS
    return bool(expiry) and datetime.fromisoformat(written_at) < at - timedelta(days=expiry)


def _set_rules(place: Bucket) -> str:
    """A bucket has one list of rules: ours are put into it, those of others are left."""
    wanted = rules(place.prefix)
    with aws.translated(f"S3 lifecycle of {place.name}"):
        client = aws.client("s3")
        present = _present(place)
        others = [rule for rule in present if not rule.get("ID", "").startswith(OURS)]
        if present == [*others, *wanted]:
            return "lifecycle rules as they should be"
        client.put_bucket_lifecycle_configuration(
            Bucket=place.name, LifecycleConfiguration={"Rules": [*others, *wanted]}
        )
    return f"{len(wanted)} lifecycle rules set"


def _present(place: Bucket) -> list[dict[str, Any]]:
    try:
        with aws.translated(f"S3 lifecycle of {place.name}"):
            answer = aws.client("s3").get_bucket_lifecycle_configuration(Bucket=place.name)
    except Absent:
        return []
    return list(answer["Rules"])


def _expire(place: Store, at: datetime) -> int:
    """The file first, then its entry: an interruption leaves an entry of a file that is over."""
    expired = 0
    for manifest in list(manifests.every(place, "raw/")):
        over = [one for one in manifest.entries.values() if is_over(one.written_at, at)]
        for entry in over:
            place.delete(entry.key)
            del manifest.entries[entry.key]
        if over:
            manifest.save(place)
        expired += len(over)
    return expired
