// Runs before paint: the theme this page said, else the saved choice, else the system's.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (root.dataset.theme) return;
  let saved = null;
  try {
    saved = localStorage.getItem("theme");
  } catch {
    // Storage may be blocked; the system's theme then holds.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = (saved ?? system) === "dark" ? "ink" : "paper";
})();
