// What a user of the client in TypeScript does; prints what comes of it as JSON.

import {
  AuthApi,
  Configuration,
  OAuth2Error,
  OAuth2Session,
  type Problem,
  ProblemFromJSON,
  ResponseError,
  type TeamPatchOperation,
  TeamsApi,
  UsersApi,
} from "apiserver-client";

declare const process: { argv: string[] };

const [, , server = "", clientSecret = ""] = process.argv;

/** Return the APIs as a session calls them. */
function apis({ basePath, accessToken }: OAuth2Session) {
  const configuration = new Configuration({ basePath, accessToken });
  return {
    auth: new AuthApi(configuration),
    teams: new TeamsApi(configuration),
    users: new UsersApi(configuration),
  };
}

/** Return the problem that a call is answered with. */
async function problemOf(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    return ProblemFromJSON(await error.response.json());
  }
  throw new Error("The call was answered without a problem.");
}

/** Return the code of the error that a session has. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof OAuth2Error)) throw error;
    return error.error;
  }
  throw new Error("The call succeeded.");
}

/** Let time pass for this program. */
function passTime(seconds: number): void {
  const now = Date.now;
  Date.now = () => now() + 1000 * seconds;
}

const session = new OAuth2Session({ server, clientId: "documentation" });
const wrong = await errorOf(session.signIn("root", "wrong"));
await session.signIn("root", "q");
const { auth, teams, users } = apis(session);

const page = await users.listUsersRaw({ limit: 2 });
const listed = (await page.value()).map((user) => user.username);
const total = Number(page.raw.headers.get("X-Total-Count"));

const team = await teams.createTeam({ teamCreate: { title: "Engineers" } });
const teamId = team.id;
const createdUntil = new Date(team.created.getTime() + 1);
const found = await teams.listTeams({ createdFrom: team.created, createdUntil });
const rename = (value: unknown) => {
  const patch: TeamPatchOperation[] = [{ op: "replace", path: "/title", value }];
  return teams.patchTeam({ teamId, patch });
};
const renamed = await rename("Analysts");
const refused: Problem[] = [];
for (const value of [5, 2.5, true, null, ["a"], { a: 1 }, undefined]) {
  refused.push(await problemOf(rename(value)));
}

await teams.addTeamMember({ teamId, memberAdd: { userId: 2 } });
const leader = await teams.patchTeamMember({
  teamId,
  userId: 2,
  patch: [{ op: "replace", path: "/is_leader", value: true }],
});
const made = await auth.createOauth2Client({
  oauth2ClientCreate: { redirectUris: ["https://example.com/a"] },
});
const changed = await auth.patchOauth2Client({
  clientId: made.clientId,
  patch: [{ op: "replace", path: "/redirect_uris", value: ["https://example.com/b"] }],
});

const other = new OAuth2Session({ server, clientId: "documentation" });
await other.signIn("user", "w");
const forbidden = await problemOf(apis(other).users.listUsers());

const read = await teams.getTeamRaw({ teamId });
const ifMatch = read.raw.headers.get("ETag") ?? "";
const gone = await teams.deleteTeam({ teamId, ifMatch });
const missing = await problemOf(teams.getTeam({ teamId }));

const own = new OAuth2Session({ server, clientId: "documentation", clientSecret });
await own.signInAsClient();
const ownBefore = await own.accessToken();

const before = await session.accessToken();
passTime(3600 - 20);
const calls = [users.getMe(), users.getMe(), teams.listTeams({})] as const;
const [me] = await Promise.all(calls);
const renewed = (await session.accessToken()) !== before;
const ownRenewed = (await own.accessToken()) !== ownBefore;
const signup = await users.getSignupForm();

await other.signIn("user", "w");
const thief = new OAuth2Session({ server, clientId: "documentation" });
await thief.resume(other.refreshToken ?? "");
passTime(3600);
const ended = [await errorOf(other.accessToken()), await errorOf(other.accessToken())];

await session.signOut();
const signedOut = await errorOf(users.getMe());

console.log(
  JSON.stringify({
    wrong,
    listed,
    isTotal: total >= listed.length,
    title: team.title,
    isDate: team.created instanceof Date,
    isFound: found.some((each) => each.id === teamId),
    members: team.members.map((member) => [member.user.username, member.isLeader]),
    renamed: renamed.title,
    refused: refused.map((problem) => [problem.status, problem.errors]),
    leader: leader.isLeader,
    method: made.tokenEndpointAuthMethod,
    uris: changed.redirectUris,
    forbidden: [forbidden.status, forbidden.detail],
    gone: gone === undefined,
    missing: missing.title,
    me: me.username,
    renewed,
    ownRefreshToken: own.refreshToken ?? null,
    ownRenewed,
    recaptcha: signup.recaptchaServerKey,
    ended,
    signedOut,
  }),
);
