"""The API with its errors in its own description: every operation may answer with one, all in the same shape."""

from typing import Any

from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema


class Problem(Schema):
    """What is wrong. fields: by name, what is wrong with each. deletes: what would go, by kind."""

    code: str
    message: str
    fields: dict[str, str] = {}
    deletes: dict[str, int] = {}


class ErrorOut(Schema):
    """The one shape of every error."""

    error: Problem


class Api(NinjaAPI):
    """The framework describes successes only."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        template = "#/components/schemas/{model}"
        shape = ErrorOut.model_json_schema(ref_template=template)
        document["components"]["schemas"] |= {**shape.pop("$defs"), "ErrorOut": shape}
        content = {"application/json": {"schema": {"$ref": template.format(model="ErrorOut")}}}
        answers = {
            "4XX": {"description": "It is not carried out; the error says why.", "content": content},
            "503": {"description": "The question took too long; ask for less.", "content": content},
        }
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"] |= answers
        return document
