// Asks the browser for a passkey when a form with data-passkey is sent, and sends what it
// says in the field "credential". The options are those of the form; a form without any
// gets them from the server, as the answer to itself without a credential.

"use strict";

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
  });
  if (!answer.ok) throw new Error("The server refused. Reload the page and try again.");
  return answer.json();
}

async function ask(form) {
  const json = await optionsOf(form);
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return navigator.credentials.get({ publicKey });
}

const SENTENCES = {
  InvalidStateError: "This device has a passkey for the account already.",
  NotAllowedError: "No passkey was used. Try again.",
  SecurityError: "Passkeys don't work at this address of the server.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const alert = form.querySelector("[role=alert]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    alert.hidden = true;
    button.disabled = true;
    try {
      if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
        throw new Error("This browser can't use passkeys here.");
      }
      const credential = await ask(form);
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "credential";
      field.value = JSON.stringify(credential);
      form.append(field);
      form.submit();
    } catch (error) {
      alert.textContent = SENTENCES[error.name] ?? error.message;
      alert.hidden = false;
      button.disabled = false;
    }
  });
}
