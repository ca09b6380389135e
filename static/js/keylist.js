// Which keys are there? `?` lists them and switches single keys off.
import { keysAreOn, switchKeys } from "./keys.js";

let dialog = null;

function build() {
  dialog = document.getElementById("key-list").content.firstElementChild.cloneNode(true);
  const box = dialog.querySelector("[data-keys-on]");
  box.checked = keysAreOn();
  box.addEventListener("change", () => switchKeys(box.checked));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  document.body.append(dialog);
}

export function open() {
  if (!dialog) build();
  if (!dialog.open) dialog.showModal();
}
