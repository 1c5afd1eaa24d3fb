"""Figures for Prometheus: requests as each process counted them, and what waits as the database tells it.

With PROMETHEUS_MULTIPROC_DIR set, prometheus-client adds up the counts of all processes that share that directory.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from flask import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.services import Services
from service.store.models import DISABLED, DOCUMENT_STATES, Delivery, Document, Event, ReviewItem, Webhook
from workers.extraction.families import FAMILY_OF

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

log = structlog.get_logger(__name__)

REQUESTS = Histogram(
    "legation_request_seconds",
    "Requests and how long they took, by route",
    ("method", "route", "status"),
    registry=None,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

UNCOUNTED = Counter(
    "legation_requests_uncounted",
    "Requests that went on without being counted for the rate limit, as Redis did not answer",
    registry=None,
)


def note_request(request: Request, status: int, seconds: float) -> None:
    """Counts by route, not by path, and known methods only: what clients make up must not become time series."""
    route = request.url_rule.rule if request.url_rule else "(none)"
    method = request.method if request.method in METHODS else "(other)"
    REQUESTS.labels(method, route, str(status)).observe(seconds)


def scrape(services: Services) -> Response:
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # PROMETHEUS_MULTIPROC_DIR is not set: this process is all there is
        registry.register(REQUESTS)
        registry.register(UNCOUNTED)
    registry.register(_Waiting(services))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Waiting(Collector):
    """Counted anew at each scrape, so that every process tells the same."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("legation_database_up", "Whether the database answers")
        try:
            with self._services.sessions() as session, session.begin():
                figures = [_documents(session), _review_items(session), _oldest(session), *_webhooks(session)]
        except SQLAlchemyError as error:
            log.warning("database.unreachable", error=type(error).__name__)
            figures = []
        up.add_metric([], 1 if figures else 0)
        return [up, *figures]


def _documents(session: Session) -> Metric:
    counts = dict(session.execute(select(Document.state, func.count()).group_by(Document.state)).all())
    metric = GaugeMetricFamily("legation_documents", "Documents by state", labels=("state",))
    for state in DOCUMENT_STATES:
        metric.add_metric([state], counts.get(state, 0))
    return metric


# Hidden checks wait for nobody but those whom they check.
_WAITS = (ReviewItem.decided_at.is_(None), ReviewItem.only_for.is_(None))


def _review_items(session: Session) -> Metric:
    waiting = select(Event.type, func.count()).join(ReviewItem, ReviewItem.event_id == Event.id)
    counted = waiting.where(*_WAITS).group_by(Event.type)
    counts = dict(session.execute(counted).all())
    metric = GaugeMetricFamily("legation_review_items_waiting", "Undecided records by family", labels=("type",))
    for family in FAMILY_OF:
        metric.add_metric([family], counts.get(family, 0))
    return metric


def _oldest(session: Session) -> Metric:
    age = func.extract("epoch", func.now() - func.min(ReviewItem.created_at))
    oldest = session.scalar(select(age).where(*_WAITS))
    return GaugeMetricFamily(
        "legation_review_oldest_waiting_seconds",
        "Age of the oldest undecided record; 0 when none waits",
        float(oldest or 0),
    )


def _webhooks(session: Session) -> Iterable[Metric]:
    by_reason = select(func.coalesce(Webhook.disabled_reason, "enabled"), func.count()).group_by(
        Webhook.disabled_reason
    )
    counts = dict(session.execute(by_reason).all())
    metric = GaugeMetricFamily("legation_webhooks", "Webhooks by why they are disabled", labels=("state",))
    for state in ("enabled", *DISABLED):
        metric.add_metric([state], counts.get(state, 0))
    yield metric
    sent = GaugeMetricFamily(
        "legation_deliveries", "Deliveries to webhooks that wait or have failed", labels=("state",)
    )
    for state in ("waiting", "failed"):
        sent.add_metric([state], session.scalar(select(func.count()).where(Delivery.state == state)) or 0)
    yield sent
    age = func.extract("epoch", func.now() - func.min(Delivery.created_at))
    enabled = select(age).join(Webhook, Webhook.id == Delivery.webhook_id).where(Webhook.disabled_at.is_(None))
    yield GaugeMetricFamily(
        "legation_delivery_oldest_waiting_seconds",
        "Age of the oldest delivery that waits for an enabled webhook; 0 when none does",
        float(session.scalar(enabled.where(Delivery.state == "waiting")) or 0),
    )
