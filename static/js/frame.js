// What does every page do? Theme switch, menus, toasts, keys, and the palette on demand.
import { toggleTheme } from "./appearance.js";
import { onKey, startKeys } from "./keys.js";
import { keepWhileHeld, sayOffline } from "./toast.js";

const openPalette = () => import("./palette.js").then(({ open }) => open(), sayOffline);
const openKeyList = () => import("./keylist.js").then(({ open }) => open(), sayOffline);

const ACTIONS = {
  themeToggle: toggleTheme,
  palette: openPalette,
  keys: openKeyList,
  toastClose: (button) => button.closest(".toast").remove(),
  print: () => window.print(),
};

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details[data-drop][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-drop]"));
  for (const [name, act] of Object.entries(ACTIONS)) {
    const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const button = event.target.closest(`[data-${attribute}]`);
    if (button) act(button);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details[data-drop][open]");
  closeMenus();
  open?.querySelector("summary").focus();
});

document.querySelectorAll("[data-toasts] .toast").forEach(keepWhileHeld);
if (navigator.platform.startsWith("Mac")) {
  document.querySelectorAll("[data-command-key]").forEach((key) => { key.textContent = "⌘"; });
}
// Fetched while nothing else happens, so that what is typed right after the key is not lost.
(window.requestIdleCallback ?? setTimeout)(() => import("./palette.js").catch(() => {}));
if (document.documentElement.dataset.signedIn) {
  import("./session.js").then(({ watchSession }) => watchSession(), () => {});
}
onKey("?", () => { openKeyList(); });
startKeys({ openPalette });
