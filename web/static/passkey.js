// Where a form asks for a passkey, the device is asked when it is sent, and what it answers goes
// with the form. Without this script, or a browser that knows passkeys, the form stays hidden.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const known = window.PublicKeyCredential;
  if (!known?.parseRequestOptionsFromJSON || !known.parseCreationOptionsFromJSON) continue;
  form.hidden = false;
  for (const other of document.querySelectorAll(".no-passkey")) other.hidden = true;

  const ask = (options) =>
    form.dataset.kind === "create"
      ? navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options) });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[role=alert]");
    failed.hidden = true;
    try {
      const key = await ask(JSON.parse(form.dataset.passkey));
      form.elements.answer.value = JSON.stringify(key.toJSON());
    } catch {
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}
