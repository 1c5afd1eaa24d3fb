"""The JSON API under /api/v1, its description and the pages that explain it."""

from __future__ import annotations

from flask import Flask, current_app, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api

from service.api import (
    audit,
    batches,
    bulk,
    changes,
    checking,
    claims,
    comments,
    deliveries,
    described,
    documents,
    events,
    explained,
    exports,
    filters,
    health,
    keys,
    limits,
    live_changes,
    people,
    problems,
    record_json_schema,
    reviews,
    schema_files,
    search,
    signing_keys,
    sparse,
    statistics,
    waiting,
    webhooks,
    worklist,
)
from service.api.input import check_query

RESOURCES = (
    documents.blueprint,
    batches.blueprint,
    events.blueprint,
    search.blueprint,
    worklist.blueprint,
    filters.blueprint,
    bulk.blueprint,
    claims.blueprint,
    reviews.blueprint,
    checking.blueprint,
    comments.blueprint,
    people.blueprint,
    keys.blueprint,
    exports.blueprint,
    schema_files.blueprint,
    signing_keys.blueprint,
    changes.blueprint,
    live_changes.blueprint,
    webhooks.blueprint,
    deliveries.blueprint,
    statistics.blueprint,
    audit.blueprint,
)

CONFIGURATION = {
    "API_TITLE": "Legation",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}
# Read without a key: they tell what the service is like, and nothing of what is in it.
PUBLIC = (
    "/api/v1/openapi.json",
    "/api/v1/schemas",
    "/api/v1/schemas/<family>/<int:version>",
    "/api/v1/signing-keys",
)
DESCRIPTION = "Documents go in, reviewed event records come out. Errors are problem details (RFC 9457)."


class _Api(Api):  # type: ignore[misc]  # flask-smorest has no types
    # Each handler says which problems it answers with; see described.problems.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_responses(self) -> None:
        """None of the base class's: they are no problems."""

    def _register_pagination_header(self) -> None:
        """Pages go by cursors."""


class _Json(DefaultJSONProvider):
    """Fields in the order of the documentation, letters as they are."""

    sort_keys = False
    ensure_ascii = False


def register(app: Flask) -> None:
    """Adds the API to the application. Errors everywhere become problems."""
    app.config.update(CONFIGURATION)
    app.json = _Json(app)
    bearer = {"type": "http", "scheme": "bearer", "description": "An API key, `lgn_…`"}
    api = _Api(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION},
            "components": {"securitySchemes": {"bearer": bearer}},
            "extra_plugins": [limits.DescribedHeaders()],
        },
    )
    api.ma_plugin.converter.add_attribute_function(described.null_is_no_default)
    described.register(api.spec)
    for name, schema in record_json_schema.components().items():
        api.spec.components.schema(name, schema)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    app.before_request(_check_query_without_key)
    api.ma_plugin.converter.add_parameter_attribute_function(sparse.described)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(explained.blueprint)
    problems.register(app)
    limits.register(app)
    waiting.register(app, app.extensions["legation"].settings.wait_places)


def _check_query_without_key() -> None:
    """What `allow` does for all other handlers. Raises InvalidInputError."""
    if request.url_rule and request.url_rule.rule in PUBLIC:
        check_query(current_app.view_functions[request.url_rule.endpoint], request.args)
