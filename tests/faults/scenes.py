"""Who has which rights, what he writes by them, and how each of them is taken."""

from typing import Any

from sqlalchemy.orm import Session

from tests import factories
from tests.faults.tables import Tables
from tests.patches import replace
from tests.racers import Call, Racers
from tests.users.accounts import patch

# The feature that is generated.
FEATURE, NOUN = "laps", "lap"
SCOPES = (
    *(f"{name}:write" for name in ("users", "teams", "auth", FEATURE)),
    *(f"{name}:read" for name in ("users", "teams")),
)
# What is lost by an administrator, who leads a team; by a regular user, who does; and
# with the team alone.
LOSSES = ("deactivated", "demoted", "signed out", "read-only", "no leader", "removed")
REGULAR = {"read-only", "no leader", "removed"}
OF_A_TEAM = {"no leader", "removed"}
# Those that a team's only leader is spared: 409.
UNABLE = {"deactivated", "read-only"}
# The tables that the calls write to; and those of a team, by the column that names it.
WRITTEN = dict.fromkeys(("user", "team", "team_member", "oauth2_client", NOUN), "")
TEAM = {"team": "id", "team_member": "team_id"}


class Scene:
    """A victim, all that he may write to, and those who take his rights."""

    def __init__(self, db: Session, tables: Tables, racers: Racers, loss: str) -> None:
        self.loss = loss
        self.tables = tables
        tables.empty()
        kind = "regular" if loss in REGULAR else "admin"
        root, victim, self.other = (
            factories.make_user(db, each) for each in ("admin", kind, "regular")
        )
        leader, self.member, self.stranger = (factories.make_user(db) for _ in range(3))
        self.victim = victim
        self.team = factories.make_team(
            db, leaders=[victim, leader], members=[self.member]
        )
        self.client = factories.make_client(db, victim, default_scopes=SCOPES)
        self.root, self.token, self.leader, others = (
            factories.make_token(db, user, scopes=SCOPES)
            for user in (root, victim, leader, self.other)
        )
        self.laps = [
            answer.json["id"]
            for answer in racers.run(
                *(
                    Call(token, "POST", f"/{FEATURE}/", {"title": "The first one"})
                    for token in (self.token, self.token, others, others)
                )
            )
        ]
        tables.keep()

    def stored(self) -> dict[str, Any]:
        """Return the rows that what is lost was the right to."""
        if self.loss in OF_A_TEAM:
            return self.tables.rows(TEAM, self.team.id)
        return self.tables.rows(WRITTEN, None)

    def writes(self, number: int) -> list[Call]:
        """Return the calls by which the victim writes, each from its own address.

        In every other round he makes a team, whose only leader he is.
        """
        calls = self.of_the_team()
        if self.loss not in OF_A_TEAM:
            calls += [*self.of_users(), *self.of_clients(), *self.of_laps()]
            calls += [("POST", "/teams/", {"title": "Designers"})] * (number % 2)
        return [
            Call(self.token, method, path, body, address=f"192.0.2.{n + 1}")
            for n, (method, path, body) in enumerate(calls)
        ]

    def of_the_team(self) -> list[Any]:
        team = f"/teams/{self.team.id}"
        lead = [replace("is_leader", True)]
        return [
            ("PATCH", team, [replace("title", "Designers")]),
            ("PATCH", f"{team}/members/{self.victim.id}", lead),
            ("PATCH", f"{team}/members/{self.member.id}", lead),
            ("POST", f"{team}/members/", {"user_id": self.stranger.id}),
            ("DELETE", f"{team}/members/{self.member.id}", None),
        ]

    def of_users(self) -> list[Any]:
        mine, others = f"/users/{self.victim.id}", f"/users/{self.other.id}"
        return [
            ("PATCH", mine, patch(replace("is_admin", True))),
            ("PATCH", mine, patch(replace("is_active", True))),
            ("PATCH", others, patch(replace("is_admin", True))),
            ("PATCH", others, patch(replace("first_name", "Ada"))),
        ]

    def of_clients(self) -> list[Any]:
        client = f"/auth/oauth2_clients/{self.client.client_id}"
        return [
            ("POST", "/auth/oauth2_clients/", {}),
            ("PATCH", client, [replace("enabled", False)]),
            ("POST", f"{client}/secret", None),
        ]

    def of_laps(self) -> list[Any]:
        rename = [replace("title", "The last one")]
        return [
            ("POST", f"/{FEATURE}/", {"title": "Another one"}),
            *(("PATCH", f"/{FEATURE}/{n}", rename) for n in self.laps[::2]),
            *(("DELETE", f"/{FEATURE}/{n}", None) for n in self.laps[1::2]),
        ]

    def taking(self) -> Call:
        """Return the call that takes the right."""
        account = f"/users/{self.victim.id}"
        member = f"/teams/{self.team.id}/members/{self.victim.id}"
        down = replace("is_admin", False)
        token, method, path, body = {
            "deactivated": (
                self.root,
                "PATCH",
                account,
                patch(replace("is_active", False), down),
            ),
            "demoted": (self.root, "PATCH", account, patch(down)),
            "read-only": (
                self.root,
                "PATCH",
                account,
                patch(replace("is_regular_user", False)),
            ),
            "signed out": (self.token, "DELETE", "/auth/grants/", None),
            "removed": (self.leader, "DELETE", member, None),
            "no leader": (
                self.leader,
                "PATCH",
                member,
                [replace("is_leader", False)],
            ),
        }[self.loss]
        return Call(token, method, path, body, address="192.0.2.100")
