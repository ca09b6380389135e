"""What does the worker do for people? It sends letters until they are taken, and tidies up."""

from celery import shared_task

from accounts import letters, mailbox, sessions, takeouts


@shared_task(
    name="accounts.deliver",
    autoretry_for=(Exception,),
    retry_backoff=5,
    retry_backoff_max=600,
    max_retries=12,
)
def deliver(to: str, subject: str, text: str, html: str) -> None:
    """Send one letter; tried again for about two hours while the mail server refuses or is away."""
    letters.deliver(letters.Letter(to, subject, text, html))


@shared_task(name="accounts.forget_sessions")
def forget_sessions() -> int:
    """End sessions nobody uses, and delete those that have run out."""
    return sessions.end_unused() + sessions.forget_ended()


@shared_task(name="accounts.forget_takeouts")
def forget_takeouts() -> int:
    """Delete files of people's data that were kept long enough."""
    return takeouts.forget_old()


@shared_task(name="accounts.forget_letters")
def forget_letters() -> int:
    """Delete letters in the data folder that lay there long enough."""
    return mailbox.forget_old()
