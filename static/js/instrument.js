// What does the page of an instrument do? Streams its price, draws its candles, and follows the
// person's choices: interval, drawing, indicators, comparison.
import { startCalculator } from "./calculator.js";
import { fillCaption } from "./chart/caption.js";
import { Canvas } from "./chart/canvas.js";
import { onTheme } from "./chart/colours.js";
import { fetchEvents, marksOf } from "./chart/events.js";
import { History } from "./chart/history.js";
import { startChartKeys } from "./chart/keys.js";
import { Legend } from "./chart/legend.js";
import { CandleStream } from "./chart/live.js";
import { Settings } from "./chart/settings.js";
import { Studies } from "./chart/studies.js";
import { startHead } from "./instrumenthead.js";
import { sayOffline, showToast } from "./toast.js";

const root = document.getElementById("instrument");
const card = root.querySelector("[data-chart-card]");
const part = (name) => root.querySelector(`[data-${name}]`);
const readJson = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
const { symbol, kind, name } = root.dataset;

const settings = new Settings(readJson("chart-settings") ?? {});
const catalog = readJson("study-catalog") ?? [];
const canvas = new Canvas(part("chart"), { kind });
const legend = new Legend(root, canvas);
const studies = new Studies({ catalog, onReady: drawStudies });
const stream = new CandleStream({ onFrame, onUp: catchUp });
const AGAIN_MS = 3000; // while the past is being made
const ANEW_MS = 300; // what changes comes in bursts; and all who look do not ask at once

let history = new History(symbol, root.dataset.interval);
let events = [];
let asking = new AbortController();
let bridgedAt = 0;
let later = 0;

// What few people use comes when it is first asked for.
function onDemand(load, make) {
  let made = null;
  return async () => {
    try {
      return await (made ??= load().then(make));
    } catch {
      made = null;
      return sayOffline();
    }
  };
}

const picture = onDemand(() => import("./chart/picture.js"), (module) => module);
const table = onDemand(() => import("./chart/table.js"), (module) => module);
const comparison = onDemand(
  () => import("./chart/comparison.js"),
  ({ Comparison }) => new Comparison({ canvas, onNone: stopComparing }),
);
const picker = onDemand(
  () => import("./chart/picker.js"),
  ({ Picker }) => new Picker(part("studies"), { catalog, onChange: chooseStudies }),
);

const drawnAs = () => {
  const { kind: wanted } = settings.values;
  if (wanted !== "auto") return wanted;
  return history.isFixed ? "line" : "candles";
};

function showState(state) {
  for (const one of card.querySelectorAll("[data-chart-state]")) {
    one.hidden = one.dataset.chartState !== state;
  }
}

// With `since` all from that moment on is fetched anew, else what followed the newest candle.
async function load({ keepView = false, since = history.last?.at } = {}) {
  clearTimeout(later);
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const fresh = new History(symbol, root.dataset.interval);
  const late = setTimeout(() => showState("loading"), keepView ? 1e6 : 200);
  try {
    await fresh.load(signal, keepView ? since : undefined);
  } catch {
    if (!signal.aborted) (keepView ? showProgress : () => showState("error"))();
    return;
  } finally {
    clearTimeout(late);
  }
  if (signal.aborted) return;
  if (keepView) fresh.keep(history);
  const began = history.isBare || (history.coming && !fresh.coming); // all of it has come
  history = fresh;
  if (history.candles.length) draw({ keepView: keepView && !began });
  showProgress();
  watch();
}

// The chart, or why there is none; while the past is being made it looks again.
function showProgress() {
  const { candles, coming, isBare } = history;
  showState(isBare ? "coming" : candles.length ? "chart" : "empty");
  clearTimeout(later);
  if (coming) later = setTimeout(catchUp, AGAIN_MS);
}

function draw({ keepView }) {
  canvas.studies.shown = studies.entries;
  canvas.show(history, drawnAs(), { keepView });
  canvas.showVolume(settings.values.volume);
  canvas.scale(settings.values);
  legend.show(history.last);
  studies.fetch(history);
  refreshEvents();
  compare();
  describe();
}

