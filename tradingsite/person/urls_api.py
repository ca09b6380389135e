"""Addresses below `/api/v1/me/` that reach through several rooms."""

from django.urls import path

from tradingsite.person import api

urlpatterns = [
    path("me/freeze/", api.Freeze.as_view()),
    path("me/unfreeze/", api.Unfreeze.as_view()),
    path("me/exports/", api.Exports.as_view()),
    path("me/exports/<uuid:export_id>/", api.OneExport.as_view()),
    path("me/exports/<uuid:export_id>/file/", api.ExportFile.as_view()),
    path("me/delete/", api.Delete.as_view()),
]
