// What would I get? Asks the server while the person types; the side typed last stays as typed.
import { part } from "./part.js";

const PAUSE_MS = 200;

function swap(form, fresh) {
  for (const shown of form.querySelectorAll("[data-part]")) {
    const other = fresh.querySelector(`[data-part="${shown.dataset.part}"]`);
    if (shown === document.activeElement || !other) continue;
    if (shown instanceof HTMLInputElement) shown.value = other.value;
    else shown.replaceWith(other);
  }
}

async function ask(form, signal) {
  const query = new URLSearchParams(new FormData(form));
  const page = await part(`${form.action}?${query}`, { signal });
  if (page) swap(form, page.querySelector("[data-calculator]"));
}

export function startCalculator(root) {
  const form = root.querySelector("[data-calculator]");
  let timer = 0;
  let running = new AbortController();
  const soon = () => {
    clearTimeout(timer);
    running.abort();
    running = new AbortController();
    timer = setTimeout(() => ask(form, running.signal), PAUSE_MS);
  };
  form.addEventListener("input", (event) => {
    if (event.target.dataset.side) form.elements.side.value = event.target.dataset.side;
    soon();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon();
  });
}
