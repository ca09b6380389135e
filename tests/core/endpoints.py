"""Toy endpoints, so that the API's frame is tested without any app's."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import MoneyThrottle, idempotency_key, request_hash
from core.errors import Code, Refused, Retryable
from tradingsite import urls


class Echo(APIView):
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response(
            {
                "body": request.data,
                "key": idempotency_key(request, required="keyed" in request.path),
                "hash": request_hash(request),
            }
        )


class Failing(APIView):
    permission_classes = [AllowAny]
    throttle_classes: list[Any] = []
    faults = {
        "refused": Refused(Code.INSUFFICIENT_FUNDS, "Not enough.", have="1.00"),
        "later": Retryable("The other side asks us to wait.", wait_s=7),
        "crash": RuntimeError("postgresql://site_app:canary@db/site"),
    }

    def get(self, request: Request, fault: str) -> Response:
        raise self.faults[fault]


class Private(APIView):
    throttle_classes = [MoneyThrottle]

    def get(self, request: Request) -> Response:
        return Response({})

    post = get


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("canary")


urlpatterns = [
    path("api/v1/echo/", Echo.as_view()),
    path("api/v1/keyed/", Echo.as_view()),
    path(
        "api/v1/limited/", Echo.as_view(throttle_classes=Echo().settings.DEFAULT_THROTTLE_CLASSES)
    ),
    path("api/v1/failing/<fault>/", Failing.as_view()),
    path("api/v1/private/", Private.as_view()),
    path("api/v1/plain-crash/", crash),
    path("page/", crash),
    *urls.urlpatterns,  # error pages link to the others
]
