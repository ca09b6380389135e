// How does the page say what just happened? One line at the edge, gone after six seconds.
import { icon } from "./icons.js";

const SHOWN_MS = 6000;
const ICONS = { success: "check", info: "check", warning: "triangle-alert", error: "shield-x" };

// Errors stay until dismissed; pointing at a toast or focusing it holds it.
export function keepWhileHeld(toast) {
  if (toast.classList.contains("toast-error")) return;
  let timer = setTimeout(() => toast.remove(), SHOWN_MS);
  const hold = () => clearTimeout(timer);
  const resume = () => { hold(); timer = setTimeout(() => toast.remove(), SHOWN_MS); };
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, resume);
}

// action: {label, href} or {label, run}
export function showToast({ kind = "info", text, action = null }) {
  const toast = document.createElement("div");
  toast.className = `toast toast-${kind}`;
  const words = document.createElement("p");
  words.className = "flex-1";
  words.textContent = text;
  toast.append(icon(ICONS[kind]), words);
  if (action) toast.append(actionOf(action, toast));
  toast.append(closer());
  document.querySelector("[data-toasts]").append(toast);
  keepWhileHeld(toast);
}

function closer() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-x grid";
  button.dataset.toastClose = "";
  button.ariaLabel = "Dismiss";
  button.append(icon("x", "i-xs"));
  return button;
}

export function sayOffline() {
  showToast({ kind: "error", text: "This part of the page could not be fetched. Are you online?" });
}

function actionOf({ label, href = null, run = null }, toast) {
  const element = document.createElement(href ? "a" : "button");
  element.className = "lnk cursor-pointer";
  element.textContent = label;
  if (href) element.href = href;
  else element.addEventListener("click", () => { toast.remove(); run(); });
  return element;
}
