"""Mail: what is counted of it, and what development shows instead of sending it."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from apiserver.core.db import Base, Bookkeeping, PrimaryKey


class MailCounter(Base):
    """How many mails were sent to one recipient, or asked for from one address.

    From ``expires`` on it counts from one again. The key is a digest.
    """

    __tablename__ = "mail_counter"
    __audit__ = Bookkeeping("It counts, and holds nothing that was typed.")

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int]
    expires: Mapped[datetime]


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
    # As SMTP would have got it.
    source: Mapped[str] = mapped_column(Text)
