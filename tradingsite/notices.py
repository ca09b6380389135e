"""Where does a message wait for the next page? In a cookie; a long one, in the session."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NoticeCookie(CookieStorage):
    """Django's, under a name that no other host can set."""

    cookie_name = settings.NOTICE_COOKIE


class Notices(FallbackStorage):
    """Django's order: the cookie first."""

    storage_classes = (NoticeCookie, SessionStorage)
