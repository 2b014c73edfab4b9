"""The administrators' pages."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from apiserver.auth.models import BrowserSession, OAuth2Grant
from apiserver.core.db import now
from apiserver.core.jobs import JobState, QueuedJob
from tests.audit.places import make_event
from tests.auth.browser import Browser
from tests.events import event
from tests.factories import PASSWORD
from tests.jobs.places import make_job

PAGES = ("/admin/", "/admin/user?id=1", "/admin/log", "/admin/jobs")
POSTS = ("/admin/user?id=1", "/admin/client", "/admin/jobs")
SIGNED_IN = ("sign_in",)


def page_of(user):
    return f"/admin/user?id={user.id}"


def soup(page):
    return BeautifulSoup(page.text, "html.parser")


def words(element):
    return " ".join(element.text.split())


def headings(page):
    return [words(each) for each in soup(page).select(".items h2, .items h3")]


def said(page):
    [alert] = soup(page).select("[role=alert]")
    return words(alert)


@pytest.fixture
def done(events):
    """A function that returns the events since the administrator has signed in."""
    return lambda: [e for e in events() if e["action"] not in SIGNED_IN]


class TestWho:
    @pytest.mark.parametrize("path", PAGES)
    def test_others_see_nothing(self, api, make_user, path):
        browser = Browser(api)
        answer = browser.call("GET", path)
        assert answer.status_int == 303
        assert answer.headers["Location"].startswith("/auth/login?next=%2Fadmin%2F")
        browser.sign_in(make_user().username, PASSWORD)
        page = browser.call("GET", path)
        assert page.status_int == 403
        assert said(page) == "Only administrators may see this."

    @pytest.mark.parametrize("path", POSTS)
    def test_others_do_nothing(self, api, make_user, path):
        browser = Browser(api)
        browser.sign_in(make_user().username, PASSWORD)
        browser.call("GET", "/account/")
        page = browser.submit(path, owner="x", client="x", job="1", deactivate="1")
        assert page.status_int == 403
        assert browser.call("POST", path, {"csrf": "x"}).status_int == 400

    def test_an_administrator_is_led_there(self, browser, api, make_user):
        page = browser.call("GET", "/account/")
        assert soup(page).select_one("nav a[href='/admin/']") is not None
        other = Browser(api)
        other.sign_in(make_user().username, PASSWORD)
        assert "Administration" not in other.call("GET", "/account/").text

    def test_acts_need_a_recent_sign_in(self, browser, an_hour_later, make_user, done):
        user = make_user()
        path = page_of(user)
        browser.call("GET", path)
        an_hour_later()
        refused = browser.submit(path, deactivate="1")
        assert refused.status_int == 303
        next_page = f"%2Fadmin%2Fuser%3Fid%3D{user.id}"
        assert refused.headers["Location"] == f"/auth/login?next={next_page}"
        assert done() == []
        page = browser.call("GET", path)
        assert "sign in again" in page.text
        buttons = [words(each) for each in soup(page).select("button")]
        assert buttons == ["Sign out"]


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
        make_user(
            "inactive", username="bob", created=made + timedelta(1), email="bob@x.de"
        )
        assert headings(browser.call("GET", f"/admin/{query}")) == found

    def test_are_shown_page_by_page(self, make_user, browser):
        made = [make_user(username=f"many{n}") for n in range(21)]
        page = browser.call("GET", "/admin/?q=many")
        shown = headings(page)
        page = browser.call("GET", soup(page).select_one("a[rel=next]")["href"])
        assert len(shown) == 20
        assert shown + headings(page) == [user.username for user in reversed(made)]
        assert soup(page).select_one("a[rel=next]") is None

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("after=x", "After: Is not a cursor of this list."),
            ("is_active=maybe", "State: Must be true or false."),
            ("q=%01", "Name or email address: Must not contain control characters."),
            ("x=y", "X: Unknown field."),
        ],
    )
    def test_are_not_looked_for_by_junk(self, browser, query, sentence):
        page = browser.call("GET", f"/admin/?{query}")
        assert (page.status_int, said(page)) == (422, sentence)

    def test_show_no_markup_of_theirs(self, make_user, browser):
        user = make_user(first_name="<b>x</b>")
        for path in ("/admin/", page_of(user)):
            assert "&lt;b&gt;x&lt;/b&gt;" in browser.call("GET", path).text


class TestAccount:
    def test_is_shown_with_all_that_belongs_to_it(
        self, browser, make_user, make_session, make_client, make_token
    ):
        user = make_user(first_name="Ada")
        make_session(user)
        own, other = make_client(user), make_client()
        make_token(user, client=other, scopes=["users:read"])
        page = browser.call("GET", page_of(user))
        assert headings(page) == ["Firefox on Linux", other.client_id, own.client_id]
        facts = soup(page).select_one("main > dl")
        shown = [words(each) for each in facts.select("dt, dd")]
        assert (
            dict(zip(shown[::2], shown[1::2], strict=True)).items()
            >= {
                "Id": str(user.id),
                "Name": "Ada",
                "Address": user.email,
                "State": "active",
                "Roles": "regular user",
            }.items()
        )

    @pytest.mark.parametrize("number", ["", "x", "0", str(2**70), "99999999"])
    def test_of_nobody_is_missing(self, browser, number):
        page = browser.call("GET", f"/admin/user?id={number}")
        assert (page.status_int, said(page)) == (404, "There is no such user.")
        browser.call("GET", "/admin/")
        page = browser.submit(f"/admin/user?id={number}", deactivate="1")
        assert page.status_int == 404

    def test_is_deactivated_and_activated(self, press, db, admin, make_user, done):
        user = make_user()
        epoch = user.epoch
        page = press(page_of(user), deactivate="1")
        assert "Activate" in page.text
        db.refresh(user)
        assert (user.is_active, user.epoch) == (False, epoch + 1)
        press(page_of(user), deactivate="1")
        press(page_of(user), activate="1")
        db.refresh(user)
        assert user.is_active
        about = {"actor_id": admin.id}
        assert done() == [
            event("role_change", target=f"user:{user.id} is_active={value}", **about)
            for value in (False, True)
        ]

    def test_of_a_client_owner_ends_what_the_clients_got(
        self, press, db, admin, make_user, make_client, done
    ):
        client = make_client(make_user())
        page_path = f"/admin/user?id={client.user_id}"
        press(page_path, deactivate="1")
        db.refresh(client)
        assert client.epoch == 1
        [told, _] = sorted(done(), key=lambda each: each["action"])
        assert (told["action"], told["actor_id"]) == ("client_changed", admin.id)

    @pytest.mark.parametrize("button", ["deactivate", "everything", "sessions"])
    def test_is_not_changed_by_its_own_user(
        self, press, db, admin, make_user, done, button
    ):
        make_user("admin")
        page = press(page_of(admin), **{button: "1"})
        assert page.status_int == 409
        assert said(page) == "This is your own account. Change it at /account/."
        assert [words(each) for each in soup(page).select("button")] == ["Sign out"]
        db.refresh(admin)
        assert (admin.is_active, admin.epoch, done()) == (True, 0, [])

    def test_is_not_deactivated_while_a_team_needs_it(
        self, press, db, make_user, make_team, done
    ):
        user = make_user()
        team = make_team(leaders=[user])
        page = press(page_of(user), deactivate="1")
        assert page.status_int == 409
        assert f"without a leader who can act: {team.id}." in said(page)
        assert "<dd>active</dd>" in page.text
        db.refresh(user)
        assert (user.is_active, done()) == (True, [])


class TestEnding:
    def test_a_session(self, press, db, admin, make_user, make_session, done):
        user = make_user()
        ended, kept, strange = [make_session(u) for u in (user, user, make_user())]
        for value in (ended.id, ended.id, strange.id, "x", 2**70):
            press(page_of(user), session=str(value))
        left = db.scalars(select(BrowserSession.id).where(BrowserSession.id > 0)).all()
        assert {kept.id, strange.id} <= {*left}
        assert ended.id not in left
        target = f"session:{ended.id}"
        assert done() == [event("session_ended", actor_id=admin.id, target=target)]

    def test_all_sessions(self, press, db, admin, make_user, make_session, done):
        user = make_user()
        for each in (user, user):
            make_session(each)
        page = press(page_of(user), sessions="all")
        assert "They are signed in nowhere." in page.text
        target = f"sessions_of:{user.id}"
        assert done() == [event("sessions_ended", actor_id=admin.id, target=target)]

    def test_the_access_of_an_application(
        self, press, db, admin, make_user, make_client, make_token, done
    ):
        user, client = make_user(), make_client()
        for each in (user, make_user()):
            make_token(each, client=client, scopes=["users:read"])
        for value in (client.client_id, client.client_id, "nobody"):
            press(page_of(user), application=value)
        ended = select(OAuth2Grant.user_id).where(OAuth2Grant.revoked.is_not(None))
        assert db.scalars(ended).all() == [user.id]
        target = f"user:{user.id} client:{client.client_id}"
        assert done() == [event("revoked_by_user", actor_id=admin.id, target=target)]

    def test_everything(self, press, db, admin, make_user, make_session, done):
        user = make_user()
        make_session(user)
        press(page_of(user), everything="1")
        db.refresh(user)
        assert user.epoch == 1
        target = f"user:{user.id}"
        assert done() == [event("sign_out", actor_id=admin.id, target=target)]


class TestFeatures:
    def test_tell_of_an_account(self, browser, make_user):
        page = browser.call("GET", page_of(make_user()))
        shown = {
            title.text: title.find_next("dd").text
            for title in soup(page).select("main > dl > dt")
        }
        assert shown["Second factors"] == "none"
        assert shown["Personal access tokens"] == "0"

    def test_mail_a_link_for_a_new_password(self, press, db, admin, make_user, done):
        user = make_user()
        page = press(page_of(user), act="password_reset")
        [status] = soup(page).select("[role=status]")
        assert words(status) == "Done: Send a link for a new password."
        assert db.scalars(select(QueuedJob.name)).all() == ["mail_password_reset"]
        target = f"password_reset_of:{user.id}"
        assert done() == [
            event("password_reset_requested", actor_id=admin.id, target=target)
        ]

    def test_refuse_by_their_own_rules(self, press, db, make_user, done):
        page = press(page_of(make_user("inactive")), act="password_reset")
        assert page.status_int == 409
        assert said(page) == "Inactive and internal accounts get no link."
        assert (db.scalars(select(QueuedJob.id)).all(), done()) == ([], [])


class TestHandOver:
    def test_gives_the_client_to_an_active_user(
        self, press, db, admin, make_user, make_client, done
    ):
        client, owner = make_client(), make_user(username="ada")
        page = press(
            f"/admin/user?id={client.user_id}",
            "/admin/client",
            client=client.client_id,
            owner="ADA",
        )
        assert client.client_id in headings(page)
        db.refresh(client)
        assert client.user_id == owner.id
        target = f"client:{client.client_id} user_id"
        assert done() == [event("client_changed", actor_id=admin.id, target=target)]

    @pytest.mark.parametrize(
        ("owner", "client_id", "status", "sentence"),
        [
            ("nobody", None, 409, "There is no active user with this name."),
            ("gone", None, 409, "There is no active user with this name."),
            ("grace", "nothing", 404, "There is no such client."),
        ],
    )
    def test_is_refused(
        self,
        press,
        db,
        make_user,
        make_client,
        done,
        owner,
        client_id,
        status,
        sentence,
    ):
        make_user("inactive", username="gone")
        client = make_client()
        form = {"client": client_id or client.client_id, "owner": owner}
        page = press(f"/admin/user?id={client.user_id}", "/admin/client", **form)
        assert (page.status_int, said(page)) == (status, sentence)
        before = client.user_id
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
        assert headings(browser.call("GET", f"/admin/log?{query}")) == found

    def test_names_who_did_it(self, browser, db, admin):
        make_event(db, actor_id=admin.id, action="x")
        make_event(db, actor_id=admin.id + 1000, action="x")
        page = browser.call("GET", "/admin/log?action=x")
        links = soup(page).select(".items a")
        assert [each.text for each in links] == [str(admin.id + 1000), "grace"]

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("result=x", "Result: Must be one of success, failure, denied."),
            ("actor_id=x", "Who (the id of a user): Must be an integer."),
            ("from=yesterday", "From (UTC): Must be a date, such as 2026-03-01."),
            ("until=2026-02-30", "Before (UTC): Must be a date, such as 2026-03-01."),
            ("after=x", "After: Is not a cursor of this list."),
        ],
    )
    def test_refuses_junk(self, browser, query, sentence):
        page = browser.call("GET", f"/admin/log?{query}")
        assert (page.status_int, said(page)) == (422, sentence)


class TestJobs:
    def test_dead_ones_are_tried_again(self, press, browser, db, admin, done):
        dead, waiting = (
            make_job(db),
            make_job(db, "b", state=JobState.QUEUED, due=now()),
        )
        assert headings(browser.call("GET", "/admin/jobs")) == ["purge_expired"]
        for value in (dead.id, dead.id, waiting.id, "x", 2**70):
            page = press("/admin/jobs", job=str(value))
        assert "There are none." in page.text
        states = db.scalars(select(QueuedJob.state)).all()
        assert states == [JobState.QUEUED] * 2
        target = f"job:{dead.id}"
        assert done() == [event("job_retried", actor_id=admin.id, target=target)]


class TestStatements:
    """Their number, however much belongs to the account; and the order of locks."""

    @pytest.mark.parametrize(
        ("path", "form", "number"),
        [
            ("/admin/", None, 3),
            ("/admin/user?id={}", None, 8),
            ("/admin/log", None, 4),
            ("/admin/jobs", None, 4),
            ("/admin/user?id={}", {"deactivate": "1"}, 11),
            ("/admin/user?id={}", {"everything": "1"}, 9),
            ("/admin/client", {"owner": "ada"}, 11),
            ("/admin/jobs", {"job": "{}"}, 5),
        ],
    )
    def test_are_as_many_as_these(
        self,
        browser,
        db,
        make_user,
        make_session,
        make_client,
        make_token,
        statements,
        path,
        form,
        number,
    ):
        user, _ = make_user(), make_user(username="ada")
        for _ in range(10):
            make_session(user)
            make_token(user, scopes=["users:read"])
            client, job = make_client(user), make_job(db)
        browser.call("GET", "/admin/")
        with statements() as executed:
            if form is None:
                page = browser.call("GET", path.format(user.id))
            else:
                filled = {k: v.format(job.id) for k, v in form.items()}
                page = browser.submit(
                    path.format(user.id), client=client.client_id, **filled
                )
        assert page.status_int == (200 if form is None else 303)
        assert len(executed) == number, executed
