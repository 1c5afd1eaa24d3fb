"""Pages that explain the API: its description in Swagger UI, and one for each kind of problem."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, render_template, send_from_directory

from service.api.problems import OF_SLUG, PROBLEM_TYPES
from service.errors import NotFoundError

# Only the files: the package's own page has inline script, which the content security policy forbids.
SWAGGER_UI = Path(str(files("flask_swagger_ui"))) / "dist"

blueprint = Blueprint(
    "explained", __name__, template_folder="templates", static_folder="static", static_url_path="/api/docs/assets"
)


@blueprint.route("/api/docs")
def explain_api() -> str:
    return render_template("api.html")


@blueprint.route("/api/docs/swagger-ui/<name>")
def swagger_ui(name: str) -> Response:
    return send_from_directory(SWAGGER_UI, name)


@blueprint.route("/problems")
def explain_problems() -> str:
    return render_template("problems.html", shown=PROBLEM_TYPES)


@blueprint.route("/problems/<slug>")
def explain_problem(slug: str) -> str:
    if slug not in OF_SLUG:
        raise NotFoundError("problem", slug)
    return render_template("problems.html", shown=[OF_SLUG[slug]])
