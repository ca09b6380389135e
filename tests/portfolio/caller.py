"""How do tests call the API? As a signed-in person, with or without an idempotency key."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.models import User
from tests import cast

API = "/api/v1/"


@dataclass
class Caller:
    """One person's client; paths are those below `/api/v1/`."""

    user: User
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.force_login(self.user)

    @property
    def account(self) -> str:
        """The id of the person's first open account."""
        return str(cast.account_of(self.user).public_id)

    def get(self, path: str, **query: str) -> Any:
        """The answer to a GET."""
        return self.client.get(f"{API}{path}", query)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The answer to a POST of JSON; text and bytes are sent as they are."""
        sent = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(
            f"{API}{path}", sent, content_type="application/json", headers=headers
        )

    def quote(self, **wanted: Any) -> Any:
        """The answer to a wish for a quote: 100.00 USD to CHF unless something else is wanted."""
        wish = {"account": self.account, "from": "USD", "to": "CHF", "amount": "100.00"}
        return self.post("conversion-quotes/", wish | wanted)

    def accept(self, quote: str, *, key: str | None = "k", body: Any = None) -> Any:
        """The answer to an acceptance."""
        return self.post(f"conversion-quotes/{quote}/accept/", body, key=key)


def code_of(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]
