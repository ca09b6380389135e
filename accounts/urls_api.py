"""The person's addresses below `/api/v1/`."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("me/", api.Me.as_view()),
    path("me/favourites/<str:code>/", api.OneFavourite.as_view()),
    path("tokens/", api.Tokens.as_view()),
    path("tokens/<uuid:public_id>/", api.OneToken.as_view()),
]
