"""What the mail says, in each language."""

from datetime import UTC, datetime

from tests.mail.features import MailWords


class TestWords(MailWords):
    third = "inviter"
    values = {
        "team": "Engineers",
        "expires": datetime(2026, 12, 7, 9, 5, tzinfo=UTC),
    }
    words = {
        ("invitation", "en", "ada"): (
            "Invitation to the team Engineers",
            "ada invites you to the team Engineers of {title}.",
            "until 2026-12-07 09:05 UTC.",
        ),
        ("invitation", "en", ""): (
            "Invitation to the team Engineers",
            "You are invited to the team Engineers of {title}.",
        ),
        ("invitation", "de", "ada"): (
            "Einladung in das Team Engineers",
            "ada lädt Sie in das Team Engineers von {title} ein.",
            "bis 07.12.2026, 09:05 Uhr UTC.",
        ),
        ("invitation", "de", ""): (
            "Einladung in das Team Engineers",
            "Sie sind in das Team Engineers von {title} eingeladen.",
        ),
    }
