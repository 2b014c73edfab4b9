"""What core itself stores: the audit log."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, now


class AuditEvent(Base):
    """Something that was done, or tried.

    Rows are only added. They hold no foreign keys, so they outlive what they tell of.
    ``grant_id`` is the grant that was issued, used or revoked by the request.
    """

    __tablename__ = "audit_event"
    __audit__ = Bookkeeping("It is the audit log.")

    id: Mapped[PrimaryKey]
    created: Mapped[datetime] = mapped_column(default=now)
    action: Mapped[str] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    client_id: Mapped[str | None] = mapped_column(String(80))
    grant_id: Mapped[int | None]
    target: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(80))
