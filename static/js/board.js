// What does the board page do? Streams prices into the table and follows the person's choices.
import { startCalculator } from "./calculator.js";
import { clockTime, day, rate, span } from "./figures.js";
import { icon } from "./icons.js";
import { onKey } from "./keys.js";
import { remember } from "./memory.js";
import { part } from "./part.js";
import { RatesList } from "./rateslist.js";
import { RatesTable } from "./ratestable.js";
import { BoardStream } from "./stream.js";
import { startVoices } from "./voices.js";

const NOTICE_AFTER_MS = 2000;
const TITLE = document.title;

let root = document.getElementById("rates");
let table = new RatesTable(root);
let list = new RatesList(root);
startCalculator(root);
let quietNext = true;
let downSince = null;
let retryAt = 0;
let lastFrameAt = table.now();

const stream = new BoardStream({
  base: root.dataset.base,
  now: () => table.now(),
  onFrame(frame) {
    table.hear(frame);
    lastFrameAt = Date.parse(frame.now ?? frame.as_of);
    if (!frame.rows) return;
    table.take(frame.rows, { quiet: quietNext || frame.type === "snapshot" });
    root.querySelector("[data-simulated]").hidden = !table.isSimulated();
    quietNext = false;
  },
  onUp() {
    downSince = null;
    quietNext = true;
    showStatus("live");
    root.querySelector("[data-reconnecting]").hidden = true;
  },
  onDown({ retryAt: at }) {
    downSince ??= Date.now();
    retryAt = at;
    showStatus("lost");
  },
});

function showStatus(state) {
  const badge = root.querySelector("[data-stream]");
  const live = state === "live";
  badge.className = live ? "bdg bdg-live" : "bdg bdg-stale";
  const dot = document.createElement("span");
  dot.className = "dot";
  badge.replaceChildren(live ? dot : icon("wifi-off", "i-xs"), live ? "Streaming" : "Reconnecting");
}

function tick() {
  tellTitle();
  if (document.hidden) return;
  const now = new Date(table.now());
  const clock = root.querySelector("[data-clock]");
  const shown = downSince === null ? now : lastFrameAt;
  clock.textContent = `${day(shown)}, ${clockTime(shown)}\u00a0${clock.dataset.clock}`;
  const until = root.querySelector("[data-until]");
  until.textContent = span((Date.parse(until.dataset.until) - now) / 60_000);
  table.tick();
  tellReconnecting();
}

function tellReconnecting() {
  const notice = root.querySelector("[data-reconnecting]");
  if (downSince === null || Date.now() - downSince < NOTICE_AFTER_MS) return;
  const left = Math.max(0, Math.round((retryAt - Date.now()) / 1000));
  const last = clockTime(lastFrameAt);
  notice.querySelector("[data-reconnecting-last]").textContent = `Last prices ${last}.`;
  const next = left ? `Next try in ${left} s.` : "Trying now.";
  notice.querySelector("[data-reconnecting-next]").textContent = next;
  notice.hidden = false;
}

// The title shows the row in focus, or the first one.
function tellTitle() {
  const line = list.focused() ?? list.visible()[0];
  const row = line && table.row(line.dataset.code);
  if (row) document.title = `${rate(row.price, row.kind)} ${row.code} · ${TITLE}`;
}

async function showBase(href, { push = true } = {}) {
  const answer = await fetch(href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return location.assign(href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = document.adoptNode(page.getElementById("rates"));
  root.replaceWith(fresh);
  root = fresh;
  table = new RatesTable(root);
  list = new RatesList(root);
  startCalculator(root);
  quietNext = true;
  if (push) history.pushState({ base: root.dataset.base }, "", href);
  stream.switchTo(root.dataset.base);
  showStatus(downSince === null ? "live" : "lost");
  root.querySelector(`[data-base-link="${root.dataset.base}"]`)?.focus();
  return undefined;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-base-link]");
  if (link && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    showBase(link.href);
  }
  if (event.target.closest("[data-reconnect-now]")) stream.now();
  if (event.target.closest("[data-hint-close]")) closeHint();
  const line = event.target.closest("tr[data-code]");
  if (line && !event.target.closest("a, button")) showSources(line);
});

// The rail shows the sources of the row the person points at.
let sourcesOf = "";

async function showSources(line) {
  const { code } = line.dataset;
  if (code === sourcesOf) return;
  sourcesOf = code;
  const query = new URLSearchParams({ base: root.dataset.base, code });
  const page = await part(`/rates/sources/?${query}`);
  if (!page || sourcesOf !== code) return;
  root.querySelector("[data-sources]").replaceWith(page.querySelector("[data-sources]"));
}

function closeHint() {
  document.documentElement.classList.add("hint-off");
  remember("hint", "off");
}

document.addEventListener("focusin", (event) => {
  const line = event.target.closest("tr[data-code]");
  if (line) showSources(line);
});
history.replaceState({ base: root.dataset.base }, "");
addEventListener("popstate", ({ state }) => {
  if (state?.base) showBase(`/?base=${state.base}`, { push: false });
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  quietNext = true;
  for (const code of table.pending.keys()) table.pending.set(code, 0);
  table.schedule();
  tick();
});
addEventListener("pagehide", () => stream.drop());
addEventListener("pageshow", (event) => { if (event.persisted) stream.now(); });

onKey("/", () => list.input.focus());
onKey("j", () => list.move(1));
onKey("k", () => list.move(-1));
onKey("f", () => { const line = list.focused(); if (line) list.toggleFavourite(line); });

stream.start();
setInterval(tick, 1000);
startVoices(() => root, () => table.now());
