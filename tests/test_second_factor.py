"""The second factor: a code beside the password, for who has set it up, and for all staff where it is required."""

import importlib
import io
import re
import time
from base64 import b32decode

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django_otp.oath import TOTP

from sites.models import AuditEntry, AuthenticatorApp
from tests import rows

pytestmark = pytest.mark.django_db

PASSWORD = "Plaster-of-Paris-7"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password=PASSWORD, is_staff=True, is_superuser=True)


def code(drift: int = 0) -> str:
    """What the app shows. drift: so many half minutes later, since each code is good once."""
    device = AuthenticatorApp.objects.get()
    totp = TOTP(b32decode(device.key))
    totp.time = time.time() + 30 * drift
    return f"{totp.token():06}"


def sign_in(**fields: str) -> HttpResponse:
    return Client().post("/login/", {"username": "ada", "password": PASSWORD, **fields})


def set_up(client: Client) -> list[str]:
    """Returns the backup codes."""
    client.get("/second-factor/")
    page = client.post("/second-factor/", {"code": code(), "password": PASSWORD}).text
    assert "It is set up" in page
    return re.search(r"<pre>(.*?)</pre>", page, re.DOTALL)[1].split()  # type: ignore[index]


def forgive() -> None:
    """The time that a wrong code must wait has passed."""
    AuthenticatorApp.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def test_without_one_the_password_is_enough(ada: User) -> None:
    assert sign_in().status_code == 302


def test_it_is_set_up_with_picture_or_key_code_and_password(ada: User) -> None:
    client = rows.browser(ada)
    page = client.get("/second-factor/").text
    assert "data:image/svg+xml" in page
    key = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert key
    assert "password is not right" in client.post("/second-factor/", {"code": code(), "password": "x"}).text
    assert "code is not right" in client.post("/second-factor/", {"code": "000000", "password": PASSWORD}).text
    assert not AuthenticatorApp.objects.filter(confirmed=True).exists()
    forgive()
    set_up(client)
    assert key[1] not in client.get("/second-factor/").text
    entries = AuditEntry.objects.filter(kind="second factor").order_by("id").values_list("action", "actor")
    assert list(entries) == [("create", "ada"), ("change", "ada")]


def test_guessing_the_password_there_locks_as_at_the_sign_in(ada: User) -> None:
    """Whoever finds a session open could try passwords otherwise, as many as they like."""
    client = rows.browser(ada)
    client.get("/second-factor/")
    tries = [client.post("/second-factor/", {"code": code(), "password": f"wrong-{n}"}).status_code for n in range(10)]
    assert tries == [200] * 9 + [429]
    assert client.post("/second-factor/", {"code": code(), "password": PASSWORD}).status_code == 429
    assert sign_in().status_code == 429
    assert not AuthenticatorApp.objects.filter(confirmed=True).exists()


def test_then_the_password_alone_opens_nothing(ada: User) -> None:
    set_up(rows.browser(ada))
    refused = sign_in()
    assert "Give the code" in refused.text
    assert "sessionid" not in refused.cookies
    assert "not right" in sign_in(code="123456").text
    forgive()
    assert sign_in(code=f" {code(1)[:3]} {code(1)[3:]} ").status_code == 302


def test_a_code_is_good_once(ada: User) -> None:
    set_up(rows.browser(ada))
    one = code(1)
    assert sign_in(code=one).status_code == 302
    assert sign_in(code=one).status_code == 200


def test_after_a_wrong_code_even_the_right_one_must_wait(ada: User) -> None:
    set_up(rows.browser(ada))
    sign_in(code="123456")
    assert AuthenticatorApp.objects.get().throttling_failure_count == 1
    AuthenticatorApp.objects.update(throttling_failure_count=8)  # each doubles the wait: two minutes
    assert sign_in(code=code(1)).status_code == 200
    forgive()
    assert sign_in(code=code(1)).status_code == 302


def test_a_backup_code_opens_once_without_the_app(ada: User) -> None:
    codes = set_up(rows.browser(ada))
    assert len(set(codes)) == 10
    assert sign_in(code=codes[3]).status_code == 302
    assert sign_in(code=codes[3]).status_code == 200


def test_a_wrong_password_says_nothing_of_the_code(ada: User) -> None:
    set_up(rows.browser(ada))
    assert "do not match" in sign_in(password="wrong", code=code(1)).text


