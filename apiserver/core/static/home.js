// Copies the command. Without this, or where the browser has no clipboard for pages, a
// click on the command selects it whole.

"use strict";

const command = document.querySelector(".command code");
const button = document.querySelector(".command button");

if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}
