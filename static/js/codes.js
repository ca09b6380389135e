// How are recovery codes kept? They are shown once: printed, copied, or saved as a file.
import { showToast } from "./toast.js";

const text = () =>
  [...document.querySelectorAll("[data-code]")].map((code) => `${code.textContent}\n`).join("");

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
  link.download = "recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(link.href);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(text());
    showToast({ kind: "success", text: "Copied." });
  } catch {
    showToast({ kind: "error", text: "The browser would not copy. Mark the codes yourself." });
  }
}

const ways = { save, copy, print: () => window.print() };
document.addEventListener("click", (event) => {
  ways[event.target.closest("[data-keep]")?.dataset.keep]?.();
});
