// Runs before paint: the theme this page said, else the saved choice, else the system's; and what
// was dismissed stays away.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let saved = root.dataset.choice ?? null; // a signed-in person's own
  try {
    saved ??= localStorage.getItem("theme");
    localStorage.setItem("theme", saved ?? "system");
    root.classList.toggle("hint-off", localStorage.getItem("hint") === "off");
  } catch {
    // Storage may be blocked; the system's theme then holds.
  }
  if (root.dataset.theme) return;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const chosen = saved === "light" || saved === "dark" ? saved : system;
  root.dataset.theme = chosen === "dark" ? "ink" : "paper";
})();
