"""Who plays in the tests? Alice is rich, Bob poor, Charlie a stranger; Dana and Erin are staff."""

from decimal import Decimal

from accounts.models import User
from core.money import Money
from portfolio import ledger, trading_accounts
from portfolio.models import Mode, TradingAccount

PASSWORD = "correct horse battery staple"
RICHES = {"USD": "990000", "EUR": "500000.00", "JPY": "100000000", "CHF": "50000.00", "BTC": "5"}
BOB_HAS = Decimal(10)


def alice() -> User:
    """Has a virtual account with plenty of five currencies (`account_of`)."""
    user = person("alice")
    account = trading_accounts.ensure_virtual(user=user)
    for currency, amount in RICHES.items():
        give(account, amount, currency)
    return user


def bob() -> User:
    """Has a virtual account with 10.00 USD in it."""
    user = person("bob")
    account = trading_accounts.ensure_virtual(user=user)
    give(account, f"{BOB_HAS - 10_000}", "USD")
    return user


def charlie() -> User:
    """Has signed up and nothing more: one account with its grant."""
    user = person("charlie")
    trading_accounts.ensure_virtual(user=user)
    return user


def dana() -> User:
    """Is staff, and administrator."""
    user = person("dana")
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


def erin() -> User:
    """Is staff and no administrator: support."""
    user = person("erin")
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


def person(name: str) -> User:
    """A person with an e-mail address and the cast's password, and no account yet."""
    return User.objects.create_user(name, f"{name}@example.org", PASSWORD)


def account_of(user: User) -> TradingAccount:
    """The person's oldest open account."""
    account = trading_accounts.of(user).first()
    assert account is not None
    return account


def give(account: TradingAccount, amount: str, currency: str, *, key: str = "") -> ledger.Posted:
    """Money out of nowhere (the house's equity); a negative amount takes it away."""
    money = Money(Decimal(amount), currency)
    legs = (
        ledger.Leg(ledger.Kind.EQUITY, Money(-money.amount, currency)),
        ledger.Leg(ledger.Kind.AVAILABLE, money),
    )
    key = key or f"gift:{account.pk}:{currency}:{amount}"
    return ledger.post(ledger.Draft(account.pk, "grant", legs, key), mode=Mode(account.mode))
