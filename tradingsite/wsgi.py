"""The pages process: the same project under a WSGI server, granian."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from core import metrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

application = get_wsgi_application()
metrics.keep_sharing()
if settings.SECURE and settings.TRUSTED_PROXIES:  # who else forwards is not believed
    application = wrap_wsgi_with_proxy_headers(application, settings.TRUSTED_PROXIES)
