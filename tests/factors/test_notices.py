"""Mails that tell users of their second factors, in the feature ``apiserver.mail``."""

from pyotp import TOTP
from sqlalchemy import update

from apiserver.users.models import User
from tests.factors.accounts import code_of, set_up_passkey
from tests.mail.features import NOTICE, MailWords, mails, notified, written

__all__ = ["mails", "notified", "written"]

OWN = "/users/me/factors/"
WORDS = {
    ("factor_added", "passkey", "en"): (
        "A passkey was added to your account",
        "A passkey was added to the account ada at {title}: "
        "whoever has it can sign in with it.",
    ),
    ("factor_added", "passkey", "de"): (
        "Ein Passkey kam zu Ihrem Konto hinzu",
        "Ein Passkey kam zum Konto ada bei {title} hinzu: "
        "Wer das Gerät hat, kann sich damit anmelden.",
    ),
    ("factor_added", "totp", "en"): (
        "An authenticator app was added to your account",
        "An authenticator app was added to the account ada at {title}:",
    ),
    ("factor_added", "totp", "de"): (
        "Eine Authenticator-App kam zu Ihrem Konto hinzu",
        "Eine Authenticator-App kam zum Konto ada bei {title} hinzu:",
    ),
    ("factor_removed", "passkey", "en"): (
        "A passkey was removed from your account",
        "A passkey was removed from the account ada at {title}.",
    ),
    ("factor_removed", "passkey", "de"): (
        "Ein Passkey wurde von Ihrem Konto entfernt",
        "Ein Passkey wurde vom Konto ada bei {title} entfernt.",
    ),
    ("factor_removed", "totp", "en"): (
        "An authenticator app was removed from your account",
        "An authenticator app was removed from the account ada at {title}.",
    ),
    ("factor_removed", "totp", "de"): (
        "Eine Authenticator-App wurde von Ihrem Konto entfernt",
        "Eine Authenticator-App wurde vom Konto ada bei {title} entfernt.",
    ),
    ("factors_removed", "", "en"): (
        "Your account has no second factor any more",
        "All second factors of the account ada at {title} were removed, "
        "with its recovery codes. All sessions have ended.",
    ),
    ("factors_removed", "", "de"): (
        "Ihr Konto hat keinen zweiten Faktor mehr",
        "Alle zweiten Faktoren des Kontos ada bei {title} wurden entfernt, "
        "mit den Wiederherstellungscodes. Alle Sitzungen sind beendet.",
    ),
    ("recovery_codes_replaced", "", "en"): (
        "Your account has new recovery codes",
        "The account ada at {title} has new recovery codes. The old ones "
        "work no longer.",
    ),
    ("recovery_codes_replaced", "", "de"): (
        "Ihr Konto hat neue Wiederherstellungscodes",
        "Das Konto ada bei {title} hat neue Wiederherstellungscodes. "
        "Die alten gelten nicht mehr.",
    ),
}


class TestWords(MailWords):
    words = {
        (name, language, about): (*said, NOTICE[language])
        for (name, about, language), said in WORDS.items()
    }


def test_tell_of_an_app_and_its_removal(api, user, notified, db):
    client, email = api(user), user.email
    created = client.post(f"{OWN}totp", {"name": "Phone"}).json
    # Nobody is asked for a code yet.
    assert notified() == []
    code = code_of(TOTP(created["secret"]))
    path = f"{OWN}{created['id']}"
    assert client.post(f"{path}/confirmation", {"code": code}).status_int == 200
    assert client.delete(path).status_int == 204
    # The address at that time gets them, as whoever has signed in may change it.
    db.execute(update(User).values(email="other@example.com"))
    assert notified() == [
        (email, "An authenticator app was added to your account"),
        (email, "An authenticator app was removed from your account"),
    ]


def test_tell_of_a_passkey_and_codes(api, user, notified, authenticator):
    client = api(user)
    assert set_up_passkey(client, authenticator).status_int == 201
    assert client.post(f"{OWN}recovery-codes").status_int == 201
    assert notified() == [
        (user.email, "A passkey was added to your account"),
        (user.email, "Your account has new recovery codes"),
    ]


def test_tell_nothing_of_what_was_never_confirmed(api, user, notified, add_totp):
    factor, _ = add_totp(user, confirmed=False)
    assert api(user).delete(f"{OWN}{factor.id}").status_int == 204
    assert notified() == []


def test_tell_of_an_administrator(api, make_user, user, notified, totp):
    client, path = api(make_user("admin")), f"/users/{user.id}/factors/"
    for _ in "ab":
        assert client.delete(path).status_int == 204
    assert notified() == [(user.email, "Your account has no second factor any more")]


def test_tell_of_what_was_done_on_the_page(signed_in, user, notified, add_totp):
    page = "/account/factors"
    factor, _ = add_totp(user)
    for form, status in (({"new_codes": "1"}, 200), ({"remove": str(factor.id)}, 303)):
        signed_in.call("GET", page)
        assert signed_in.submit(page, **form).status_int == status
    assert notified() == [
        (user.email, "Your account has new recovery codes"),
        (user.email, "An authenticator app was removed from your account"),
    ]


def test_are_not_sent_where_there_is_no_mail(shared_app, api, user, totp):
    app = shared_app(features="users auth factors")
    client = api(user, app=app)
    assert client.post(f"{OWN}recovery-codes").status_int == 201
    assert "mail_notice" not in app.registry.jobs
