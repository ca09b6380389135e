// Which candles are known? A page of the newest, older ones on request, and the one that forms.
import { STEPS_S, Zone } from "./zone.js";

const PAGE = 200; // more than is shown; older ones come when one scrolls
const PAGE_MAX = 5000; // of one answer
const KEPT_MAX = 20_000;
const FEW = 20;

const number = (text) => (text === null || text === undefined ? null : Number(text));

// One candle: text as it came, numbers for drawing; `at` is its UTC second, `place` the chart's.
function read(raw) {
  const { open, high, low, close, volume } = raw;
  return {
    ...raw,
    at: Date.parse(raw.time) / 1000,
    place: 0,
    o: Number(open),
    h: Number(high),
    l: Number(low),
    c: Number(close),
    v: number(volume),
  };
}

const TOLD = ["open", "high", "low", "close", "volume", "source"];
const isSame = (one, other) => TOLD.every((name) => one[name] === other[name]) && !other.forming;

// What of a gap lies before or after a stretch of time.
const outside = (gap, start, end) => [
  { ...gap, end: gap.end < start ? gap.end : start },
  { ...gap, start: gap.start > end ? gap.start : end },
].filter((part) => part.start < part.end);

export class History {
  constructor(symbol, interval) {
    Object.assign(this, { symbol, interval, zone: new Zone(interval) });
    this.step = STEPS_S[interval];
    this.candles = [];
    this.gaps = [];
    this.next = null;
    this.simulated = false;
    this.coming = false; // the past is being made
    this.loading = null;
  }

  get last() {
    return this.candles.at(-1) ?? null;
  }

  // So few candles, while more are to come, that there is room to say so.
  get isBare() {
    return this.coming && this.candles.length < FEW;
  }

  get hasVolume() {
    return this.candles.some(({ v }) => v !== null);
  }

  // Mostly fixings: one price a day, so there is nothing for a candle to show.
  get isFixed() {
    const flat = this.candles.filter((one) => one.source === "ecb" && one.h === one.l);
    return flat.length * 2 > this.candles.length;
  }

  // The newest candles, of as far back as `since` where that is said.
  async load(signal, since = Infinity) {
    const { symbol: instrument, interval } = this;
    const limit = this.count(since, Date.now() / 1000);
    const query = new URLSearchParams({ instrument, interval, limit });
    const answer = await fetch(`/api/v1/candles/?${query}`, { signal, cache: "no-cache" });
    if (!answer.ok) throw new Error(`candles: ${answer.status}`);
    this.take(await answer.json());
    await this.reach(since);
    return this;
  }

  // How many candles a page has that goes back from one moment to another.
  count(since, before) {
    return Math.min(Math.max(Math.ceil((before - since) / this.step) + 1, PAGE), PAGE_MAX);
  }

  // The page before the oldest candle; answers whether there was one.
  async older(limit = PAGE) {
    if (this.loading || !this.next || this.candles.length >= KEPT_MAX) return false;
    const address = new URL(this.next);
    address.searchParams.set("limit", limit);
    this.loading = fetch(address, { cache: limit > PAGE ? "no-cache" : "default" });
    try {
      const answer = await this.loading;
      if (!answer.ok) return false;
      const before = this.candles.length;
      this.take(await answer.json());
      return this.candles.length > before;
    } catch {
      return false; // the next scroll to the left tries again
    } finally {
      this.loading = null;
    }
  }

  take(page) {
    const forming = page.forming ? [{ ...page.forming, forming: true }] : [];
    const known = new Map(this.candles.map((one) => [one.at, one]));
    for (const one of [...page.candles, ...forming].map(read)) {
      if (!known.has(one.at) || !one.forming) known.set(one.at, one);
    }
    const oldest = page.candles[0] ? Date.parse(page.candles[0].time) / 1000 : Infinity;
    if (oldest <= (this.candles[0]?.at ?? Infinity)) this.next = page.next;
    this.candles = [...known.values()].sort((a, b) => a.at - b.at);
    this.simulated = Boolean(page.simulated);
    this.coming = page.past === "coming";
    const gaps = new Map([...page.gaps, ...this.gaps].map((gap) => [gap.start, gap]));
    this.gaps = [...gaps.values()].sort((a, b) => a.start.localeCompare(b.start));
    this.place();
  }

  // What was known further back stays, if these are the same candles gone on.
  keep(known) {
    const [first] = this.candles;
    const isSame = ["interval", "simulated", "symbol"].every((name) => known[name] === this[name]);
    if (!isSame || !first || !this.next || !(known.last?.at >= first.at)) return;
    const older = known.candles.filter(({ at }) => at < first.at);
    if (!older.length) return;
    const gaps = known.gaps.filter(({ start }) => Date.parse(start) / 1000 < first.at);
    this.candles = [...older, ...this.candles];
    this.gaps = [...gaps, ...this.gaps];
    this.next = known.next;
    this.place();
  }

  // Pages before the oldest candle, until one moment is reached.
  async reach(at) {
    while (this.candles[0]?.at > at && await this.older(this.count(at, this.candles[0].at)));
  }

  place() {
    let before = -Infinity;
    for (const one of this.candles) one.place = before = this.zone.place(one.at, before);
  }

  // A candle of the stream; answers with what has to be drawn, or null for one that is past.
  update(frame) {
    const one = read({ ...frame, forming: !frame.closed });
    const { last } = this;
    if (last && one.at < last.at) return null;
    if (last?.at === one.at) this.candles.pop();
    one.source ??= last?.source;
    one.place = this.zone.place(one.at, this.last?.place);
    this.candles.push(one);
    return one;
  }

  // Whether what came late lies before all that is known and that there was.
  isFurther({ start }) {
    return !this.next && !(start >= this.candles[0]?.time);
  }

  // Closed candles of [start, end) that came late, and what is missing there still; answers
  // whether anything is another than before.
  heal({ start, end, candles, gaps }) {
    const oldest = this.candles[0].time;
    const known = new Map(this.candles.map((one) => [one.at, one]));
    const fresh = candles.filter(({ time }) => time >= oldest).map(read)
      .filter((one) => !known.has(one.at) || !isSame(one, known.get(one.at)));
    for (const one of fresh) known.set(one.at, one);
    const lacking = [
      ...this.gaps.flatMap((gap) => outside(gap, start, end)),
      ...gaps.filter((gap) => gap.end > oldest),
    ].sort((a, b) => a.start.localeCompare(b.start));
    const other = fresh.length > 0 || JSON.stringify(lacking) !== JSON.stringify(this.gaps);
    this.candles = [...known.values()].sort((a, b) => a.at - b.at);
    this.gaps = lacking;
    this.place();
    return other;
  }

  // The candle a moment falls into.
  indexAt(seconds) {
    let [low, high] = [0, this.candles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.candles[middle].at <= seconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
