"""The API with its errors in its own description: every operation may answer with one, all in the same shape."""

from typing import Any

from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema


class ErrorDetail(Schema):
    """What is wrong. fields: by name, what is wrong with each. deletes: what would go, by kind."""

    code: str
    message: str
    fields: dict[str, str] = {}
    deletes: dict[str, int] = {}


class ErrorOut(Schema):
    """The one shape of every error."""

    error: ErrorDetail


class Api(NinjaAPI):
    """The framework describes successes only, and takes what has a default for what may be missing in an answer."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        complete(document)
        template = "#/components/schemas/{model}"
        shape = ErrorOut.model_json_schema(ref_template=template)
        document["components"]["schemas"] |= {**shape.pop("$defs"), "ErrorOut": shape}
        content = {"application/json": {"schema": {"$ref": template.format(model="ErrorOut")}}}
        answers = {
            "4XX": {"description": "It is not carried out; the error says why.", "content": content},
            "503": {"description": "The question took too long, or the database is away for now.", "content": content},
        }
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"] |= answers
        return document


def complete(document: dict[str, Any]) -> None:
    """In what is only ever an answer, a field with a default is always there."""
    schemas = document["components"]["schemas"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    answers = _reached([operation["responses"] for operation in operations], schemas)
    asked = [[operation.get("requestBody"), operation.get("parameters")] for operation in operations]
    for name in answers - _reached(asked, schemas):
        properties = schemas[name].get("properties", {})
        always = {
            *schemas[name].get("required", ()),
            *(key for key, value in properties.items() if _has_default(value)),
        }
        if always:
            schemas[name]["required"] = [key for key in properties if key in always]


def _has_default(field: dict[str, Any]) -> bool:
    """A default of null is not written down: it shows in that null is possible."""
    return "default" in field or {"type": "null"} in field.get("anyOf", ())


def _reached(part: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of all schemas that `part` refers to, also by way of others."""
    found: set[str] = set()
    todo = [part]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in found:
                found.add(name)
                todo.append(schemas[name])
            todo += one.values()
        elif isinstance(one, list):
            todo += one
    return found
