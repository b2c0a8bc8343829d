"""The plain page at /: one shell, filled by its script over REST and the WebSocket."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    response = render(request, "page.html")
    response["Content-Security-Policy"] = POLICY
    return response
