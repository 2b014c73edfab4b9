// Signs in by a browser, in two runs: the first prints where, the second where it led.

import { Configuration, OAuth2Session, UsersApi } from "apiserver-client";

declare const process: { argv: string[] };

const [, , server = "", redirectUri = "", url, kept = ""] = process.argv;
const session = new OAuth2Session({
  server,
  clientId: "documentation",
  scope: "users:read",
});
if (url === undefined) {
  console.log(JSON.stringify(await session.authorizationUrl(redirectUri)));
} else {
  await session.redeem(url, JSON.parse(kept));
  const { basePath, accessToken } = session;
  const users = new UsersApi(new Configuration({ basePath, accessToken }));
  console.log((await users.getMe()).username);
}
