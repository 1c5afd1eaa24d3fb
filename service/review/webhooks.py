"""Webhooks, for administrators: who is sent the changes, with which secret, how it went, and sending again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service import web
from service.errors import InvalidInputError, VersionChangedError
from service.operations import deliveries, webhooks
from service.operations.deliveries import Logged
from service.operations.webhooks import Made, Wanted
from service.review import words
from service.review.asked import seen_on_page
from service.review.people import in_words
from service.review.viewer import viewer
from service.store.models import DELIVERY_STATES, Webhook
from workers.extraction.families import FAMILIES

PAGE_SIZE = 50
MOST = 200
"""Webhooks that the list shows."""

OPS = {"put": "Published and corrected", "retract": "Retracted"}
REASONS = {
    "administrator": "Disabled by an administrator",
    "gone": "Disabled: the receiver said that it is gone (410)",
    "failing": "Disabled: nothing came through for days",
    "secret_lost": "Disabled: the service’s secret key has changed, so the webhook’s secret is lost; rotate it",
}
MESSAGES = {"event.put": "Published", "event.retract": "Retracted", "ping": "Test"}

pages = Blueprint("webhooks", __name__, url_prefix="/administration/webhooks")


@pages.get("")
def show() -> ResponseReturnValue:
    return _list()


def _list(refused: str = "") -> ResponseReturnValue:
    session, by = web.session(), viewer()
    page = render_template(
        "webhooks.html",
        webhooks=webhooks.find(session, by=by, limit=MOST),
        tallies=deliveries.count_open(session, by=by),
        families=FAMILIES,
        ops=OPS,
        reasons=REASONS,
        refused=refused,
        sent=request.form,
    )
    return page, 422 if refused else 200


@pages.post("")
def add() -> ResponseReturnValue:
    try:
        made = webhooks.create(
            web.session(),
            request.form.get("url", "").strip(),
            families=request.form.getlist("family"),
            ops=request.form.getlist("op"),
            from_seq=1 if "history" in request.form else None,
            by=viewer(),
            receivers=web.services().receivers,
            sealer=web.services().sealer,
        )
    except InvalidInputError as error:
        return _list(in_words(error))
    return _show_secret(made)


def _show_secret(made: Made) -> ResponseReturnValue:
    """In the very answer: the secret is kept nowhere that it could be fetched from later."""
    return render_template("webhook_secret.html", webhook=made.webhook, secret=made.secret)


@pages.get("/<uuid:webhook_id>")
def show_one(webhook_id: UUID) -> ResponseReturnValue:
    return _one(webhook_id)


def _one(webhook_id: UUID, refused: str = "") -> ResponseReturnValue:
    session, by = web.session(), viewer()
    state = request.args.get("state")
    state = state if state in DELIVERY_STATES else None
    wanted = Logged(state, request.args.get("before", type=UUID))
    found = deliveries.find(session, webhook_id, wanted, by=by, limit=PAGE_SIZE + 1)
    page = render_template(
        "webhook.html",
        webhook=webhooks.get(session, webhook_id, by=by),
        deliveries=found[:PAGE_SIZE],
        tally=deliveries.count_open(session, by=by).get(webhook_id, {}),
        before=wanted.before,
        last=found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
        state=state,
        views=[(None, "All"), *((one, one.capitalize()) for one in DELIVERY_STATES)],
        families=FAMILIES,
        ops=OPS,
        messages=MESSAGES,
        reasons=REASONS,
        hours=web.services().settings.webhook_rotation_hours,
        refused=refused,
    )
    return page, 422 if refused else 200


@pages.post("/<uuid:webhook_id>")
def change(webhook_id: UUID) -> ResponseReturnValue:
    form = request.form
    wanted = Wanted(url=form.get("url", "").strip(), families=form.getlist("family"), ops=form.getlist("op"))
    try:
        _change(webhook_id, wanted)
    except (InvalidInputError, VersionChangedError) as error:
        return _one(webhook_id, in_words(error))
    return _done(webhook_id, "The webhook is changed, for what is sent from now on.")


@pages.post("/<uuid:webhook_id>/disable")
def disable(webhook_id: UUID) -> ResponseReturnValue:
    return _switch(webhook_id, False, "The webhook is disabled. It keeps its place among the changes.")


@pages.post("/<uuid:webhook_id>/enable")
def enable(webhook_id: UUID) -> ResponseReturnValue:
    return _switch(webhook_id, True, "The webhook is enabled, and goes on where it stood.")


def _switch(webhook_id: UUID, is_enabled: bool, told: str) -> ResponseReturnValue:
    try:
        _change(webhook_id, Wanted(is_enabled=is_enabled))
    except VersionChangedError as error:
        return _one(webhook_id, in_words(error))
    return _done(webhook_id, told)


def _change(webhook_id: UUID, wanted: Wanted) -> Webhook:
    """Raises InvalidInputError, VersionChangedError."""
    receivers = web.services().receivers
    return webhooks.change(web.session(), webhook_id, wanted, seen=seen_on_page(), by=viewer(), receivers=receivers)


@pages.post("/<uuid:webhook_id>/rotate")
def rotate(webhook_id: UUID) -> ResponseReturnValue:
    services = web.services()
    hours = services.settings.webhook_rotation_hours
    try:
        made = webhooks.rotate(
            web.session(), webhook_id, seen=seen_on_page(), by=viewer(), sealer=services.sealer, hours=hours
        )
    except VersionChangedError as error:
        return _one(webhook_id, in_words(error))
    return _show_secret(made)


@pages.post("/<uuid:webhook_id>/delete")
def delete(webhook_id: UUID) -> ResponseReturnValue:
    try:
        webhooks.delete(web.session(), webhook_id, seen=seen_on_page(), by=viewer())
    except VersionChangedError as error:
        return _one(webhook_id, in_words(error))
    flash("The webhook is deleted, with its deliveries.")
    return redirect(url_for(".show"), 303)


@pages.post("/<uuid:webhook_id>/test")
def ping(webhook_id: UUID) -> ResponseReturnValue:
    deliveries.ping(web.session(), webhook_id, by=viewer())
    return _done(webhook_id, "A test message is sent. The deliveries tell how it goes.")


@pages.post("/<uuid:webhook_id>/replay")
def replay_failed(webhook_id: UUID) -> ResponseReturnValue:
    number = deliveries.replay_failed(web.session(), webhook_id, by=viewer())
    return _done(webhook_id, f"{words.count(number, 'delivery', 'deliveries')} will be sent again.")


@pages.post("/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
def replay(webhook_id: UUID, delivery_id: UUID) -> ResponseReturnValue:
    deliveries.replay(web.session(), webhook_id, delivery_id, by=viewer())
    return _done(webhook_id, "1 delivery will be sent again.")


def _done(webhook_id: UUID, told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for(".show_one", webhook_id=webhook_id), 303)
