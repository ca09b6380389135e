// What does every page do? Theme switch, menus, toasts, keys, and the palette on demand.
import { startKeys } from "./keys.js";
import { toggleTheme } from "./appearance.js";

const TOAST_MS = 6000;

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details[data-drop][open]")) {
    if (menu !== except) menu.open = false;
  }
}

function dismissLater(toast) {
  if (toast.classList.contains("toast-error")) return;
  let timer = setTimeout(() => toast.remove(), TOAST_MS);
  const hold = () => clearTimeout(timer);
  const resume = () => { timer = setTimeout(() => toast.remove(), TOAST_MS); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusout", resume);
}

async function openPalette() {
  const { open } = await import("./palette.js");
  open();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest(
    "[data-theme-toggle], [data-palette], [data-keys], [data-toast-close]",
  );
  closeMenus(event.target.closest("details[data-drop]"));
  if (!target) return;
  if ("themeToggle" in target.dataset) toggleTheme();
  if ("palette" in target.dataset) openPalette();
  if ("keys" in target.dataset) import("./keylist.js").then(({ open }) => open());
  if ("toastClose" in target.dataset) target.closest(".toast").remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-drop][open]");
  closeMenus();
  open?.querySelector("summary").focus();
});

document.querySelectorAll("[data-toasts] .toast").forEach(dismissLater);
if (navigator.platform.startsWith("Mac")) {
  document.querySelectorAll("[data-command-key]").forEach((key) => { key.textContent = "⌘"; });
}
startKeys({ openPalette });
