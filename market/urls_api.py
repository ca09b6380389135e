"""The market's addresses below `/api/v1/`."""

from django.urls import path

from market import api
from market.charts import api as charts
from market.news import api as news
from market.studies import api as studies

urlpatterns = [
    path("currencies/", api.Currencies.as_view()),
    path("sources/", api.Sources.as_view()),
    path("candles/", charts.Candles.as_view()),
    path("indicators/", studies.Indicators.as_view()),
    path("signals/", studies.Signals.as_view()),
    path("quotes/", api.Quotes.as_view()),
    path("news/", news.News.as_view()),
    path("top-coins/", api.TopCoins.as_view()),
    path("instruments/", api.Instruments.as_view()),
    path("instruments/<path:symbol>/", api.OneInstrument.as_view()),
]
