"""What the worker does for money: prove the books, forget quotes nobody took, test keys."""

import structlog
from celery import shared_task

from core.errors import Broken
from market import locks, quant
from portfolio import conversion_quotes, credentials, proofs, seal_proofs, seals, venue_check
from portfolio.credentials import Finding, Verdict

PROVING_S = 600  # a proof that died is forgotten after so long

log = structlog.get_logger("portfolio.tasks")


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
    return seal_proofs.prove().holds


@shared_task(name="portfolio.prove_forgotten")
def prove_forgotten() -> None:
    """Prove the books and the seals where Redis, which forgets, remembers no verdict."""
    with locks.alone("portfolio:proving", forgotten_s=PROVING_S) as alone:
        if alone:
            proofs.prove_forgotten()
            seal_proofs.prove_forgotten()


@shared_task(name="portfolio.quant.export_audit")
def export_audit() -> int:
    """How many files of sealed rows were copied to the lake."""
    try:
        made = int(quant.call("portfolio.seal_export:export"))
    except Broken as error:  # a copied seal is missing, or the store refuses
        seal_proofs.note_copies(str(error))
        raise
    seal_proofs.note_copies("")
    return made


@shared_task(name=credentials.TEST)
def test_key(pk: int) -> None:
    """Ask the venue about the key of that row, and keep what it says."""
    key = credentials.opened(pk)
    if key is None:
        return
    try:
        finding = venue_check.check(key)
    except Exception as error:  # noqa: BLE001 - a library's error may quote the key it choked on
        log.warning("exchange key not tested", row=pk, error=type(error).__name__)
        finding = Finding(Verdict.UNKNOWN, "The key could not be tested. Try again later.")
    credentials.learn(pk, finding)
