"""Counters of mails, and the mails that development shows instead of sending."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey, Tries


class MailCounter(Tries, Base):
    """How many mails one recipient was sent, or one network address asked for."""

    __tablename__ = "mail_counter"
    __audit__ = Bookkeeping("It counts, and holds nothing that was typed.")


class ShownMail(Base):
    """A mail that development shows at ``/mail/``, since nothing sends it."""

    __tablename__ = "shown_mail"
    __audit__ = Bookkeeping("It is for development, and keeps the newest alone.")

    id: Mapped[PrimaryKey]
    created: Mapped[datetime]
    sender: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    # The message as it would have been sent over SMTP.
    source: Mapped[str] = mapped_column(Text)
