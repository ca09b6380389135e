"""What the worker does for money: prove the books, forget the quotes nobody took."""

from celery import shared_task

from market import quant
from portfolio import conversion_quotes, proofs, seal_check, seals


@shared_task(name="portfolio.check_books")
def check_books() -> bool:
    """Whether the books hold."""
    return not proofs.prove().broken


@shared_task(name="portfolio.forget_quotes")
def forget_quotes() -> int:
    """How many quotes of the last months were deleted because nobody took them."""
    return conversion_quotes.forget_old()


@shared_task(name="portfolio.seal")
def seal() -> int:
    """How many seals were put under new rows of the trail and the journal."""
    return seals.seal()


@shared_task(name="portfolio.check_audit")
def check_audit() -> bool:
    """Whether everything is as it was sealed."""
    return seal_check.check().holds


@shared_task(name="portfolio.quant.export_audit")
def export_audit() -> int:
    """How many files of sealed rows were copied to the lake."""
    return int(quant.call("portfolio.seal_export:export"))
