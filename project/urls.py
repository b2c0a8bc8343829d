"""The addresses of the site: the screens, health, the REST API and the admin."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from mqtt_app.admin import ledger
from project.api import not_found, routes
from project.health import healthz, readyz
from project.metrics import metrics
from project.second_factor import SignIn, page, to_sign_in
from project.views import Welcome, shell

admin.autodiscover()

SCREENS = (
    "sites",
    "devices",
    "dataloggers",
    "connections",
    "topics",
    "logs",
    "parsers",
    "notices",
    "system",
    "settings",
    "help",
)
"""The first words of the application's addresses; its router in the browser reads the rest."""

urlpatterns = [
    path("", shell),
    re_path(rf"^(?:{'|'.join(SCREENS)})(?:/.*)?$", shell),
    path("login/", SignIn.as_view(), name="login"),
    path("welcome/<uidb64>/<token>/", Welcome.as_view(), name="welcome"),
    path("second-factor/", page, name="second_factor"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", routes()),
    re_path(r"^api/(?P<path>.*)$", csrf_exempt(not_found)),
    path("admin/login/", to_sign_in),
    path("admin/ledger/", admin.site.admin_view(ledger.page), name="ledger"),
    path("admin/", admin.site.urls),
]
