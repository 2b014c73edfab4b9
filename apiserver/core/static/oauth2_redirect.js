// Hands the answer to a sign-in over to Swagger UI, which has opened this window.

"use strict";

const request = window.opener?.swaggerUIRedirectOauth2;
const answer = new URLSearchParams(window.location.search);

if (request) {
  if (answer.has("code") && answer.get("state") === request.state) {
    request.auth.code = answer.get("code");
    request.callback({ auth: request.auth, redirectUrl: request.redirectUrl });
  } else {
    request.errCb({
      authId: request.auth.name,
      source: "auth",
      level: "error",
      message:
        answer.get("error_description") ??
        answer.get("error") ??
        "This response does not match the request.",
    });
  }
  window.close();
}
