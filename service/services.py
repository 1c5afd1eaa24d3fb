"""What a process needs to run operations: settings, sessions, doorbell, limiters, watch, and of webhooks the guard and
the sealer. Made once, by who starts it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from service.dispatch import Dispatch
from service.limiter import Limiter
from service.receivers import Receivers
from service.sealing import Sealer
from service.settings import Settings
from service.store.session import SessionFactory, make_engine, make_session_factory
from service.watch import Watch

WEBHOOK_SECRETS = "secrets of webhooks"


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    engine: Engine
    sessions: SessionFactory
    dispatch: Dispatch
    limiter: Limiter
    attempts: Limiter
    watch: Watch
    receivers: Receivers
    sealer: Sealer

    @classmethod
    def start(cls, settings: Settings) -> Services:
        engine = make_engine(settings.database_url)
        limiter = Limiter(settings.redis_url, limit=settings.rate_limit, window=settings.rate_window)
        attempts = Limiter(
            settings.redis_url, "attempts", limit=settings.signin_attempts, window=settings.signin_window
        )
        watch = Watch(engine, settings.feed_readers)
        return cls(
            settings=settings,
            engine=engine,
            sessions=make_session_factory(engine),
            dispatch=Dispatch(settings.redis_url),
            limiter=limiter,
            attempts=attempts,
            watch=watch,
            receivers=Receivers.of(settings),
            sealer=Sealer(settings.secret_key, WEBHOOK_SECRETS),
        )
