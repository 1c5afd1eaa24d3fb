"""An OpenID provider on a port of its own, which keeps to the rules: PKCE, codes that are good once, signed tokens.
What it puts into a token can be changed, for tests of what must not be taken.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "legation", "only the two of us know"
PAGE = """<!doctype html><html lang="en"><title>Provider</title><h1>Provider</h1><form method="post">
<button name="answer" value="allow">Let in</button><button name="answer" value="deny">Deny</button></form></html>"""


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)}, private=True)


@dataclass
class Provider:
    """`who` are the claims of who signs in next, `changed` what a token says instead of what is true."""

    address: str = ""
    who: dict[str, Any] = field(default_factory=lambda: {"sub": "7f3a", "preferred_username": "Rosa"})
    changed: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=new_key)
    published: RSAKey | None = None
    is_up: bool = True
    signed_out: list[dict[str, str]] = field(default_factory=list)
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Flask:
        app = Flask("provider", static_folder=None)
        app.before_request(self._be_away)
        app.add_url_rule("/.well-known/openid-configuration", view_func=self.metadata)
        app.add_url_rule("/jwks", view_func=self.jwks)
        app.add_url_rule("/authorize", view_func=self.authorize, methods=["GET", "POST"])
        app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        app.add_url_rule("/end-session", view_func=self.end_session)
        return app

    def _be_away(self) -> ResponseReturnValue | None:
        return None if self.is_up else ("away", 502)

    def metadata(self) -> ResponseReturnValue:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        paths["end_session_endpoint"] = "end-session"
        return jsonify(
            issuer=self.address,
            id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
            **{name: f"{self.address}/{path}" for name, path in paths.items()},
        )

    def jwks(self) -> ResponseReturnValue:
        return jsonify(KeySet([self.published or self.key]).as_dict(private=False))

    def authorize(self) -> ResponseReturnValue:
        if request.method == "GET":
            return PAGE
        asked = request.args.to_dict()
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        if request.form["answer"] == "deny":
            answer = {"error": "access_denied"}
        else:
            answer = {"code": secrets.token_urlsafe()}
            self._asked[answer["code"]] = asked
        return redirect(f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}")

    def token(self) -> ResponseReturnValue:
        asked = self._asked.pop(request.form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        given = request.authorization
        is_client = given is not None and (given.username, given.password) == (CLIENT_ID, CLIENT_SECRET)
        if (
            asked is None
            or not is_client
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or request.form["redirect_uri"] != asked["redirect_uri"]
        ):
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        told = {**claims, **self.who, **self.changed}
        id_token = jwt.encode({"alg": "RS256", "kid": self.key.kid}, told, self.key)
        return jsonify(access_token=secrets.token_urlsafe(), token_type="Bearer", id_token=id_token)

    def end_session(self) -> ResponseReturnValue:
        self.signed_out.append(request.args.to_dict())
        return redirect(request.args["post_logout_redirect_uri"])


@contextmanager
def provider() -> Iterator[Provider]:
    made = Provider()
    server = make_server("127.0.0.1", 0, made.app(), threaded=True)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="provider")
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
