// Which keys do what? Single keys never fire in fields and can be switched off.
import { recall, remember } from "./memory.js";

const CHORD_MS = 1200;
const handlers = new Map();
let chordUntil = 0;

export const keysAreOn = () => recall("keys") !== "off";
export const switchKeys = (on) => remember("keys", on ? "on" : "off");

// A page adds its own keys: onKey("/", () => filter.focus()).
export function onKey(key, act) {
  handlers.set(key, act);
}

const isTyping = (target) =>
  target.closest?.("input, textarea, select, [contenteditable], dialog[open]") !== null;

function goTo(key) {
  const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (place) location.assign(place.href);
  return Boolean(place);
}

export function startKeys({ openPalette }) {
  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
    if (!keysAreOn()) return;
    const inChord = performance.now() < chordUntil;
    chordUntil = event.key === "g" ? performance.now() + CHORD_MS : 0;
    const handled = inChord ? goTo(event.key) : run(event);
    if (handled) event.preventDefault();
  });
}

function run(event) {
  const act = handlers.get(event.key);
  return act ? act(event) !== false : false;
}
