"""What the venues say of a customer's API key, to who can sign with its secret.

Each answers as its documentation says: Kraken's `GetApiKeyInfo`, Binance's `apiRestrictions` (and
`account` on its test network), Coinbase's `key_permissions`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.venue.state import Key, Venue

BINANCE_REVOKED = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
BINANCE_BAD_SIGNATURE = {"code": -1022, "msg": "Signature for this request is not valid."}


async def answer(venue: Venue, request: web.Request) -> web.Response | None:
    """The answer to a private request, as half of it where that fault is on; None for others."""
    path, body = request.path, await request.text()
    if path.endswith(tuple(venue.bodies)):
        return None
    if path.endswith("/0/private/GetApiKeyInfo"):
        status, said = 200, _kraken(venue, request.headers, body)
    elif path.endswith(("/sapi/v1/account/apiRestrictions", "/api/v3/account")):
        status, said = _binance(venue, request)
    elif path.endswith("/brokerage/key_permissions"):
        status, said = _coinbase(venue, request)
    else:
        return None
    text = json.dumps(said)
    text = text[: len(text) // 2] if venue.has("truncated") else text
    return web.Response(status=status, text=text, content_type="application/json")


def _kraken(venue: Venue, headers: Mapping[str, str], body: str) -> dict[str, Any]:
    key = venue.keys.get(headers.get("API-Key", ""))
    if key is None:
        return {"error": ["EAPI:Invalid key"]}
    nonce = parse_qs(body)["nonce"][0]
    signed = b"/0/private/GetApiKeyInfo" + hashlib.sha256((nonce + body).encode()).digest()
    expected = hmac.digest(base64.b64decode(key.secret), signed, hashlib.sha512)
    if headers.get("API-Sign", "") != base64.b64encode(expected).decode():
        return {"error": ["EAPI:Invalid signature"]}
    names = {"read": "query-funds", "trade": "modify-trades", "withdraw": "withdraw-funds"}
    return {
        "error": [],
        "result": {
            "api_key_name": "site",
            "api_key": headers["API-Key"],
            "permissions": [name for may, name in names.items() if may in key.may],
        },
    }


def _binance(venue: Venue, request: web.Request) -> tuple[int, dict[str, Any]]:
    key = venue.keys.get(request.headers.get("X-MBX-APIKEY", ""))
    if key is None:
        return 401, BINANCE_REVOKED
    query, _, signature = request.query_string.rpartition("&signature=")
    if signature != hmac.digest(key.secret.encode(), query.encode(), hashlib.sha256).hex():
        return 400, BINANCE_BAD_SIGNATURE
    if request.path.endswith("/account"):  # says what the account may, not the key
        return 200, {"canTrade": "trade" in key.may, "canWithdraw": True, "permissions": ["SPOT"]}
    return 200, {
        "ipRestrict": False,
        "createTime": 1_623_840_271_000,
        "enableReading": "read" in key.may,
        "enableWithdrawals": "withdraw" in key.may,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": False,
        "enableSpotAndMarginTrading": "trade" in key.may,
    }


def _coinbase(venue: Venue, request: web.Request) -> tuple[int, Any]:
    """Signed with a JWT of ES256 that names the key."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    head, _, rest = token.partition(".")
    claims, _, signature = rest.partition(".")
    key = venue.keys.get(str(_decoded(head).get("kid")))
    if key is None or not _is_of(key, f"{head}.{claims}", signature):
        return 401, "Unauthorized"
    return 200, {
        "can_view": "read" in key.may,
        "can_trade": "trade" in key.may,
        "can_transfer": "withdraw" in key.may,
        "portfolio_uuid": "b87a2f3d-8a1e-49b3-a4ea-402d8c389aca",
        "portfolio_type": "DEFAULT",
    }


def _is_of(key: Key, signed: str, signature: str) -> bool:
    secret = serialization.load_pem_private_key(key.secret.encode(), None)
    assert isinstance(secret, ec.EllipticCurvePrivateKey)
    raw = _bytes(signature)
    pair = utils.encode_dss_signature(*(int.from_bytes(raw[n : n + 32]) for n in (0, 32)))
    try:
        secret.public_key().verify(pair, signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _decoded(part: str) -> dict[str, Any]:
    return dict(json.loads(_bytes(part) or b"{}"))


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
