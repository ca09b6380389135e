// What time stands under a candle? The chart knows UTC only, so candles are drawn at the wall
// clock of the page's time zone; days are UTC days and stay where they are.
import { shortDay } from "../figures.js";

export const STEPS_S = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400 };
const HALF_DAY_S = 43_200;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const pageZone = () => document.documentElement.dataset.zone || "UTC";
const two = (number) => String(number).padStart(2, "0");

export class Zone {
  constructor(interval, zone = pageZone()) {
    this.daily = interval === "1d";
    this.still = this.daily || zone === "UTC";
    this.offsets = new Map();
    this.format = this.still || new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    });
  }

  // Seconds to add to a UTC time; asked of Intl twice a day at most, as that is slow.
  offset(time) {
    const half = Math.floor(time / HALF_DAY_S);
    const [start, end] = [half, half + 1].map((n) => this.offsetAt(n * HALF_DAY_S));
    return start === end ? start : this.offsetAt(time);
  }

  offsetAt(time) {
    if (!this.offsets.has(time)) {
      const parts = this.format.formatToParts(time * 1000);
      const { year, month, day, hour, minute, second } = Object.fromEntries(
        parts.map(({ type, value }) => [type, Number(value)]),
      );
      const wall = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
      this.offsets.set(time, wall - time);
    }
    return this.offsets.get(time);
  }

  // Where a candle stands; never before the one to its left, also in the hour that comes twice.
  place(time, before = -Infinity) {
    return this.still ? time : Math.max(time + this.offset(time), before + 1);
  }

  // The chart's own labels: `placed` is wall-clock time already.
  label(placed) {
    const at = new Date(placed * 1000);
    const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
    return this.daily ? day : `${day}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  }

  tick(placed, kind) {
    const at = new Date(placed * 1000);
    if (kind === 0) return String(at.getUTCFullYear());
    if (kind === 1) return MONTHS[at.getUTCMonth()];
    if (kind === 2) return String(at.getUTCDate());
    return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  }
}

// For text: `30 Oct, 14:00`, in the zone the page names.
export function spoken(iso, interval) {
  const at = new Date(iso);
  if (interval === "1d") {
    return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  }
  const time = at.toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: pageZone() });
  return `${shortDay(at)}, ${time}`;
}
