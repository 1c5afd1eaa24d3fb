"""Signing in at an OpenID provider: authorization code flow with PKCE, state and nonce, by Authlib.

What the provider is like is read when it is first needed, so that the service starts while it is away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from flask import Blueprint, Flask, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import IdentityRefusedError, IdentityTakenError, NotFoundError
from service.operations import identities
from service.operations.actor import ROLE_SCOPES
from service.operations.identities import Identity
from service.review.own_paths import next_path
from service.review.viewer import TOKEN, viewer, viewer_or_none
from service.settings import Settings

if TYPE_CHECKING:
    from authlib.integrations.flask_client import FlaskOAuth2App

NAME = "provider"
SECONDS = 5
"""What the provider may take for an answer."""
LEEWAY = 60
"""Seconds that clocks may differ by."""
# Signed by the provider's private key. None, or one that the client knows too (HS256), would prove nothing.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LINKING, NEXT = "oidc_link", "oidc_next"
AWAY = "The sign-in service does not answer. Try again in some minutes."
DENIED = "You were not signed in: the sign-in service says that it was refused or given up."
UNPROVEN = "You were not signed in: what came back could not be proven. Start again."

log = structlog.get_logger(__name__)
pages = Blueprint("provider", __name__)


def register(app: Flask, settings: Settings) -> None:
    """Makes the provider's client, where one is set."""
    if settings.oidc_issuer is None:
        return
    from authlib.integrations.flask_client import OAuth  # here: who sets no provider does without its megabytes

    client = OAuth(app).register(
        NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": None if settings.oidc_client_secret else "none",
            "default_timeout": SECONDS,
        },
    )
    app.extensions["legation-provider"] = client


@pages.get("/sign-in/provider")
def start() -> ResponseReturnValue:
    """Leads to the provider."""
    return _begin(redirect)


@pages.post("/account/provider")
def start_linking() -> ResponseReturnValue:
    """The same for who is signed in, to link his account. Only a form of his own begins that: another site that could
    might have him link an identity that is not his. A page leads on, for the reason that the sign-out has.
    """
    viewer()
    return _begin(lambda address: render_template("onward.html", address=address), is_linking=True)


def _begin(lead: Callable[[str], ResponseReturnValue], *, is_linking: bool = False) -> ResponseReturnValue:
    client = _client()
    from requests import RequestException

    session[NEXT], session[LINKING] = next_path(), is_linking
    back = _address("review.provider.come_back")
    try:
        _read_metadata(client)
        begun = client.create_authorization_url(back)
    except (RequestException, ValueError, KeyError) as error:
        log.warning("oidc.unreachable", error=repr(error))
        return _refused(AWAY, 503)
    client.save_authorize_data(redirect_uri=back, **begun)
    return lead(begun["url"])


@pages.get("/sign-in/provider/back")
def come_back() -> ResponseReturnValue:
    """Where the provider sends a person back to, with a code or with a refusal."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    client = _client()
    following, is_linking = session.pop(NEXT, ""), session.pop(LINKING, False)
    if "error" in request.args:
        log.info("oidc.denied", error=request.args["error"])
        return _refused(DENIED, 403)
    try:
        identity = _identity(client)
    except RequestException as error:
        log.warning("oidc.unreachable", error=repr(error))
        return _refused(AWAY, 503)
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        log.warning("oidc.unproven", error=repr(error))
        return _refused(UNPROVEN, 403)
    return _link(identity) if is_linking else _sign_in(identity, following)


def _sign_in(identity: Identity, following: str) -> ResponseReturnValue:
    settings = web.services().settings
    try:
        token = identities.sign_in(
            web.session(), identity, default_role=settings.oidc_default_role, hours=settings.signin_hours
        )
    except IdentityRefusedError as error:
        return _refused(str(error), 403)
    session.clear()  # with it goes the CSRF token of the time before
    session[TOKEN] = token
    return redirect(following or url_for("review.worklist.waiting"), 303)


def _link(identity: Identity) -> ResponseReturnValue:
    by = viewer_or_none()
    if by is None:
        return _refused(UNPROVEN, 403)
    try:
        identities.link(web.session(), identity, by=by)
    except IdentityTakenError as error:
        return _refused(str(error), 409)
    return redirect(url_for("review.accounts.password_form", linked=1), 303)


def sign_out_address(id_token: str | None) -> str | None:
    """Where a person ends his sign-in at the provider; None where it has no such address or cannot be asked."""
    if "legation-provider" not in current_app.extensions or id_token is None:
        return None
    from requests import RequestException

    client = _client()
    try:
        metadata = _read_metadata(client)
    except (RequestException, ValueError, KeyError) as error:
        log.warning("oidc.unreachable", error=repr(error))
        return None
    if "end_session_endpoint" not in metadata:
        return None
    back = _address("review.accounts.sign_in_form", out=1)
    return str(client.create_logout_url(back, id_token_hint=id_token, client_id=client.client_id)["url"])


def _client() -> FlaskOAuth2App:
    """Raises NotFoundError where no provider is set."""
    if "legation-provider" not in current_app.extensions:
        raise NotFoundError("sign-in", "provider")
    return current_app.extensions["legation-provider"]


def _read_metadata(client: FlaskOAuth2App) -> Mapping[str, Any]:
    """What the provider is like. Raises ValueError where it is another one, RequestException where it is away."""
    metadata: dict[str, Any] = client.load_server_metadata()
    if metadata.get("issuer") != web.services().settings.oidc_issuer:
        raise ValueError(f"it calls itself {metadata.get('issuer')!r}")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in ALGORITHMS]
    return metadata


def _identity(client: FlaskOAuth2App) -> Identity:
    """Whom the code that came is for. Raises what Authlib raises for state, code and token that do not hold."""
    settings = web.services().settings
    _read_metadata(client)
    proven = {"iss": {"essential": True, "value": settings.oidc_issuer}}
    proven["aud"] = {"essential": True, "value": settings.oidc_client_id}
    token = client.authorize_access_token(claims_options=proven, leeway=LEEWAY)
    claims = token["userinfo"]
    name = claims.get("preferred_username") or claims.get("email") or claims.get("name") or ""
    return Identity(claims["iss"], claims["sub"], str(name), role_of(claims, settings), token["id_token"])


def role_of(claims: Mapping[str, Any], settings: Settings) -> str | None:
    """The first role of the settings whose value is among those of the claim."""
    told = claims.get(settings.oidc_role_claim or "", ())
    values = {told} if isinstance(told, str) else set(told) if isinstance(told, list) else set()
    return next((role for role in ROLE_SCOPES if values & set(settings.role_values.get(role, ()))), None)


def _address(endpoint: str, **values: Any) -> str:
    return web.services().settings.public_url.rstrip("/") + url_for(endpoint, **values)


def _refused(told: str, status: int) -> ResponseReturnValue:
    return render_template("sign_in.html", next=url_for("review.worklist.waiting"), refused=told), status
