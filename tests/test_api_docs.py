"""What the API says about itself is so."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.db.models import TextChoices

from mqtt_app.models import ParsingGroup
from project.api import api
from tests import rows

REST = Path(__file__).parent.parent / "docs/rest.md"


def paths() -> set[str]:
    return {path.removeprefix("/api/v1/") for path in api.get_openapi_schema(path_prefix="/api/v1/")["paths"]}


def test_the_table_of_paths_is_the_openapi_documents():
    listed = {
        path
        for line in REST.read_text().splitlines()
        if line.startswith("| `")
        for path in re.findall(r"`([^`]+)`", line.split("|")[1])
    }
    assert listed == paths()


def test_a_path_ends_with_a_slash_except_a_charts():
    assert {path for path in paths() if not path.endswith("/")} == {"sensors/{sensor_id}/readings"}


@pytest.mark.django_db
def test_the_openapi_document_is_version_3_1_and_needs_no_sign_in(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Fieldledger"
    assert set(document["components"]["securitySchemes"]) == {"Bearer", "Session"}


@pytest.mark.django_db
def test_the_docs_page_loads_nothing_from_elsewhere(client):
    page = client.get("/api/v1/docs").content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any(source.endswith("swagger-ui-bundle.js") for source in sources)
    for source in sources:
        assert source.startswith("/static/"), source
        assert client.get(source).status_code == 200, source


@pytest.mark.django_db
def test_every_operation_says_in_words_what_it_does():
    for path in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].values():
        for operation in path.values():
            assert len(operation["summary"]) > 5
            assert operation["tags"]


@pytest.mark.django_db
def test_an_error_names_its_reason_in_the_shape_the_page_promises(client):
    error = rows.browser(rows.person("ada")).get("/api/v1/sites/1/").json()
    assert error == {"error": {"code": "not_found", "message": "There is no such site, or you may not see it."}}


def test_words_of_one_name_are_told_apart_in_the_description() -> None:
    """Two enumerations of one name would become one, and one of the two fields would be described wrongly."""
    shapes = api.get_openapi_schema()["components"]["schemas"]
    names = Counter(each.__name__ for each in TextChoices.__subclasses__() if each.__module__ != "django.db.models")
    assert [name for name, count in names.items() if count > 1 and name in shapes] == []
    assert shapes["Handling"]["enum"] == ParsingGroup.Handling.values
