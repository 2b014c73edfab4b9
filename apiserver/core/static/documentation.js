// Starts Swagger UI with what the page says in its data attributes.

"use strict";

const page = document.getElementById("documentation");

const ui = SwaggerUIBundle({
  domNode: page,
  url: page.dataset.document,
  oauth2RedirectUrl: new URL(page.dataset.redirect, window.location.href).href,
  // Whoever sends a link must not choose the document or the settings.
  queryConfigEnabled: false,
  // No request to a validator elsewhere.
  validatorUrl: null,
  supportedSubmitMethods: ["get", "post", "put", "patch", "delete", "options"],
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
});

ui.initOAuth({
  appName: page.dataset.title,
  clientId: page.dataset.clientId,
  usePkceWithAuthorizationCodeGrant: true,
});
