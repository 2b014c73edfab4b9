"""What the mails say, in each language; and for how long the link works."""

from tests.mail.features import MailWords


class TestWords(MailWords):
    third = "minutes"
    words = {
        ("password_reset", "en", 60): (
            "Set a new password for {title}",
            "for the account ada at {title}",
            "within an hour.",
            "Then do nothing",
        ),
        ("password_reset", "de", 60): (
            "Neues Passwort für {title}",
            "für das Konto ada bei {title}",
            "innerhalb von einer Stunde.",
            "Dann tun Sie nichts",
        ),
        ("password_changed", "en"): (
            "Your password was changed",
            "The password of the account ada at {title} was changed.",
            "Then set a new password",
        ),
        ("password_changed", "de"): (
            "Ihr Passwort wurde geändert",
            "Das Passwort des Kontos ada bei {title} wurde geändert.",
            "ein neues fest",
        ),
    }


class TestTimes(MailWords):
    third = "minutes"
    words = {
        ("password_reset", language, minutes): (subject, f"{time}. ")
        for language, subject, times in (
            (
                "en",
                "Set a new password for {title}",
                {1: "1 minute", 90: "90 minutes", 1440: "24 hours"},
            ),
            (
                "de",
                "Neues Passwort für {title}",
                {1: "einer Minute", 90: "90 Minuten", 1440: "24 Stunden"},
            ),
        )
        for minutes, time in times.items()
    }
