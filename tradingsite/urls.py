"""Which address is answered by what?"""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from accounts import views as people
from tradingsite import health, pages, violations
from tradingsite.person import views as own

handler400 = "tradingsite.faults.bad_request"
handler403 = "tradingsite.faults.forbidden"
handler404 = "tradingsite.faults.not_found"
handler500 = "tradingsite.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.board, name="board"),
    path("rates/calculator/", pages.calculator, name="calculator"),
    path("rates/sources/", pages.sources, name="rate_sources"),
    path("instruments/", pages.all_instruments, name="instruments"),
    path("instruments/<str:symbol>/", pages.instrument, name="instrument"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", pages.robots, name="robots"),
    path("stop-notice/", pages.stop_notice, name="stop_notice"),
    path("about/", pages.about, name="about"),
    path("terms/", pages.terms, name="terms"),
    path("privacy/", pages.privacy, name="privacy"),
    path("", include("market.urls")),
    path("", include("portfolio.urls")),
    path("accounts/2fa/", people.security),  # allauth's own lists, in our words
    path("accounts/2fa/webauthn/", people.security),
    path(
        "accounts/2fa/recovery-codes/",
        people.show_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(  # the codes are on their page alone, and once
        "accounts/2fa/recovery-codes/download/",
        RedirectView.as_view(pattern_name="mfa_view_recovery_codes"),
    ),
    path("accounts/password/change/", people.change_password, name="account_change_password"),
    path("accounts/", include("allauth.urls")),
    path("settings/data/", own.take_out, name="take_out"),
    path("settings/data/<uuid:export_id>/", own.take_out_state, name="take_out_state"),
    path("settings/data/<uuid:export_id>/file/", own.take_out_file, name="take_out_file"),
    path("settings/data/delete/", pages.leave, name="leave"),
    path("settings/", include("accounts.urls")),
    path("admin/mail/", people.mail, name="staff_mail"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("tradingsite.urls_api")),
    path("csp-reports/", violations.csp_reports),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
