// Who says the price, and how long ago? Asked again every 10 s while somebody looks.
import { age } from "./figures.js";
import { part } from "./part.js";

const ASK_EVERY_MS = 10_000;

// `root` and `now` answer with the page's element now, and the server's time in milliseconds.
export function startVoices(root, now) {
  setInterval(() => paintAges(root(), now()), 1000);
  setInterval(() => askAgain(root()), ASK_EVERY_MS);
}

function paintAges(root, now) {
  for (const time of root.querySelectorAll("[data-voices] time")) {
    const text = age((now - Date.parse(time.dateTime)) / 1000);
    if (text) time.textContent = text;
  }
}

async function askAgain(root) {
  const shown = root.querySelector("[data-voices]");
  if (document.hidden || !shown) return;
  const query = new URLSearchParams({ base: root.dataset.base, code: shown.dataset.voices });
  const page = await part(`/rates/sources/?${query}`);
  const fresh = page?.querySelector("[data-voices]");
  if (fresh && shown.isConnected) shown.replaceWith(document.adoptNode(fresh));
}
