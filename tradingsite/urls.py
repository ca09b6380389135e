"""Which address is answered by what?"""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from tradingsite import health, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.board, name="board"),
    path("robots.txt", pages.robots, name="robots"),
    path("about/", pages.about, name="about"),
    path("terms/", pages.terms, name="terms"),
    path("privacy/", pages.privacy, name="privacy"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("tradingsite.urls_api")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
