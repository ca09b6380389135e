"""Old files grow cheap, raw bodies expire, and nobody else's rules are touched."""

from datetime import timedelta
from pathlib import Path

import pytest

from core import clock, objects
from core.errors import Broken
from market import ageing, lake, manifests
from tests.amazon import Amazon
from tests.market.lakeside import NOON

FOREIGN = {
    "ID": "backups",
    "Status": "Enabled",
    "Filter": {"Prefix": "backups/"},
    "Expiration": {"Days": 90},
}


def rules(amazon: Amazon) -> list[dict[str, object]]:
    answer = amazon.s3.get_bucket_lifecycle_configuration(Bucket=amazon.bucket)
    return list(answer["Rules"])


def test_everything_goes_to_glacier_and_bodies_expire(amazon: Amazon, settings) -> None:
    settings.LAKE_RAW_EXPIRY_DAYS = 400
    place = objects.at(f"s3://{amazon.bucket}/lake")
    assert ageing.settle(place, NOON) == "3 lifecycle rules set"
    by_prefix = {rule["Filter"]["Prefix"]: rule for rule in rules(amazon)}  # type: ignore[index]
    assert sorted(by_prefix) == ["lake/candles/", "lake/fixings/", "lake/raw/"]
    for rule in by_prefix.values():
        assert rule["Status"] == "Enabled"
        assert rule["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER_IR"}]
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert by_prefix["lake/raw/"]["Expiration"] == {"Days": 400}
    assert "Expiration" not in by_prefix["lake/candles/"]


def test_rules_of_others_stay_and_ours_are_set_once(amazon: Amazon, settings) -> None:
    amazon.s3.put_bucket_lifecycle_configuration(
        Bucket=amazon.bucket, LifecycleConfiguration={"Rules": [FOREIGN]}
    )
    place = objects.at(f"s3://{amazon.bucket}")
    ageing.settle(place, NOON)
    assert ageing.settle(place, NOON) == "lifecycle rules as they should be"
    settings.LAKE_RAW_EXPIRY_DAYS = 0
    assert ageing.settle(place, NOON) == "3 lifecycle rules set"
    assert rules(amazon)[0]["ID"] == "backups"
    assert len(rules(amazon)) == 4
    assert all("Expiration" not in rule for rule in rules(amazon)[1:])


def test_what_expires_soon_is_not_cooled_first(settings) -> None:
    settings.LAKE_RAW_EXPIRY_DAYS = 30
    raw = ageing.rules("")[0]
    assert ("Transitions" in raw, raw["Expiration"]) == (False, {"Days": 30})


def test_a_bucket_that_is_not_there_is_for_an_operator(amazon: Amazon) -> None:
    with pytest.raises(Broken, match="NoSuchBucket"):
        ageing.settle(objects.at("s3://not-there/lake"), NOON)


def test_a_folder_lets_go_of_old_bodies_alone(tmp_path: Path, settings) -> None:
    settings.LAKE_RAW_EXPIRY_DAYS = 30
    place = objects.Folder(tmp_path)
    for age_days in (29, 31):
        at = NOON - timedelta(days=age_days)
        with clock.frozen(at):
            assert lake._write_hour(place, at, "kraken", ["{}"])
    assert ageing.settle(place, NOON) == "1 hours of bodies expired"
    entries = [key for one in manifests.every(place) for key in one.entries]
    assert entries == list(place.find("raw/"))
    assert entries == ["raw/source=kraken/date=2026-10-22/hour=12.jsonl.gz"]