def test_it_is_taken_away_with_password_and_code_only(ada: User) -> None:
    client = rows.browser(ada)
    set_up(client)
    client.post("/second-factor/", {"code": code(1), "password": "x"})
    client.post("/second-factor/", {"code": "123456", "password": PASSWORD})
    assert AuthenticatorApp.objects.exists()
    forgive()
    client.post("/second-factor/", {"code": code(1), "password": PASSWORD})
    assert not AuthenticatorApp.objects.filter(confirmed=True).exists()
    assert sign_in().status_code == 302


def test_where_it_is_required_staff_do_nothing_before_they_have_given_a_code(ada: User, settings: LazySettings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    assert client.get("/admin/")["Location"] == "/second-factor/"
    refused = client.get("/api/v1/sites/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "second_factor_needed")
    set_up(client)
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/v1/sites/").status_code == 200
    assert rows.program(ada).get("/api/v1/sites/").status_code == 200
    plain = rows.browser(rows.person("eve"))
    assert plain.get("/api/v1/sites/").status_code == 200


def test_the_admin_sends_strangers_to_the_one_sign_in_and_shows_no_key(ada: User) -> None:
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"
    client = rows.browser(ada)
    set_up(client)
    device = AuthenticatorApp.objects.get()
    page = client.get(f"/admin/sites/authenticatorapp/{device.pk}/change/").text
    assert "ada" in page
    assert device.key not in page
    assert not [code for code in device.backup_codes.split() if code in page]
    eve = rows.browser(rows.person("eve"))
    assert eve.get("/admin/", follow=True).status_code == 403


def stored() -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT key, backup_codes FROM sites_authenticatorapp")
        return " ".join(cursor.fetchone())


def test_the_database_holds_neither_key_nor_backup_codes_to_read(ada: User) -> None:
    codes = set_up(rows.browser(ada))
    key = AuthenticatorApp.objects.get().key
    assert not [secret for secret in (key, b32decode(key).hex(), *codes) if secret in stored()]


def test_the_key_ring_can_be_changed_beneath_it(ada: User, settings: LazySettings) -> None:
    codes = set_up(rows.browser(ada))
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    call_command("rotate_field_keys", stdout=io.StringIO())
    settings.FIELD_KEYS = [new]
    assert sign_in(code=code(1)).status_code == 302
    assert sign_in(code=codes[0]).status_code == 302


def test_with_its_key_lost_nobody_gets_in_and_a_superuser_can_delete_it(ada: User, settings: LazySettings) -> None:
    set_up(rows.browser(ada))
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    refused = sign_in(code="123456")
    assert "cannot be read any more" in refused.text
    assert "sessionid" not in refused.cookies
    root = rows.browser(rows.person("root", is_superuser=True, is_staff=True))
    page = f"/admin/sites/authenticatorapp/{AuthenticatorApp.objects.defer('key', 'backup_codes').get().pk}/"
    assert root.get(page + "change/").status_code == 200
    assert root.post(page + "delete/", {"post": "yes"}).status_code == 302
    assert sign_in().status_code == 302


def test_signing_in_leaves_no_entry_that_the_second_factor_was_changed(ada: User) -> None:
    set_up(rows.browser(ada))
    before = AuditEntry.objects.filter(kind="second factor").count()
    sign_in(code=code(1))
    sign_in(code="123456")
    assert AuditEntry.objects.filter(kind="second factor").count() == before


OLD_TABLES = """
CREATE TABLE otp_totp_totpdevice (user_id int, name text, confirmed bool, key text, drift int, last_t bigint);
CREATE TABLE otp_static_staticdevice (id int, user_id int, confirmed bool);
CREATE TABLE otp_static_statictoken (device_id int, token text);
INSERT INTO otp_totp_totpdevice VALUES (%(user)s, 'app', true, %(key)s, 0, 7);
INSERT INTO otp_static_staticdevice VALUES (1, %(user)s, true);
INSERT INTO otp_static_statictoken VALUES (1, 'abcdefgx'), (1, 'hijklmnx');
"""


def test_second_factors_from_before_they_were_encrypted_still_open_and_can_be_read_no_more(ada: User) -> None:
    migration = importlib.import_module("sites.migrations.0004_authenticator_app")
    with database.cursor() as cursor:
        cursor.execute(OLD_TABLES, {"user": ada.pk, "key": (b"k" * 20).hex()})
    with database.schema_editor() as editor:
        migration.move(apps, editor)
        migration.move(apps, editor)  # where there is nothing to move
    assert not set(migration.TABLES) & set(database.introspection.table_names())
    app = AuthenticatorApp.objects.get()
    assert (b32decode(app.key), app.last_t) == (b"k" * 20, 7)
    assert sign_in(code="hijklmnx").status_code == 302
    assert sign_in(code=code(1)).status_code == 302
