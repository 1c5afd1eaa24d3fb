"""What a process needs to run operations: settings, sessions, the doorbell. Made once, by whoever starts it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from service.dispatch import Dispatch
from service.settings import Settings
from service.store.session import SessionFactory, make_engine, make_session_factory


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    engine: Engine
    sessions: SessionFactory
    dispatch: Dispatch

    @classmethod
    def start(cls, settings: Settings) -> Services:
        engine = make_engine(settings.database_url)
        return cls(settings, engine, make_session_factory(engine), Dispatch(settings.redis_url))
