"""A person's program, from outside: signs up like anybody else, then speaks the API."""

from typing import Any

import httpx

PASSWORD = "a long walk by the river 7"  # of made-up people
PATIENCE_S = 10.0


class Visitor:
    """One signed-in connection; a second one of the same person comes by `again`."""

    def __init__(self, url: str, cookies: dict[str, str] | None = None) -> None:
        self.http = httpx.Client(base_url=url, cookies=cookies, timeout=PATIENCE_S, trust_env=False)

    def sign_up(self, name: str) -> "Visitor":
        """Fill in the sign-up page."""
        self.http.get("/accounts/signup/").raise_for_status()
        fields = {"username": name, "email": f"{name}@example.org"}
        fields |= {"password1": PASSWORD}
        fields |= {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        answer = self.http.post("/accounts/signup/", data=fields)
        assert (answer.status_code, answer.headers.get("location")) == (302, "/"), answer.text
        return self

    def again(self, url: str = "") -> "Visitor":
        """The same person on a connection of its own, wherever the site is now."""
        return Visitor(url or str(self.http.base_url), dict(self.http.cookies))

    def get(self, path: str) -> Any:
        """What stands at an address of the API."""
        answer = self.http.get(f"/api/v1/{path}")
        answer.raise_for_status()
        return answer.json()

    def post(
        self, path: str, body: object = None, *, key: str = "", patience_s: float = PATIENCE_S
    ) -> httpx.Response:
        """Whatever is answered. Raises httpx.TransportError where nothing is."""
        headers = {"X-CSRFToken": self.http.cookies["csrftoken"]}
        if key:
            headers["Idempotency-Key"] = key
        address = f"/api/v1/{path}"
        if body is None:
            return self.http.post(address, headers=headers, timeout=patience_s)
        return self.http.post(address, json=body, headers=headers, timeout=patience_s)

    def account(self) -> str:
        """The id of the account the person was given."""
        return str(self.get("trading-accounts/")["results"][-1]["id"])

    def close(self) -> None:
        """Hang up."""
        self.http.close()
