"""One question of permission: which sites may this person see, and do what there?"""

import pytest
from django.contrib.auth.models import AnonymousUser

from sites import access
from sites.models import Gateway, Role, Site
from tests import rows

pytestmark = pytest.mark.django_db

VIEWER, OPERATOR, ADMIN = LADDER = Role.VIEWER, Role.OPERATOR, Role.ADMIN


@pytest.mark.parametrize(
    ("held", "hidden", "may"),
    [
        (None, False, []),
        (VIEWER, False, [VIEWER]),
        (OPERATOR, False, [VIEWER, OPERATOR]),
        (ADMIN, False, [VIEWER, OPERATOR, ADMIN]),
        (VIEWER, True, []),
        (OPERATOR, True, []),
        (ADMIN, True, [VIEWER, OPERATOR, ADMIN]),
    ],
)
def test_a_role_grants_itself_and_what_is_below_and_a_hidden_site_is_for_its_admins(held, hidden, may):
    here, elsewhere = rows.site(is_active=not hidden), rows.site("elsewhere")
    user = rows.person("ada", held, here)
    assert [role for role in LADDER if access.for_user(user, role).filter(pk=here.pk).exists()] == may
    assert not access.for_user(user).filter(pk=elsewhere.pk).exists()


def test_a_superuser_sees_every_site_and_the_inactive_and_anonymous_none():
    here = rows.site(is_active=False)
    assert list(access.for_user(rows.person("root", is_superuser=True), ADMIN)) == [here]
    assert not access.for_user(rows.person("gone", ADMIN, here, is_active=False)).exists()
    assert not access.for_user(rows.person("gone root", is_superuser=True, is_active=False)).exists()
    assert not access.for_user(AnonymousUser()).exists()


def test_rows_are_visible_where_their_site_is():
    here, elsewhere = rows.site(), rows.site("elsewhere")
    mine = Gateway.objects.create(site=here, serial="g")
    Gateway.objects.create(site=elsewhere, serial="g")
    user = rows.person("ada", VIEWER, here)
    assert list(access.visible(Gateway.objects.all(), user)) == [mine]
    assert list(access.visible(Site.objects.all(), user, "pk")) == [here]
    assert not access.visible(Gateway.objects.all(), user, at_least=OPERATOR).exists()
    assert not access.visible(Gateway.objects.all(), AnonymousUser()).exists()
