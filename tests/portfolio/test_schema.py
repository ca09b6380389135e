"""Does OpenAPI describe exactly what is answered?"""

from typing import Any

import pytest
from rest_framework.serializers import ListSerializer, Serializer

from portfolio import schema
from tests import cast
from tests.portfolio.caller import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


def differences(described: Serializer[Any], answer: dict[str, Any], path: str = "") -> list[str]:
    """Fields that only one of the two knows, in every depth."""
    fields = described.fields
    found = [f"{path}.{name}" for name in set(fields) ^ set(answer)]
    for name in set(fields) & set(answer):
        field, value = fields[name], answer[name]
        if value is None:
            found += [] if field.allow_null else [f"{path}.{name} is null"]
        elif isinstance(field, ListSerializer):
            child = field.child
            assert isinstance(child, Serializer)
            found += [fault for one in value for fault in differences(child, one, f"{path}.{name}")]
        elif isinstance(field, Serializer):
            found += differences(field, value, f"{path}.{name}")
    return found


def test_every_answer_has_the_described_fields() -> None:
    charlie = Caller(cast.charlie())
    quote = charlie.quote().json()
    entry = charlie.accept(quote["id"]).json()
    path = f"trading-accounts/{charlie.account}/"
    assert differences(schema.QuoteTermsSerializer(), quote) == []
    assert differences(schema.EntrySerializer(), entry) == []
    assert differences(schema.AccountSerializer(), charlie.get(path).json()) == []
    assert differences(schema.BalancesSerializer(), charlie.get(f"{path}balances/").json()) == []