function describe() {
  const { volume, compare } = settings.values;
  const line = canvas.drawn === "line";
  const compared = compare && compare !== symbol ? canvas.compared : null;
  fillCaption(part("notes"), { history, drawn: canvas.drawn, compared, volumeOn: volume });
  const shape = line ? "line" : "candles";
  part("chart").setAttribute("aria-label", `${name}, ${shape} of ${history.interval}`);
  for (const button of root.querySelectorAll("[data-kind-button]")) {
    button.setAttribute("aria-pressed", String(button.dataset.kindButton === canvas.drawn));
  }
  for (const button of root.querySelectorAll("[data-switch]")) {
    button.setAttribute("aria-pressed", String(settings.values[button.dataset.switch]));
  }
  const log = root.querySelector('[data-switch="log"]');
  log.disabled = Boolean(compared);
  log.title = compared ? "Compared instruments are drawn in percent" : "Logarithmic prices";
  part("studies-count").textContent = studies.entries.length || "";
  part("compare").value = compare !== symbol ? compare : "";
  fillTable();
}

async function fillTable() {
  if (card.dataset.view !== "table") return;
  (await table())?.fillTable(part("table-body"), history, kind);
}

// Frames of the stream: the candle that forms, a closed one, late ones, values of indicators.
function onFrame(frame) {
  if (frame.instrument?.replace("/", "-") !== symbol || frame.interval !== history.interval) return;
  if (frame.type === "candle") takeCandle(frame);
  if (frame.type === "changed") soonAnew();
  if (frame.type === "healed") takeHealed(frame);
  if (frame.type === "indicators") {
    const candle = history.last;
    if (candle && Date.parse(frame.time) / 1000 === candle.at) {
      canvas.studies.update(candle, numbersOf(frame.values));
    }
  }
}

const numbersOf = (values) => Object.fromEntries(
  Object.entries(values).map(([key, outputs]) => [key, Object.fromEntries(
    Object.entries(outputs).filter(([, text]) => text !== null).map(([n, t]) => [n, Number(t)]),
  )]),
);

// Candles are missing in between, or the one before was never told closed: fetched once.
function bridge(before, { at }) {
  const apart = at - before.at > history.step || (at > before.at && before.forming);
  if (!apart || bridgedAt === at) return;
  bridgedAt = at;
  catchUp();
}

function takeCandle(frame) {
  const before = history.last;
  const candle = history.update(frame);
  if (!candle) return;
  if (!before) {
    showProgress();
    draw({ keepView: false });
  }
  canvas.update(candle);
  canvas.updateCompared();
  if (before) bridge(before, candle);
  if (legend.candle === before || legend.candle?.at === candle.at) legend.show(candle);
  if (frame.closed) {
    studies.fetch(history);
    refreshEvents();
    fillTable();
  }
}

function soonAnew() {
  clearTimeout(later);
  const anew = () => load({ keepView: true, since: history.candles[0]?.at });
  later = setTimeout(anew, ANEW_MS * (1 + 2 * Math.random()));
}

function takeHealed(frame) {
  if (history.isFurther(frame)) return soonAnew();
  if (!history.heal(frame)) return undefined;
  canvas.draw();
  const shown = legend.candle ?? history.last;
  legend.show(history.candles[history.indexAt(shown.at)]);
  studies.fetch(history);
  return describe();
}

function catchUp() {
  load({ keepView: true });
}

function watch() {
  const indicators = studies.entries.map(({ key }) => key).join(",");
  stream.watch({ instrument: symbol, interval: history.interval, indicators });
}

async function refreshEvents() {
  const asked = history;
  if (!settings.values.events) {
    legend.events = new Map();
    return canvas.showEvents([]);
  }
  events = await fetchEvents(history);
  return asked === history ? drawEvents() : undefined;
}

function drawEvents() {
  const { marks, said } = marksOf(settings.values.events ? events : [], history);
  legend.events = said;
  canvas.showEvents(marks);
}

function drawStudies() {
  canvas.studies.show(studies.entries);
  const { panes } = canvas.studies;
  const area = card.querySelector(".chart-area");
  if (panes) area.dataset.panes = panes;
  else delete area.dataset.panes;
  legend.show(legend.candle ?? history.last);
}

