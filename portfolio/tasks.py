"""What the worker does for money: prove the books, forget the quotes nobody took."""

from celery import shared_task

from portfolio import conversion_quotes, proofs


@shared_task(name="portfolio.check_books")
def check_books() -> bool:
    """Whether the books hold."""
    return not proofs.prove().broken


@shared_task(name="portfolio.forget_quotes")
def forget_quotes() -> int:
    """How many quotes of the last months were deleted because nobody took them."""
    return conversion_quotes.forget_old()
