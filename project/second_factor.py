"""The second factor: a code from an app beside the password, set up on a page of its own, asked for at the sign-in."""

from base64 import b32encode
from collections.abc import Callable
from secrets import token_bytes
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from project.api import answer
from project.views import POLICY
from sites import audit
from sites.fields import Undecryptable
from sites.models import AuthenticatorApp
from sites.rest import Refused

PROVED = "second_factor"
"""Set in the session of who gave a code."""

BACKUP_CODES = 10
CODE_WANTED = "code_wanted"
LOST = "The key of your second factor cannot be read any more. Ask a superuser to delete it in the admin."
EXEMPT = ("/second-factor/", "/login/", "/logout/", "/static/", "/healthz", "/readyz", "/metrics")


def has_device(user: User) -> bool:
    return bool(AuthenticatorApp.objects.filter(user=user, confirmed=True).exists())


def matches(user: User, code: str) -> bool:
    """Whether this is the present code of the user's app, or a backup code, which is then spent.

    After a wrong one each further try must wait longer. Raises Undecryptable.
    """
    with transaction.atomic():
        apps = AuthenticatorApp.objects.devices_for_user(user, confirmed=True).select_for_update(of=("self",))
        return any(app.verify_token(code) for app in apps)


class SignInForm(AuthenticationForm):
    """Name and password; and a code, for who has set one up."""

    code = forms.CharField(required=False, max_length=32)

    def confirm_login_allowed(self, user: Any) -> None:
        """Called when the password is right."""
        super().confirm_login_allowed(user)
        self.is_proved = False
        if not has_device(user):
            return
        code = "".join((self.data.get("code") or "").split())
        try:
            is_right = bool(code) and matches(user, code)
        except Undecryptable as error:
            raise ValidationError(LOST, code=CODE_WANTED) from error
        if not is_right:
            words = "The code is not right, or was used already." if code else "Give the code from your app, too."
            raise ValidationError(words, code=CODE_WANTED)
        self.is_proved = True


class SignIn(LoginView):
    template_name = "login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        login(self.request, form.get_user())
        self.request.session[PROVED] = form.is_proved
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        errors = context["form"].non_field_errors().as_data()
        wanted = [error for error in errors if error.code == CODE_WANTED]
        return context | {"code_wanted": wanted[0].messages[0] if wanted else ""}


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's own sign-in page would ask for no code. Who is signed in and sent here is not staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(f"/login/?{request.GET.urlencode()}")


class Required:
    """Middleware, where REQUIRE_SECOND_FACTOR is set: staff go nowhere before they have given a code."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.REQUIRE_SECOND_FACTOR or request.path.startswith(EXEMPT) or "Authorization" in request.headers:
            return self._answer(request)
        user = request.user
        if not (user.is_authenticated and (user.is_staff or user.is_superuser)) or request.session.get(PROVED):
            return self._answer(request)
        if request.path.startswith("/api/"):
            words = "Staff need a second factor here: set it up at /second-factor/, and sign in with it."
            return answer(request, Refused(403, "second_factor_needed", words))
        return redirect("/second-factor/")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Set it up, or take it away. Either needs the password: an open session alone shall not lock its owner out."""
    user = request.user
    assert isinstance(user, User)
    context = _changed(request, user) if request.method == "POST" else {}
    if not has_device(user):
        audit.speak_for(user, "session")  # looking makes the app that waits, and is no change for the middleware
        try:
            device = _waiting(user)
        finally:
            audit.be_silent()
        context |= {
            "picture": segno.make(device.uri, error="m").svg_data_uri(scale=4, border=2),
            "key": device.key,  # for who cannot take the picture
        }
    response = render(request, "second_factor.html", context | {"has_device": has_device(user)})
    response["Content-Security-Policy"] = POLICY
    return response


def _waiting(user: User) -> AuthenticatorApp:
    """The app that is set up when its first code arrives. One whose key is lost makes room for another."""
    device: AuthenticatorApp
    try:
        device, _ = AuthenticatorApp.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})
    except Undecryptable:
        AuthenticatorApp.objects.filter(user=user, confirmed=False).delete()
        device = AuthenticatorApp.objects.create(user=user, confirmed=False, name="app")
    return device


def _changed(request: HttpRequest, user: User) -> dict[str, Any]:
    code = "".join(request.POST.get("code", "").split())
    # As at the sign-in, guessing is counted and locked: an open session is no place to try passwords.
    if authenticate(request, username=user.get_username(), password=request.POST.get("password", "")) is None:
        return {"problem": "The password is not right."}
    if has_device(user):
        try:
            is_right = matches(user, code)
        except Undecryptable:
            return {"problem": LOST}
        if not is_right:
            return {"problem": "The code is not right, or was used already."}
        AuthenticatorApp.objects.filter(user=user).delete()
        request.session[PROVED] = False
        return {}
    device = _waiting(user)
    if not device.verify_token(code):
        return {"problem": "The code is not right. Is the clock of your device?"}
    codes = [b32encode(token_bytes(5)).decode().lower() + "x" for _ in range(BACKUP_CODES)]  # never digits alone
    device.confirmed, device.backup_codes = True, " ".join(codes)
    device.save(update_fields=["confirmed", "backup_codes"])
    request.session[PROVED] = True
    return {"codes": codes}
