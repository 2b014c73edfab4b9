"""How the server of mails is reached: safely, signed in, and what is said if not."""

import socket
import ssl
import subprocess
from contextlib import contextmanager
from threading import Thread

import pytest
from pyramid.exceptions import ConfigurationError

from apiserver.core.jobs import JobFailed
from apiserver.mail.sending import send_test
from apiserver.mail.smtp import sender
from tests.mail.post import PASSWORD, USERNAME, serving
from tests.tools import needs, path_of

SIGNED_IN = {"smtp_username": USERNAME, "smtp_password": PASSWORD}
UNREACHABLE = "The mail server can't be reached:"


@pytest.fixture
def send(make_sending_app):
    """A function that sends a mail by the server at a port.

    It returns what is said of one that isn't sent; that is always tried again.
    """

    def call(port, **settings):
        settings = {"smtp_security": "starttls", "smtp_timeout": 5, **settings}
        app = make_sending_app(port, **settings)
        error = None
        try:
            send_test(app.registry, "a@b.example")
        except JobFailed as failed:
            error = failed
        assert error is None or (error.retry and PASSWORD not in error.reason)
        return error and error.reason

    return call


@contextmanager
def serving_lines(said):
    """Say these lines to the first who calls, and hang up; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            with connection:
                connection.sendall(said)

        thread = Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


class TestPlain:
    def test_signs_in_where_it_has_a_name(self, send):
        with serving(auth_require_tls=False) as (post, port):
            assert send(port, smtp_security="none", **SIGNED_IN) is None
            assert post.recipients == ["a@b.example"]
            wrong = {**SIGNED_IN, "smtp_password": "x"}
            assert send(port, smtp_security="none", **wrong) == (
                "The mail server refuses apiserver.smtp_username or its password: "
                "535 5.7.8."
            )

    def test_is_not_spoken_where_starttls_is_wanted(self, send):
        """Nobody on the way can take TLS out of what the server offers."""
        with serving(auth_require_tls=False) as (post, port):
            assert send(port, **SIGNED_IN) == (
                "The mail server has no STARTTLS: see apiserver.smtp_security."
            )
            assert post.mails == []


class TestServerThatIsNotThere:
    @pytest.mark.parametrize("kind", ["tls", "starttls", "none"])
    def test_is_said(self, send, kind):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        assert send(port, smtp_security=kind) == f"{UNREACHABLE} Connection refused."

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (b"554 5.7.1 no\r\n", "The mail server refuses to talk: 554 5.7.1."),
            (b"", f"{UNREACHABLE} it closed the connection."),
        ],
    )
    def test_that_is_closed_is_said(self, send, lines, said):
        """As one that takes nothing from this network."""
        with serving_lines(lines) as port:
            assert send(port, smtp_security="none") == said

    def test_that_says_nothing_is_given_up(self, send):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            assert send(port, smtp_timeout=1) == f"{UNREACHABLE} it took too long."

    def test_has_a_name_that_nobody_knows(self, send):
        said = f"{UNREACHABLE} its name is unknown."
        assert send(25, smtp_host="smtp.invalid") == said


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that is its own authority, and the context of its server."""
    folder = tmp_path_factory.mktemp("certificate")
    pem, key = folder / "cert.pem", folder / "key.pem"
    words = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        f"-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout {key} "
        f"-out {pem}"
    )
    subprocess.run(  # noqa: S603
        [path_of("openssl"), *words.split()], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return pem, context


@pytest.mark.slow
@needs("openssl")
class TestTls:
    @pytest.mark.parametrize(
        ("kind", "option"), [("tls", "ssl_context"), ("starttls", "tls_context")]
    )
    def test_is_spoken_with_the_server_of_the_certificate(
        self, send, certificate, monkeypatch, kind, option
    ):
        pem, context = certificate
        about = {"smtp_security": kind, **SIGNED_IN}
        # aiosmtpd takes only STARTTLS for TLS.
        options = {option: context, "auth_require_tls": kind == "starttls"}
        with serving(**options) as (post, port):
            assert send(port, **about) == (
                "The mail server has no valid certificate: self-signed certificate."
            )
            monkeypatch.setenv("SSL_CERT_FILE", str(pem))
            assert send(port, **about) is None
            assert post.recipients == ["a@b.example"]
            said = send(port, smtp_host="localhost", **about)
            assert "Hostname mismatch" in said


def missing(name, lacking):
    """Return what is said of a setting that another one needs."""
    return (
        f"apiserver.{name} is set, but apiserver.{lacking} is missing: set it, or "
        f"APISERVER_{lacking.upper()}_FILE to a file that holds it."
    )


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"smtp_host": "smtp.example.com"}, missing("smtp_host", "mail_from")),
            ({"smtp_username": "x"}, missing("smtp_username", "smtp_password")),
            ({"smtp_password": "x"}, missing("smtp_password", "smtp_username")),
            (
                {"smtp_password": "x", "smtp_username": "x"},
                "apiserver.smtp_username is set, but apiserver.smtp_host is missing: "
                "set it to the name of the mail server.",
            ),
            (
                {"mail_language": "tlh"},
                "apiserver.mail_language = tlh, but there is no "
                "apiserver.mail:mails/tlh/layout.txt.jinja2: set it to a language that "
                "has one, such as en.",
            ),
            (
                {"mail_language": "../en"},
                "The setting apiserver.mail_language must be a language, such as en, "
                "de or pt-BR.",
            ),
        ],
    )
    def test_are_whole(self, make_mail_app, settings, sentence):
        with pytest.raises(ConfigurationError) as raised:
            make_mail_app("sqlite://", **settings)
        # Pyramid has wrapped what comes after all are declared.
        assert str(getattr(raised.value, "evalue", raised.value)) == sentence

    @pytest.mark.parametrize(
        "value",
        ["nobody", "Nobody <nobody>", "a@b.c, d@e.f", "a@b.c\r\nBcc: d@e.f", "@b.c"],
    )
    def test_take_one_sender(self, value):
        with pytest.raises(ValueError, match="must be"):
            sender(value)

    def test_take_credentials_of_ascii_alone(self, make_mail_app):
        sentence = "smtp_password must only have characters of ASCII"
        with pytest.raises(ConfigurationError, match=sentence):
            make_mail_app("sqlite://", smtp_username="x", smtp_password="pässword")

    @pytest.mark.parametrize(
        "value", ["smtp://example.com", "a b", "smtp.example.com:25"]
    )
    def test_take_the_name_of_a_host(self, make_mail_app, value):
        with pytest.raises(ConfigurationError, match="smtp_host must be"):
            make_mail_app("sqlite://", smtp_host=value, mail_from="a@b.example")
