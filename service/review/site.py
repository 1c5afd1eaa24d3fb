"""The blueprint of all pages: what is common to them, and their list."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, Response, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from service import web
from service.errors import NotSignedInError
from service.review import (
    accounts,
    api_keys,
    atlas,
    describing,
    documents,
    failed,
    gold,
    keys,
    live,
    making,
    people,
    provider,
    putting_off,
    remarks,
    saved,
    search,
    settle,
    team,
    together,
    usage,
    viewer,
    webhooks,
    words,
    work,
    worklist,
)
from service.review.signs import pieces
from service.review.viewer import TOKEN
from service.services import Services
from service.storable import check_storable

THEMES = ("light", "dark")

csrf = CSRFProtect()
review = Blueprint("review", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
for module in (
    *(
        accounts,
        provider,
        keys,
        worklist,
        saved,
        together,
        work,
        settle,
        gold,
        live,
        remarks,
        making,
        describing,
        putting_off,
    ),
    *(documents, search, atlas, team, people, api_keys, usage, failed, webhooks),
):
    review.register_blueprint(module.pages)

review.before_request(viewer.load)
review.before_request(documents.allow_large_body)


@review.before_request
def _refuse_unstorable() -> None:
    check_storable({**request.args.to_dict(flat=False), **request.form.to_dict(flat=False)})


# On the pages only: programs send a key with each request, which no other site can make a browser do.
review.before_request(csrf.protect)


def register(app: Flask) -> None:
    settings = cast(Services, app.extensions["legation"]).settings
    app.config.update(
        SESSION_COOKIE_NAME="__Host-legation" if settings.secure_cookies else "legation",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its sign-in
    )
    csrf.init_app(app)
    app.register_blueprint(review)
    provider.register(app, settings)


@review.app_context_processor
def _common() -> dict[str, Any]:
    theme = request.cookies.get("theme", "")
    return {
        "viewer": viewer.viewer_or_none(),
        "theme": theme if theme in THEMES else "",
        "words": words,
        "pieces_of": pieces,
        "progress": team.progress,
        "keys": viewer.own_keys(),
        "passwords": web.services().settings.passwords,
        "provider": web.services().settings.oidc_issuer and web.services().settings.oidc_label,
        "key_groups": keys.GROUPS,
    }


@review.after_request
def _keep_out_of_caches(response: Response) -> Response:
    """Pages hold documents: nothing of them stays in a browser after the sign-out. Assets are the same for all."""
    if request.endpoint != "review.static":
        response.headers["Cache-Control"] = "no-store"
    return response


@review.errorhandler(NotSignedInError)
def _ask_to_sign_in(error: NotSignedInError) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(
            detail="You are signed out. Sign in again in another window; this page keeps what you typed."
        ), 401
    back = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("back", "")
    ran_out = 1 if TOKEN in session else None
    return redirect(url_for("review.accounts.sign_in_form", next=back or None, ran_out=ran_out), 303)
