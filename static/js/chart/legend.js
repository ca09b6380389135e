// What are the values under the cursor? Written beside the chart: prices, volume, indicators,
// and what happened there. Once a candle is pointed at by keys, it is also said aloud.
import { grouped, percent, priceDecimals } from "../figures.js";
import { drawnOutputs } from "./studylines.js";
import { spoken } from "./zone.js";

function span(className, ...content) {
  const element = document.createElement("span");
  element.className = className;
  element.append(...content);
  return element;
}

function strong(text) {
  const element = document.createElement("b");
  element.textContent = text;
  return element;
}

export class Legend {
  constructor(root, canvas) {
    Object.assign(this, { canvas, candle: null, events: new Map() });
    this.box = root.querySelector("[data-legend]");
    this.says = root.querySelector("[data-cursor-says]");
  }

  price(value) {
    return grouped(value, priceDecimals(this.canvas.history.last?.c ?? value, this.canvas.kind));
  }

  show(candle) {
    this.candle = candle;
    if (!candle) return this.box.replaceChildren();
    const parts = [this.prices(candle), ...this.canvas.studies.shown.map((e) => this.study(e))];
    const happened = this.events.get(candle.at);
    if (happened) parts.push(span("legend-event", happened));
    return this.box.replaceChildren(...parts);
  }

  prices(candle) {
    const { history, drawn } = this.canvas;
    const time = span("legend-time", spoken(candle.time, history.interval));
    const letters = drawn === "line" ? ["c"] : ["o", "h", "l", "c"];
    const values = letters.map((name) => {
      const letter = drawn === "line" ? "" : `${name.toUpperCase()} `;
      return span("", letter, strong(this.price(candle[name])));
    });
    const row = span("num legend-row soft", time, ...values, ...this.change(candle));
    if (candle.v !== null && !Number.isNaN(candle.v)) {
      row.append(span("", "Vol ", strong(compact(candle.v))));
    }
    return row;
  }

  change(candle) {
    const before = this.canvas.history.candles[this.canvas.history.indexAt(candle.at) - 1];
    if (!before) return [];
    const { way, text } = percent(100 * (candle.c / before.c - 1));
    return [span(`chg ${way}`, text)];
  }

  study(entry) {
    const row = span(`num legend-row ${entry.ink}`, span("", entry.label));
    if (entry.state === "computing" && entry.values.size === 0) {
      row.append(span("skel legend-skel"), span("sr-only", "being worked out"));
      return row;
    }
    if (entry.values.size === 0) {
      row.append(span("muted", "no values yet"));
      return row;
    }
    const values = entry.values.get(this.candle.at);
    const decimals = this.canvas.studies.decimals(entry);
    const figures = drawnOutputs(entry).map(({ name, title }, _, all) => {
      const text = values?.[name] === undefined ? "—" : grouped(values[name], decimals);
      return span("", all.length > 1 ? span("legend-name", `${title} `) : "", strong(text));
    });
    row.append(...figures);
    return row;
  }

  // What the box says, as one sentence for those who cannot see it.
  say() {
    if (!this.candle) return;
    const words = (part) => [...part.childNodes].map((node) => node.textContent.trim()).join(" ");
    this.says.textContent = [...this.box.children].map(words).join("; ");
  }
}

export function compact(volume) {
  const steps = [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
  const step = steps.find(([size]) => volume >= size);
  if (step) return `${grouped(volume / step[0], 2)}${step[1]}`;
  return grouped(volume, volume >= 10 ? 1 : 3);
}
