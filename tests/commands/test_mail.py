"""The command that tries the settings of mail."""

import pytest

from tests.mail.post import serving

# Of an application that is given none.
TITLE = "apiserver"
INI = ("-i", "testing.ini", "--to", "ada@example.com")


class TestSendTestMail:
    @pytest.fixture
    def send(self, command, monkeypatch):
        """A function that runs the command, by these settings."""

        def send(*arguments, **settings):
            for name, value in settings.items():
                monkeypatch.setenv(f"APISERVER_{name}", value)
            return command("send-test-mail", *(arguments or INI))

        return send

    def test_says_that_it_was_taken_or_why_not(self, send):
        with serving() as (post, port):
            settings = {
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(port),
                "SMTP_SECURITY": "none",
                "MAIL_FROM": "no-reply@example.com",
            }
            done = "The mail server has taken a mail to ada@example.com.\n"
            assert send(**settings) == (0, done, "")
            assert [mail["Subject"] for mail in post.mails] == [f"A test of {TITLE}"]
            post.refusals["RCPT"] = "550 5.1.1 nobody"
            reason = "The mail server refuses the recipient: 550 5.1.1.\n"
            assert send() == (1, "", reason)
        assert send() == (
            1,
            "",
            "The mail server can't be reached: Connection refused.\n",
        )

    def test_needs_the_feature_a_server_and_an_address(self, send):
        reason = "No mail is sent: apiserver.smtp_host is not set.\n"
        assert send() == (1, "", reason)
        reason = "No mail is sent: apiserver.features doesn't name mail.\n"
        assert send(FEATURES="users teams auth") == (1, "", reason)
        status, _, error = send("-i", "testing.ini")
        assert (status, error) == (1, "--to: Is required.\n")
