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
import { Picker } from "./chart/picker.js";
import { savePicture } from "./chart/picture.js";
import { Settings } from "./chart/settings.js";
import { Studies } from "./chart/studies.js";
import { fillTable } from "./chart/table.js";
import { startHead } from "./instrumenthead.js";
import { showToast } from "./toast.js";

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
const picker = new Picker(part("studies"), { catalog, onChange: chooseStudies });
const stream = new CandleStream({ onFrame, onUp: catchUp, onDown: () => {} });

let history = new History(symbol, root.dataset.interval);
let events = [];
let asking = new AbortController();
let bridgedAt = 0;

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

async function load({ keepView = false } = {}) {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const fresh = new History(symbol, root.dataset.interval);
  const late = setTimeout(() => showState("loading"), keepView ? 1e6 : 200);
  try {
    await fresh.load(signal);
  } catch {
    if (!signal.aborted && !keepView) showState("error");
    return;
  } finally {
    clearTimeout(late);
  }
  if (signal.aborted) return;
  if (keepView) fresh.keep(history);
  history = fresh;
  showState(history.candles.length ? "chart" : "empty");
  if (history.candles.length) draw({ keepView });
  watch();
}

function draw({ keepView }) {
  canvas.studies.shown = studies.entries;
  canvas.show(history, drawnAs());
  canvas.showVolume(settings.values.volume);
  canvas.scale(settings.values);
  if (!keepView) canvas.showNewest();
  legend.show(history.last);
  studies.fetch(history);
  refreshEvents();
  compareWith(settings.values.compare);
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
  if (card.dataset.view === "table") fillTable(part("table-body"), history, kind);
}

// Frames of the stream: the candle that forms, a closed one, late ones, values of indicators.
function onFrame(frame) {
  if (frame.instrument?.replace("/", "-") !== symbol || frame.interval !== history.interval) return;
  if (frame.type === "candle") takeCandle(frame);
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
    showState("chart");
    draw({ keepView: false });
  }
  canvas.update(candle);
  if (before) bridge(before, candle);
  if (legend.candle === before || legend.candle?.at === candle.at) legend.show(candle);
  if (frame.closed) {
    studies.fetch(history);
    refreshEvents();
    if (card.dataset.view === "table") fillTable(part("table-body"), history, kind);
  }
}

function takeHealed(frame) {
  if (!history.candles.length) return catchUp();
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
  return compareWith("");
}

async function compareWith(other) {
  if (!other || other === symbol) canvas.compare(null);
  else {
    const fetched = await new History(other, history.interval).load().catch(() => null);
    if (fetched?.interval !== history.interval) return undefined;
    if (canvas.compared) fetched.keep(canvas.compared);
    await fetched.reach(history.candles[0]?.at);
    if (fetched.interval !== history.interval) return undefined;
    canvas.compare(fetched);
    if (!canvas.sharesTime) return stopComparing(other);
  }
  canvas.scale(settings.values);
  return describe();
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
  studiesOpen: () => picker.open(settings.values.studies),
  tableToggle(button) {
    const table = card.dataset.view !== "table";
    card.dataset.view = table ? "table" : "chart";
    button.setAttribute("aria-pressed", String(table));
    describe();
    if (table) part("table").focus();
  },
  picture() {
    const source = history.simulated ? "Simulated market." : "Tradingsite.";
    savePicture(canvas, { title: `${name} ${history.interval}`, note: source });
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
  compareWith(target.value);
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
