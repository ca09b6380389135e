// What would I get? Asks the server while the person types; the side typed last stays as typed.

const PAUSE_MS = 200;

function swap(form, fresh) {
  for (const part of form.querySelectorAll("[data-part]")) {
    const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (part === document.activeElement || !other) continue;
    if (part instanceof HTMLInputElement) part.value = other.value;
    else part.replaceWith(other);
  }
}

async function ask(form, signal) {
  const query = new URLSearchParams(new FormData(form));
  const answer = await fetch(`${form.action}?${query}`, { signal }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  swap(form, page.querySelector("[data-calculator]"));
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
