"""The person's addresses below `/settings/`."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="settings_profile"), name="settings"),
    path("profile/", views.profile, name="settings_profile"),
    path("preferences/", views.change_preferences, name="settings_preferences"),
    path("security/", views.security, name="settings_security"),
    path("security/sessions/end-others/", views.end_other_sessions, name="end_other_sessions"),
    path("security/sessions/<int:place_id>/end/", views.end_session, name="end_session"),
    path("tokens/", views.manage_tokens, name="settings_tokens"),
    path("tokens/<uuid:public_id>/revoke/", views.revoke_token, name="revoke_token"),
]
