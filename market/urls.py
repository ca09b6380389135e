"""The market's pages that know nobody: read by everybody alike."""

from django.urls import path

from market import views

urlpatterns = [
    path("news/", views.news, name="news"),
    path("coins/", views.coins, name="coins"),
]
