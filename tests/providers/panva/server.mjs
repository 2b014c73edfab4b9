// A provider that takes any login, and knows the address of each; its pages are those
// that the library has for development.
import { Provider } from "oidc-provider";

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] },
  ],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["preferred_username"],
  },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.com`,
      email_verified: true,
      preferred_username: id,
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => {
  console.log(`Serving on http://127.0.0.1:${port}`);
});
