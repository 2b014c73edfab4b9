"""The administrators' pages."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from apiserver.core.jobs import JobState, QueuedJob
from tests.audit.places import make_event
from tests.auth.browser import Browser
from tests.events import event
from tests.factories import PASSWORD
from tests.html import headings, soup, words
from tests.jobs.places import make_job

PAGES = ("/admin/", "/admin/user?id=1", "/admin/log", "/admin/jobs")
POSTS = ("/admin/user?id=1", "/admin/client", "/admin/jobs")


@pytest.fixture
def path(user):
    """The page of the user."""
    return f"/admin/user?id={user.id}"


@pytest.fixture
def stranger(api, user):
    """The browser of the user, who is no administrator."""
    browser = Browser(api)
    browser.sign_in(user.username, PASSWORD)
    return browser


def items(page):
    return headings(page, ".items h2, .items h3")


def buttons(page):
    return headings(page, "button")


def refused(page):
    """Return the status of a page, and what it says."""
    [alert] = headings(page, "[role=alert]")
    return page.status_int, alert


def facts(page):
    """Return what a page says of an account, by its headings."""
    shown = headings(page, "main > dl > dt, main > dl > dd")
    return dict(zip(shown[::2], shown[1::2], strict=True))


class TestWho:
    @pytest.mark.parametrize("path", PAGES)
    def test_others_see_nothing(self, api, stranger, path):
        answer = Browser(api).call("GET", path)
        assert answer.headers["Location"].startswith("/auth/login?next=%2Fadmin%2F")
        page = stranger.call("GET", path)
        assert refused(page) == (403, "Only administrators may see this.")

    @pytest.mark.parametrize("path", POSTS)
    def test_others_do_nothing(self, stranger, path):
        stranger.call("GET", "/account/")
        form = {"owner": "x", "client": "x", "job": "1", "deactivate": "1"}
        assert stranger.submit(path, **form).status_int == 403
        assert stranger.call("POST", path, {"csrf": "x"}).status_int == 400

    def test_an_administrator_is_led_there(self, browser, stranger):
        page = browser.call("GET", "/account/")
        assert soup(page).select_one("nav a[href='/admin/']") is not None
        assert "Administration" not in stranger.call("GET", "/account/").text

    def test_acts_need_a_recent_sign_in(self, browser, an_hour_later, user, path, done):
        browser.call("GET", path)
        an_hour_later()
        answer = browser.submit(path, deactivate="1")
        led = f"/auth/login?next=%2Fadmin%2Fuser%3Fid%3D{user.id}"
        assert answer.headers["Location"] == led
        assert done() == []
        page = browser.call("GET", path)
        assert "sign in again" in page.text
        assert buttons(page) == ["Sign out"]


class TestAccounts:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["grace administrator", "bob deactivated", "ada"]),
            ("?q=ADA", ["ada"]),
            ("?q=bob@", ["bob deactivated"]),
            ("?q=lovelace", ["ada"]),
            ("?q=%25", []),
            ("?is_active=false&q=", ["bob deactivated"]),
        ],
    )
    def test_are_found(self, make_user, browser, query, found):
        made = datetime(2026, 1, 1, tzinfo=UTC)
        names = {"first_name": "Ada", "last_name": "Lovelace"}
        make_user(username="ada", created=made, email="a@example.com", **names)
        later = {"created": made + timedelta(1), "email": "bob@x.de"}
        make_user("inactive", username="bob", **later)
        assert items(browser.call("GET", f"/admin/{query}")) == found

    def test_are_shown_page_by_page(self, make_user, browser):
        made = [make_user(username=f"many{n}") for n in range(21)]
        page = browser.call("GET", "/admin/?q=many")
        shown = items(page)
        page = browser.call("GET", soup(page).select_one("a[rel=next]")["href"])
        assert len(shown) == 20
        assert shown + items(page) == [user.username for user in reversed(made)]
        assert soup(page).select_one("a[rel=next]") is None

    def test_show_no_markup_of_theirs(self, make_user, browser):
        user = make_user(first_name="<b>x</b>")
        for path in ("/admin/", f"/admin/user?id={user.id}"):
            assert "&lt;b&gt;x&lt;/b&gt;" in browser.call("GET", path).text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?after=x", "After: Is not a cursor of this list."),
        ("?is_active=maybe", "State: Must be true or false."),
        ("?q=%01", "Name or email address: Must not contain control characters."),
        ("?x=y", "X: Unknown field."),
        ("log?result=x", "Result: Must be one of success, failure, denied."),
        ("log?actor_id=x", "Who (the id of a user): Must be an integer."),
        ("log?from=yesterday", "From (UTC): Must be a date, such as 2026-03-01."),
        ("log?until=2026-02-30", "Before (UTC): Must be a date, such as 2026-03-01."),
        ("log?after=x", "After: Is not a cursor of this list."),
    ],
)
def test_nothing_is_looked_for_by_junk(browser, query, sentence):
    assert refused(browser.call("GET", f"/admin/{query}")) == (422, sentence)


class TestAccount:
    def test_is_shown_with_all_that_belongs_to_it(
        self, browser, make_user, make_session, make_client, make_token
    ):
        user = make_user(first_name="Ada")
        make_session(user)
        own, other = make_client(user), make_client()
        make_token(user, client=other, scopes=["users:read"])
        page = browser.call("GET", f"/admin/user?id={user.id}")
        assert items(page) == ["Firefox on Linux", other.client_id, own.client_id]
        expected = {
            "Id": str(user.id),
            "Name": "Ada",
            "Address": user.email,
            "State": "active",
            "Roles": "regular user",
            # Of other features.
            "Second factors": "none",
            "Personal access tokens": "0",
        }
        assert facts(page).items() >= expected.items()

    @pytest.mark.parametrize("number", ["", "x", "0", str(2**70), "99999999"])
    def test_of_nobody_is_missing(self, browser, number):
        missing = (404, "There is no such user.")
        assert refused(browser.call("GET", f"/admin/user?id={number}")) == missing
        browser.call("GET", "/admin/")
        page = browser.submit(f"/admin/user?id={number}", deactivate="1")
        assert page.status_int == 404

    def test_is_deactivated_and_activated(self, press, db, admin, user, path, done):
        epoch = user.epoch
        assert "Activate" in press(path, deactivate="1").text
        db.refresh(user)
        assert (user.is_active, user.epoch) == (False, epoch + 1)
        press(path, deactivate="1")
        press(path, activate="1")
        db.refresh(user)
        assert user.is_active
        about = {"actor_id": admin.id}
        assert done() == [
            event("role_change", target=f"user:{user.id} is_active={value}", **about)
            for value in (False, True)
        ]

    def test_of_a_client_owner_ends_what_the_clients_got(
        self, press, db, admin, user, path, make_client, acts
    ):
        client = make_client(user)
        press(path, deactivate="1")
        db.refresh(client)
        assert client.epoch == 1
        assert [actor for actor, _ in acts("client_changed")] == [admin.id]

    @pytest.mark.parametrize("button", ["deactivate", "everything", "sessions"])
    def test_is_not_changed_by_its_own_user(
        self, press, db, admin, make_user, done, button
    ):
        make_user("admin")
        page = press(f"/admin/user?id={admin.id}", **{button: "1"})
        sentence = "This is your own account. Change it at /account/."
        assert refused(page) == (409, sentence)
        assert buttons(page) == ["Sign out"]
        db.refresh(admin)
        assert (admin.is_active, admin.epoch, done()) == (True, 0, [])

    def test_is_not_deactivated_while_a_team_needs_it(
        self, press, db, user, path, make_team, done
    ):
        team = make_team(leaders=[user])
        page = press(path, deactivate="1")
        assert f"without a leader who can act: {team.id}." in refused(page)[1]
        assert facts(page)["State"] == "active"
        db.refresh(user)
        assert (page.status_int, user.is_active, done()) == (409, True, [])


class TestEnding:
    def test_a_session(
        self, press, db, admin, make_user, user, path, make_session, done
    ):
        ended, kept, strange = [make_session(u) for u in (user, user, admin)]
        for value in (ended.id, ended.id, strange.id, "x", 2**70):
            press(path, session=str(value))
        left = {*db.scalars(select(BrowserSession.id))}
        assert {ended.id, kept.id, strange.id} & left == {kept.id, strange.id}
        target = f"session:{ended.id}"
        assert done() == [event("session_ended", actor_id=admin.id, target=target)]

    def test_all_sessions(self, press, admin, user, path, make_session, done):
        for _ in "ab":
            make_session(user)
        page = press(path, sessions="all")
        assert "They are signed in nowhere." in page.text
        target = f"sessions_of:{user.id}"
        assert done() == [event("sessions_ended", actor_id=admin.id, target=target)]

    def test_the_access_of_an_application(
        self, press, db, admin, make_user, user, path, make_client, make_token, done
    ):
        client = make_client()
        for each in (user, make_user()):
            make_token(each, client=client, scopes=["users:read"])
        for value in (client.client_id, client.client_id, "nobody"):
            press(path, application=value)
        ended = select(OAuth2Grant.user_id).where(OAuth2Grant.revoked.is_not(None))
        assert db.scalars(ended).all() == [user.id]
        target = f"user:{user.id} client:{client.client_id}"
        assert done() == [event("revoked_by_user", actor_id=admin.id, target=target)]

    def test_everything(self, press, db, admin, user, path, make_session, done):
        make_session(user)
        press(path, everything="1")
        db.refresh(user)
        assert user.epoch == 1
        target = f"user:{user.id}"
        assert done() == [event("sign_out", actor_id=admin.id, target=target)]


class TestFeatures:
    def test_mail_a_link_for_a_new_password(self, press, db, admin, user, path, done):
        page = press(path, act="password_reset")
        assert headings(page, "[role=status]") == [
            "Done: Send a link for a new password."
        ]
        assert db.scalars(select(QueuedJob.name)).all() == ["mail_password_reset"]
        about = {"actor_id": admin.id, "target": f"password_reset_of:{user.id}"}
        assert done() == [event("password_reset_requested", **about)]

    def test_refuse_by_their_own_rules(self, press, db, make_user, done):
        path = f"/admin/user?id={make_user('inactive').id}"
        sentence = "Inactive and internal accounts get no link."
        assert refused(press(path, act="password_reset")) == (409, sentence)
        assert (db.scalars(select(QueuedJob.id)).all(), done()) == ([], [])


class TestHandOver:
    @pytest.fixture
    def client(self, make_client):
        return make_client()

    @pytest.fixture
    def give(self, press, client):
        """A function that gives a client to a user of a name."""

        def call(owner, client_id=client.client_id):
            path = f"/admin/user?id={client.user_id}"
            return press(path, "/admin/client", client=client_id, owner=owner)

        return call

    def test_gives_the_client_to_an_active_user(
        self, give, client, db, admin, make_user, done
    ):
        owner = make_user(username="ada")
        assert client.client_id in items(give("ADA"))
        db.refresh(client)
        assert client.user_id == owner.id
        target = f"client:{client.client_id} user_id"
        assert done() == [event("client_changed", actor_id=admin.id, target=target)]

    @pytest.mark.parametrize(
        ("given", "answer"),
        [
            (["nobody"], (409, "There is no active user with this name.")),
            (["gone"], (409, "There is no active user with this name.")),
            (["grace", "nothing"], (404, "There is no such client.")),
        ],
    )
    def test_is_refused(self, give, client, db, make_user, done, given, answer):
        make_user("inactive", username="gone")
        before = client.user_id
        assert refused(give(*given)) == answer
        db.refresh(client)
        assert (client.user_id, done()) == (before, [])


class TestLog:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("action=x", ["x"]),
            ("result=failure&action=", ["y failure"]),
            ("target=user:7&from=2026-03-01&until=2026-03-02", ["y failure", "x"]),
            ("until=2026-03-01", []),
        ],
    )
    def test_is_filtered(self, browser, db, query, found):
        make_event(db, created=datetime(2026, 3, 1, tzinfo=UTC), action="x")
        later = datetime(2026, 3, 1, 12, tzinfo=UTC)
        make_event(db, created=later, action="y", result="failure")
        make_event(db, target="<i>")
        assert items(browser.call("GET", f"/admin/log?{query}")) == found

    def test_names_who_did_it(self, browser, db, admin):
        for actor_id in (admin.id, admin.id + 1000):
            make_event(db, actor_id=actor_id, action="x")
        page = browser.call("GET", "/admin/log?action=x")
        links = [words(each) for each in soup(page).select(".items a")]
        assert links == [str(admin.id + 1000), "grace"]


def test_dead_jobs_are_tried_again(press, browser, db, admin, done):
    dead = make_job(db)
    waiting = make_job(db, "b", state=JobState.QUEUED, due=now())
    assert items(browser.call("GET", "/admin/jobs")) == ["purge_expired"]
    for value in (dead.id, dead.id, waiting.id, "x", 2**70):
        page = press("/admin/jobs", job=str(value))
    assert "There are none." in page.text
    assert db.scalars(select(QueuedJob.state)).all() == [JobState.QUEUED] * 2
    target = f"job:{dead.id}"
    assert done() == [event("job_retried", actor_id=admin.id, target=target)]


class TestStatements:
    """Their number, however much belongs to the account; and the order of locks."""

    @pytest.fixture
    def filled(self, db, make_user, user, make_session, make_client, make_token):
        """The values of placeholders: of a user to whom much belongs."""
        make_user(username="ada")
        for _ in range(10):
            make_session(user)
            make_token(user, scopes=["users:read"])
            client, job = make_client(user), make_job(db)
        return {"user": user.id, "job": job.id, "client": client.client_id}

    @pytest.mark.parametrize(
        ("path", "form", "number"),
        [
            ("/admin/", None, 3),
            ("/admin/user?id={user}", None, 8),
            ("/admin/log", None, 4),
            ("/admin/jobs", None, 4),
            ("/admin/user?id={user}", {"deactivate": "1"}, 11),
            ("/admin/user?id={user}", {"everything": "1"}, 9),
            ("/admin/client", {"owner": "ada", "client": "{client}"}, 11),
            ("/admin/jobs", {"job": "{job}"}, 5),
        ],
    )
    def test_are_as_many_as_these(
        self, browser, filled, statements, path, form, number
    ):
        path = path.format(**filled)
        browser.call("GET", "/admin/")
        with statements() as executed:
            if form is None:
                page = browser.call("GET", path)
            else:
                form = {name: value.format(**filled) for name, value in form.items()}
                page = browser.submit(path, **form)
        assert page.status_int == (200 if form is None else 303)
        assert len(executed) == number, executed
