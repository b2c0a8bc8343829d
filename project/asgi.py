"""HTTP and WebSocket in one ASGI application: what `uvicorn project.asgi:application` serves."""

import os
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
# Here every request has a thread of its own: a connection kept open for the next one would be kept for nobody.
settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
http = get_asgi_application()  # loads the apps: our own modules are imported after it

from mqtt_app import checks  # noqa: E402
from mqtt_app.browsers.feed import Feed  # noqa: E402
from mqtt_app.browsers.watchman import Ask, no_listener_since  # noqa: E402
from mqtt_app.consumers import StatusConsumer  # noqa: E402
from project import build, sentry  # noqa: E402


async def nowhere(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
    """There is no such socket: refused before it opens (HTTP 403), as one that a visitor may not hear."""
    await send({"type": "websocket.close"})


def websocket(ask: Ask = no_listener_since, **settings: Any) -> Any:
    """The socket's application. A browser's Origin must be one of ALLOWED_HOSTS; a program's token needs none.

    ask: since when there can be no news, as far as the database knows.
    """
    consumer = StatusConsumer.as_asgi(feed=Feed(ask), build=build.name(), **settings)
    socket = CookieMiddleware(URLRouter([path("ws/mqtt/status/", consumer), re_path("", cast("Any", nowhere))]))
    for_browsers = AllowedHostsOriginValidator(socket)

    async def door(scope: Any, receive: Any, send: Any) -> None:
        # Browsers cannot set this header on a socket, so a foreign page cannot make one with it.
        has_token = any(name == b"authorization" for name, _ in scope["headers"])
        await (socket if has_token else for_browsers)(scope, receive, send)

    return door


checks.demand_keys()
sentry.start()
application = ProtocolTypeRouter({"http": http, "websocket": websocket()})
