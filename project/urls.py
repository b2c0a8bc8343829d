"""The addresses of the site: the screens, health, the REST API and the admin."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from mqtt_app.admin import ledger
from project.api import not_found, routes
from project.health import healthz, readyz
from project.metrics import metrics
from project.views import shell

SCREENS = ("sites", "devices", "dataloggers", "connections", "topics", "logs", "system", "settings", "help")
"""The first words of the application's addresses; its router in the browser reads the rest."""

urlpatterns = [
    path("", shell),
    re_path(rf"^(?:{'|'.join(SCREENS)})(?:/.*)?$", shell),
    path("login/", LoginView.as_view(template_name="login.html", redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/v1/", routes()),
    re_path(r"^api/(?P<path>.*)$", csrf_exempt(not_found)),
    path("admin/ledger/", admin.site.admin_view(ledger.page), name="ledger"),
    path("admin/", admin.site.urls),
]
