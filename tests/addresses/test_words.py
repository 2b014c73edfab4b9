"""What the mails about addresses say, in each language."""

from datetime import UTC, datetime

from tests.mail.features import MailWords


class TestWords(MailWords):
    values = {
        "username": "ada",
        "expires": datetime(2026, 12, 1, 12, 30, tzinfo=UTC),
        "reset": None,
    }
    without_link = ("address_replaced",)
    words = {
        ("sign_up", "en"): (
            "Confirm your account at {title}",
            "signed up at {title} as ada, with this address.",
            "2026-12-01 12:30 UTC",
        ),
        ("sign_up", "de"): (
            "Bestätigen Sie Ihr Konto bei {title}",
            "als ada mit dieser Adresse registriert.",
            "bis 01.12.2026 12:30 UTC",
        ),
        ("sign_up_again", "en"): (
            "You already have an account at {title}",
            "Your username is ada.",
        ),
        ("sign_up_again", "de"): (
            "Sie haben schon ein Konto bei {title}",
            "Ihr Benutzername ist ada.",
        ),
        ("address_change", "en"): (
            "Confirm your address at {title}",
            "At {title} ada wants mails to go to this address.",
            "until 2026-12-01 12:30 UTC.",
        ),
        ("address_change", "de"): (
            "Bestätigen Sie Ihre Adresse bei {title}",
            "möchte ada E-Mails an diese Adresse bekommen.",
            "bis 01.12.2026 12:30 UTC.",
        ),
        ("address_taken", "en"): (
            "Your address has an account at {title}",
            "It has an account already, with the username ada,",
        ),
        ("address_taken", "de"): (
            "Zu Ihrer Adresse gibt es ein Konto bei {title}",
            "mit dem Benutzernamen ada,",
        ),
        ("address_changed", "en"): (
            "Your address at {title} was changed",
            "the account ada has another address now.",
            "until 2026-12-01 12:30 UTC.",
        ),
        ("address_changed", "de"): (
            "Ihre Adresse bei {title} wurde geändert",
            "hat das Konto ada jetzt eine andere Adresse.",
            "bis 01.12.2026 12:30 UTC.",
        ),
        ("address_replaced", "en"): (
            "Your address at {title} was changed",
            "An administrator of {title} has given the account ada another address.",
            "earlier links for taking a change back no longer work.",
            "If you didn't expect this, ask an administrator.",
        ),
        ("address_replaced", "de"): (
            "Ihre Adresse bei {title} wurde geändert",
            "hat dem Konto ada eine andere Adresse gegeben.",
            "frühere Links zum Zurücknehmen einer Änderung gelten nicht mehr.",
            "Falls Sie das nicht erwartet haben, fragen Sie bei der Administration",
        ),
    }
