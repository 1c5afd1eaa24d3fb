"""The Celery application, every option with its reason. Redis is a doorbell: what is to be done stands in PostgreSQL.

Measured facts and threads behind the options: docs/adr/0006-redis-is-a-doorbell.md.
"""

from __future__ import annotations

from typing import Any

from celery import Celery, signals

from service import log
from service.dispatch import DRAFT_QUEUE
from service.lifeline import die_with_parent
from service.settings import Settings
from workers import runtime

TIME_LIMIT = 3 * 3600
VISIBILITY_TIMEOUT = 4 * 3600

settings = Settings.from_env()

app = Celery("legation", broker=settings.redis_url, include=["workers.tasks"])
app.conf.update(
    task_default_queue=DRAFT_QUEUE,
    # Ids only, and nothing that a broker could be made to say is unpickled.
    task_serializer="json",
    accept_content=["json"],
    # Results are rows in PostgreSQL.
    task_ignore_result=True,
    # A ring is answered when the work is done; one that a dying child leaves is heard again. The attempts are counted
    # on the document, so that a document that kills its worker does not ring for ever.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # A child that works must not keep other rings waiting in its pocket.
    worker_prefetch_multiplier=1,
    # A backstop only: the heartbeat of workers/drafting.py ends work that takes too long for the document's length.
    task_time_limit=TIME_LIMIT,
    # Above the time limit, or Redis would hand a running task out again.
    visibility_timeout=VISIBILITY_TIMEOUT,
    broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT, "health_check_interval": 10},
    result_backend_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT},
    # A broker that is down at start comes up later.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # After a lost connection the ring is heard again; going on with it would be work done twice.
    worker_cancel_long_running_tasks_on_connection_loss=True,
    # A child loads its models before it says that it is up.
    worker_proc_alive_timeout=180,
    # A document that made a child swell gives its memory back with the child. KiB, checked after each task.
    worker_max_memory_per_child=2_500_000,
    # Nobody listens to these, and each is a write to Redis.
    worker_send_task_events=False,
)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _load_models(**_: Any) -> None:
    """Models are loaded once in each child: torch that was touched before a fork hangs after it."""
    die_with_parent()  # a child that is at work would otherwise go on after its worker was killed
    runtime.start(settings)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _configure_logs(**_: Any) -> None:
    """Celery leaves logging alone where somebody listens to this."""
    log.configure(settings.log_format, settings.log_level)
