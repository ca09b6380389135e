// Light or dark? Follows the system until the person chooses; the choice is kept here and at home.
import { patchMe } from "./me.js";
import { remember } from "./memory.js";

const root = document.documentElement;
const NAMES = { light: "paper", dark: "ink" };

export function toggleTheme() {
  const chosen = root.dataset.theme === "ink" ? "light" : "dark";
  root.dataset.theme = NAMES[chosen];
  remember("theme", chosen);
  document.dispatchEvent(new CustomEvent("themechange"));
  if (root.dataset.signedIn) patchMe({ theme: chosen });
}
