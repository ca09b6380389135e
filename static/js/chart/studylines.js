// How are indicators drawn? Overlays on the price, the others in panes of their own below it.
import {
  HistogramSeries,
  LineSeries,
  LineStyle,
  PriceScaleMode,
} from "../../vendor/lightweight-charts.js";
import { grouped, priceDecimals } from "../figures.js";
import { colour } from "./colours.js";

const PALETTE = ["--accent", "--warn", "--test", "--ink2"];
const INKS = { "--accent": "text-accent", "--warn": "text-warn", "--test": "text-test" };
const BAND = ["middle", "upper", "lower"];
const LEVELS = ["high", "r236", "r382", "r500", "r618", "r786", "low"];
// Outputs that make no line of their own scale are left out: they stand in the technical summary.
const DRAWN = {
  bollinger: BAND,
  ichimoku: ["conversion", "base", "span_a", "span_b"],
  aroon: ["up", "down"],
};
const QUIET_LINES = { bollinger: BAND, keltner: BAND, donchian: BAND, fibonacci: LEVELS };
const GUIDES = {
  rsi: [30, 70], stochastic: [20, 80], mfi: [20, 80], williams: [-80, -20], cci: [-100, 100],
  adx: [25], macd: [0], roc: [0],
};
const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };
const WAIT_MS = 120;
const PANE_SHARE = { price: 4, other: 1 };

export const drawnOutputs = ({ study }) => {
  const wanted = DRAWN[study.name];
  return study.outputs.filter(({ name }) => !wanted || wanted.includes(name));
};

const hasValues = ({ values }) => [...values.values()].some((row) => Object.keys(row).length > 0);

export class StudyLines {
  constructor(canvas) {
    this.canvas = canvas;
    this.shown = []; // {key, study, label, values: Map(second -> {output: number}), ink}
    this.lines = []; // {entry, output, series}
  }

  get panes() {
    return this.shown.filter(({ study }) => study.pane === "separate").length;
  }

  // Another choice of indicators: every line anew, so that panes follow in its order.
  show(entries) {
    for (const { series } of this.lines) this.canvas.chart.removeSeries(series);
    this.lines = [];
    this.shown = entries;
    let [pane, overlays] = [0, 0];
    for (const entry of entries) {
      const overlay = entry.study.pane === "overlay";
      const quiet = entry.study.name in QUIET_LINES;
      entry.token = !overlay || quiet ? "--ink2" : PALETTE[overlays++ % PALETTE.length];
      entry.ink = INKS[entry.token] ?? "soft";
      if (!overlay) pane += 1;
      const own = overlay ? 0 : pane;
      drawnOutputs(entry).forEach((output, place) => this.add(entry, output, own, place));
    }
    const [first, ...others] = this.canvas.chart.panes();
    first.setStretchFactor(PANE_SHARE.price);
    for (const other of others) other.setStretchFactor(PANE_SHARE.other);
    this.draw();
  }

  add(entry, output, pane, place) {
    const bars = output.name === "histogram";
    const kind = bars ? HistogramSeries : LineSeries;
    const series = this.canvas.chart.addSeries(kind, this.look(entry, output, place), pane);
    // A new pane takes after the price, whose scale may be in percent or logarithmic.
    if (pane > 0) series.priceScale().applyOptions({ mode: PriceScaleMode.Normal });
    if (place === 0) {
      for (const price of GUIDES[entry.study.name] ?? []) {
        const line = { price, color: colour("--line2"), lineWidth: 1, axisLabelVisible: false };
        series.createPriceLine({ ...line, lineStyle: LineStyle.Dashed });
      }
    }
    this.lines.push({ entry, output, series, place });
  }

  look(entry, output, place) {
    const { study, token } = entry;
    const faint = QUIET_LINES[study.name]?.includes(output.name);
    const second = study.pane === "separate" && place > 0;
    const decimals = this.decimals(entry);
    const dots = study.name === "sar";
    return {
      ...QUIET,
      color: faint ? colour("--ink3", 0.55) : colour(second ? PALETTE[place - 1] : token),
      lineWidth: faint ? 1 : 1.5,
      lineVisible: !dots,
      pointMarkersVisible: dots,
      pointMarkersRadius: 1.5,
      priceFormat: {
        type: "custom", minMove: 10 ** -decimals, formatter: (value) => grouped(value, decimals),
      },
    };
  }

  // Overlays are prices; of the others, small figures need more decimals than big ones.
  decimals({ study, values }) {
    if (study.pane === "overlay") {
      return priceDecimals(this.canvas.history?.last?.c ?? 1, this.canvas.kind);
    }
    const last = [...values.values()].at(-1) ?? {};
    const size = Math.max(0, ...Object.values(last).map(Math.abs));
    return size >= 1000 ? 0 : size >= 1 || size === 0 ? 1 : 5;
  }

  // A pane without values shows its skeleton or says so, instead of being an empty box.
  drawWaiting() {
    const { chart, box } = this.canvas;
    const area = box.parentElement;
    area.querySelectorAll(".chart-waits").forEach((old) => old.remove());
    const panes = chart.panes();
    this.shown.filter(({ study }) => study.pane === "separate").forEach((entry, i) => {
      const row = panes[i + 1]?.getHTMLElement();
      if (!row || hasValues(entry)) return;
      const { top, height } = row.getBoundingClientRect();
      const waits = Object.assign(document.createElement("div"), { className: "chart-waits" });
      waits.style.top = `${top - area.getBoundingClientRect().top}px`;
      waits.style.height = `${height}px`;
      const skeleton = Object.assign(document.createElement("span"), { className: "skel" });
      waits.append(entry.state === "computing" ? skeleton : `${entry.label} needs more candles`);
      area.append(waits);
    });
  }

  // The chart lays its panes out a frame after it was told, and the box may just have grown.
  soonDrawWaiting() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.drawWaiting(), WAIT_MS);
  }

  draw() {
    this.soonDrawWaiting();
    for (const line of this.lines) {
      line.series.applyOptions(this.look(line.entry, line.output, line.place));
      line.series.setData(this.points(line));
    }
  }

  points({ entry, output }) {
    const points = [];
    for (const { at, place: time } of this.canvas.history?.candles ?? []) {
      const value = entry.values.get(at)?.[output.name];
      if (value !== undefined) points.push(this.point(output, time, value));
    }
    return points;
  }

  point({ name }, time, value) {
    if (name !== "histogram") return { time, value };
    return { time, value, color: colour(value < 0 ? "--down" : "--up", 0.35) };
  }

  // Values of the candle that forms.
  update(candle, values) {
    if (this.shown.some((entry) => values[entry.key] && !hasValues(entry))) this.soonDrawWaiting();
    for (const { entry, output, series } of this.lines) {
      const value = values[entry.key]?.[output.name];
      if (value === undefined) continue;
      entry.values.set(candle.at, { ...entry.values.get(candle.at), [output.name]: value });
      series.update(this.point(output, candle.place, value));
    }
  }

  recolour() {
    this.show(this.shown);
  }
}
