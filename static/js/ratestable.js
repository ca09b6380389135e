// How do prices get into the table? Written once per animation frame, at most four times a second
// per row, and only where the text really changes.
import { MISSING, clockTime, percent, priceParts, rate, rateShort } from "./figures.js";
import { paintMark } from "./marks.js";

const ROW_PAUSE_MS = 240;
const TINTS_MAX = 8;
const TINT_MS = 700;
const LIVE_AGE_MAX_MS = 10_000;
const RANGE_WIDTH = 69;

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function paintPrice(cell, text, kind) {
  if (text === null) return write(cell, MISSING);
  const [head, pips, tenth] = priceParts(text, kind);
  const [h, p, f] = ["px-h", "px-p", "px-f"].map((name) => cell.querySelector(`.${name}`));
  if (h && Boolean(f) === Boolean(tenth)) {
    write(h, head);
    write(p, pips);
    if (f) write(f, tenth);
    return undefined;
  }
  const box = span("num", "");
  box.append(span("px-h", head), span("px-p", pips), ...(tenth ? [span("px-f", tenth)] : []));
  return cell.replaceChildren(box);
}

// The dash of a change that is not known, with the reason on hover and for readers.
function unknownChange() {
  const why = "no earlier price to compare with";
  const box = span("muted", "");
  const dash = span("", MISSING);
  dash.ariaHidden = "true";
  box.title = why;
  box.append(dash, span("sr-only", why));
  return box;
}

function paintChange(cell, { change_pct: text, since }) {
  cell.title = since ? `Counted since ${clockTime(new Date(since))}` : "";
  const chg = cell.querySelector(".chg");
  if (text === null) return chg?.replaceWith(unknownChange());
  const { way, text: shown } = percent(text);
  if (!chg) return cell.replaceChildren(span(`chg ${way}`, shown));
  chg.className = `chg ${way}`;
  write(chg, shown);
}

function paintSides(cell, row) {
  if (row.bid === null || row.ask === null) return write(cell, "not quoted");
  const [bid, ask] = cell.querySelectorAll(".num");
  if (bid && ask) return write(bid, rate(row.bid, row.kind)), write(ask, rate(row.ask, row.kind));
  return cell.replaceChildren(
    span("num", rate(row.bid, row.kind)),
    " ",
    span("muted", "/"),
    " ",
    span("num", rate(row.ask, row.kind)),
  );
}

function paintRange(drawing, row) {
  const [low, high, price] = [row.low, row.high, row.price].map(Number);
  let marker = drawing.querySelector(".p-ink");
  if ([row.low, row.high, row.price].includes(null) || high <= low) {
    marker?.remove();
    drawing.setAttribute("aria-label", "No range today");
    return;
  }
  const place = Math.min(1, Math.max(0, (price - low) / (high - low)));
  if (!marker) {
    marker = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const shape = { y: 2, width: 3, height: 10, rx: 1.5, class: "p-ink" };
    for (const [name, value] of Object.entries(shape)) marker.setAttribute(name, value);
    drawing.append(marker);
  }
  marker.setAttribute("x", (place * RANGE_WIDTH).toFixed(1));
  drawing.setAttribute("aria-label", `Price at ${Math.round(place * 100)} % of today’s range`);
}

export class RatesTable {
  constructor(root) {
    this.lines = new Map();
    for (const line of root.querySelectorAll("[data-code]")) {
      const cells = (name) => [...line.querySelectorAll(`[data-cell="${name}"]`)];
      this.lines.set(line.dataset.code, {
        line,
        row: null,
        paintedAt: 0,
        price: cells("price")[0],
        changes: cells("change"),
        low: cells("low")[0],
        high: cells("high")[0],
        sides: cells("sides")[0],
        range: line.querySelector("[data-range]"),
        marks: [...line.querySelectorAll("[data-mark]")],
      });
    }
    this.pending = new Map();
    this.offsetMs = Date.parse(root.dataset.now) - Date.now();
    this.scheduled = false;
  }

  row(code) {
    return this.lines.get(code)?.row ?? null;
  }

  isSimulated() {
    return [...this.lines.values()].some(({ row }) => row?.simulated);
  }

  now() {
    return Date.now() + this.offsetMs;
  }

  // The server's clock, by what it sends at the moment. A snapshot may have waited for anybody to
  // come, and a missed delta for this page: by these alone no price is younger than it was.
  hear({ type, now, as_of: asOf }) {
    const offsetMs = Date.parse(now ?? asOf) - Date.now();
    if (type === "beat") this.offsetMs = offsetMs;
    else if (type === "delta") this.offsetMs = Math.max(this.offsetMs, offsetMs);
  }

  // Take rows of a frame; `quiet` paints without a tint (first picture, return after a gap).
  take(rows, { quiet }) {
    for (const row of rows) {
      const entry = this.lines.get(row.code);
      if (!entry) continue;
      const before = entry.row?.price ?? null;
      entry.row = { ...entry.row, ...row };
      const step = Number(entry.row.price) - Number(before);
      const moved = quiet || before === null ? 0 : Math.sign(step);
      this.pending.set(row.code, moved || this.pending.get(row.code) || 0);
    }
    this.schedule();
  }

  schedule() {
    if (this.scheduled || document.hidden || this.pending.size === 0) return;
    this.scheduled = true;
    requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.scheduled = false;
    const at = performance.now();
    const rested = ([code]) => at - this.lines.get(code).paintedAt >= ROW_PAUSE_MS;
    const due = [...this.pending].filter(rested);
    const moves = due.filter(([, moved]) => moved !== 0).length;
    for (const [code, moved] of due) {
      this.pending.delete(code);
      const entry = this.lines.get(code);
      entry.paintedAt = at;
      this.paintLine(entry);
      if (moved !== 0 && moves <= TINTS_MAX && !stillness.matches) this.tint(entry.price, moved);
    }
    if (this.pending.size > 0) setTimeout(() => this.schedule(), ROW_PAUSE_MS);
  }

  paintLine({ row, price, changes, low, high, sides, range, ...entry }) {
    paintPrice(price, row.price, row.kind);
    for (const cell of changes) paintChange(cell, row);
    write(low, rateShort(row.low, row.kind));
    write(high, rateShort(row.high, row.kind));
    paintSides(sides, row);
    paintRange(range, row);
    this.paintAge({ row, ...entry });
  }

  paintAge({ row, line, marks }) {
    const now = this.now();
    const silent = row.state === "live" && now - Date.parse(row.as_of) > LIVE_AGE_MAX_MS;
    const shown = silent ? { ...row, state: "stale", reason: "no new price" } : row;
    line.classList.toggle("is-stale", shown.state === "stale" || shown.state === "closed");
    for (const badge of marks) paintMark(badge, shown, now);
  }

  // Once a second: ages go on, also while nothing arrives.
  tick() {
    if (document.hidden) return;
    for (const entry of this.lines.values()) if (entry.row) this.paintAge(entry);
  }

  tint(cell, moved) {
    const colour = moved > 0 ? "var(--up-soft)" : "var(--down-soft)";
    const fade = { backgroundColor: [colour, "transparent"] };
    cell.animate(fade, { duration: TINT_MS, easing: "ease-out" });
  }
}
