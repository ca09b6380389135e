// The same numbers as a table: the newest 50 candles, for those who read rather than look.
import { percent, rate, THIN } from "../figures.js";
import { compact } from "./legend.js";
import { spoken } from "./zone.js";

const ROWS = 50;

function cell(text, className = "num") {
  const element = document.createElement("td");
  element.className = className;
  element.textContent = text;
  return element;
}

function line(candle, before, { interval, kind }) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.className = "l num";
  head.textContent = `${spoken(candle.time, interval)}${candle.forming ? ", forming" : ""}`;
  const prices = ["open", "high", "low", "close"].map((name) => cell(rate(candle[name], kind)));
  const change = cell("", "");
  const none = { way: "", text: "—" };
  const { way, text } = before ? percent(100 * (candle.c / before.c - 1)) : none;
  const shown = document.createElement("span");
  shown.className = way ? `chg ${way}` : "muted";
  shown.textContent = text;
  change.append(shown);
  const volume = cell(candle.v === null ? "—" : compact(candle.v).replace(" ", THIN));
  row.append(head, ...prices, change, volume, cell(candle.source ?? "", "l soft"));
  return row;
}

export function fillTable(body, history, kind) {
  const { candles, interval } = history;
  const from = Math.max(0, candles.length - ROWS);
  const rows = candles.slice(from).map((one, i) => line(one, candles[from + i - 1], {
    interval, kind,
  }));
  body.replaceChildren(...rows.reverse());
}