function chooseStudies(chosen) {
  studies.choose(chosen);
  settings.change({ studies: chosen });
  drawStudies();
  studies.fetch(history);
  describe();
  watch();
}

function stopComparing(other) {
  showToast({ text: `${other.replace("-", "/")} has no candles at these times.` });
  settings.change({ compare: "" });
  compare();
}

async function compare() {
  const { compare: other } = settings.values;
  if (other || canvas.compared) await (await comparison())?.show(other, history);
  canvas.scale(settings.values);
  describe();
}

// Another interval: the parts of the page that speak of it come from its page.
async function showInterval(interval, { push = true } = {}) {
  if (interval === root.dataset.interval) return;
  root.dataset.interval = interval;
  for (const link of root.querySelectorAll(".seg [data-interval]")) {
    if (link.dataset.interval === interval) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (push) window.history.pushState({ interval }, "", `?interval=${interval}`);
  studies.forget();
  events = [];
  load();
  const answer = await fetch(`?interval=${interval}`).catch(() => null);
  if (!answer?.ok || root.dataset.interval !== interval) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of root.querySelectorAll("[data-of-interval]")) {
    const fresh = page.querySelector(`[data-of-interval="${old.dataset.ofInterval}"]`);
    if (fresh) old.replaceWith(document.adoptNode(fresh));
  }
}

const CLICKS = {
  interval(link, event) {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    settings.change({ interval: link.dataset.interval });
    showInterval(link.dataset.interval);
  },
  kindButton({ dataset }) {
    settings.change({ kind: dataset.kindButton });
    draw({ keepView: true });
    drawStudies();
  },
  switch({ dataset }) {
    settings.change({ [dataset.switch]: !settings.values[dataset.switch] });
    canvas.showVolume(settings.values.volume);
    canvas.scale(settings.values);
    if (dataset.switch === "events") refreshEvents();
    describe();
  },
  studiesOpen: async () => (await picker())?.open(settings.values.studies),
  more(button) {
    button.setAttribute("aria-expanded", String(button.ariaExpanded === "false"));
  },
  tableToggle(button) {
    const shown = card.dataset.view !== "table";
    card.dataset.view = shown ? "table" : "chart";
    button.setAttribute("aria-pressed", String(shown));
    describe();
    if (shown) part("table").focus();
  },
  async picture() {
    const note = history.simulated ? "Simulated market." : "Tradingsite.";
    (await picture())?.savePicture(canvas, { title: `${name} ${history.interval}`, note });
  },
  fullScreen: () => (document.fullscreenElement
    ? document.exitFullscreen()
    : card.requestFullscreen().catch(() => {})),
  retry: () => load(),
};

root.addEventListener("click", (event) => {
  for (const [action, act] of Object.entries(CLICKS)) {
    const attribute = action.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const button = event.target.closest(`[data-${attribute}]`);
    if (button && button !== root) act(button, event);
  }
});
part("compare").addEventListener("change", ({ target }) => {
  settings.change({ compare: target.value });
  compare();
});
document.addEventListener("fullscreenchange", () => {
  const on = String(document.fullscreenElement === card);
  part("full-screen").setAttribute("aria-pressed", on);
});
addEventListener("popstate", ({ state }) => {
  if (state?.interval) showInterval(state.interval, { push: false });
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) catchUp(); });

canvas.onCursor((candle) => legend.show(candle ?? history.last));
canvas.onLeft(async () => {
  const asked = history;
  if (!(await asked.older()) || asked !== history) return;
  await canvas.compared?.reach(asked.candles[0].at);
  if (asked !== history) return;
  canvas.draw();
  refreshEvents();
  studies.fetch(history);
  describe();
});
onTheme(() => {
  canvas.recolour();
  drawEvents();
});
startChartKeys(part("chart"), { canvas, legend });
startHead(root);
startCalculator(root);
studies.choose(settings.values.studies);
window.history.replaceState({ interval: root.dataset.interval }, "");
const { interval: preferred } = settings.values;
const asked = new URLSearchParams(location.search).has("interval");
if (preferred && !asked && preferred !== root.dataset.interval) {
  showInterval(preferred, { push: false });
} else load();
