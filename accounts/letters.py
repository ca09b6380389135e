"""What do we write to people, and how does it leave?

A letter is one text template in `templates/mail/`: its first line is the subject, paragraphs are
parted by empty lines, and a paragraph of two lines, words and an address, is a button in HTML.
"""

import logging
import re
from dataclasses import dataclass
from smtplib import SMTPException
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

log = logging.getLogger(__name__)
BUTTON = re.compile(r"(?P<words>[^\n]+):\n(?P<address>https?://\S+)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words, with the address they lead to where it is a button."""

    words: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to go; plain values, so that it can be handed to the worker."""

    to: str
    subject: str
    text: str
    html: str


def write(name: str, *, to: str, **values: Any) -> Letter:
    """The letter `templates/mail/<name>.txt` with these values, as text and as HTML."""
    known = {key: _one_line(value) for key, value in values.items()}
    known |= {"public_url": settings.PUBLIC_URL, "to": to}
    head, _, body = render_to_string(f"mail/{name}.txt", known).strip().partition("\n")
    subject, body = _one_line(head), body.strip()
    paragraphs = [_paragraph(part) for part in re.split(r"\n{2,}", body)]
    frame = {"subject": subject, "paragraphs": paragraphs, "public_url": settings.PUBLIC_URL}
    return Letter(to, subject, body + "\n", render_to_string("mail/letter.html", frame))


def send(letter: Letter) -> None:
    """Let the letter leave: written as a file at once, or by the worker where a server is named.

    The worker tries again when the mail server is away; a person never waits for one.
    """
    if settings.EMAIL_URL:
        fields = {name: getattr(letter, name) for name in Letter.__dataclass_fields__}
        current_app.send_task("accounts.deliver", kwargs=fields)
        return
    try:
        deliver(letter)
    except (OSError, SMTPException):
        log.exception("a letter could not be written")


def deliver(letter: Letter) -> None:
    """Hand the letter to the mail backend; raises what that raises."""
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[letter.to])
    message.attach_alternative(letter.html, "text/html")
    message.send()


def _paragraph(part: str) -> Paragraph:
    button = BUTTON.fullmatch(part)
    if button:
        return Paragraph(button["words"], button["address"])
    return Paragraph(_one_line(part))


def _one_line(value: Any) -> Any:
    """Text without line breaks or control characters, so that no name writes headers or lines."""
    if not isinstance(value, str):
        return value
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u2028\u2029]", " ", value).split())
