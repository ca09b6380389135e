// Runs before paint: the theme this page said, else the saved choice, else the system's; and what
// was dismissed stays away.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let saved = null;
  try {
    saved = localStorage.getItem("theme");
    root.classList.toggle("hint-off", localStorage.getItem("hint") === "off");
  } catch {
    // Storage may be blocked; the system's theme then holds.
  }
  if (root.dataset.theme) return;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = (saved ?? system) === "dark" ? "ink" : "paper";
})();
