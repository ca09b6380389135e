// Which indicators are on the chart, and what are their values? Worked out by the server; what
// is not worked out yet is asked for again, a little later each time.
const WAITS_MS = [700, 1000, 1500, 2000, 3000, 5000, 8000];

const MOST = 5000; // candles times indicators of one answer: what is in view comes first
const UNKNOWN = () => ({ values: new Map(), state: "computing" });
const plain = (number) => String(Number(number));

// How programs name an indicator with its parameters: `rsi`, `rsi:21`, `macd:12:26:9`.
function keyOf(study, parameters) {
  const values = study.parameters.map(({ name, default: usual }) => parameters[name] ?? usual);
  const usual = study.parameters.every((one, i) => Number(values[i]) === Number(one.default));
  return usual ? study.name : [study.name, ...values.map(plain)].join(":");
}

export function labelOf(study, parameters) {
  const given = ({ name, default: usual }) => plain(parameters[name] ?? usual);
  const values = study.parameters.map(given);
  const short = study.outputs.length === 1 ? study.outputs[0].title : study.title;
  return values.length ? `${short} ${values.join(", ")}` : short;
}

export class Studies {
  constructor({ catalog, onReady }) {
    this.catalog = new Map(catalog.map((study) => [study.name, study]));
    this.onReady = onReady;
    this.entries = [];
    this.asking = new AbortController();
  }

  // The person's choice: [{name, parameters}]. Unknown names, of another day's site, are left out.
  choose(chosen) {
    const known = new Map(this.entries.map((entry) => [entry.key, entry]));
    const made = chosen.flatMap(({ name, parameters }) => {
      const study = this.catalog.get(name);
      if (!study) return [];
      const key = keyOf(study, parameters);
      const label = labelOf(study, parameters);
      return [known.get(key) ?? { key, study, parameters, label, ...UNKNOWN() }];
    });
    this.entries = [...new Map(made.map((entry) => [entry.key, entry])).values()];
    return this.entries;
  }

  forget() {
    for (const entry of this.entries) Object.assign(entry, UNKNOWN());
  }

  // Ask for everything shown, of as many candles as are drawn.
  async fetch(history, tries = 0) {
    this.asking.abort();
    this.asking = new AbortController();
    if (this.entries.length === 0) return;
    const { signal } = this.asking;
    const query = new URLSearchParams({
      instrument: history.symbol,
      interval: history.interval,
      names: this.entries.map(({ key }) => key).join(","),
      limit: Math.max(1, Math.min(history.candles.length, Math.floor(MOST / this.entries.length))),
    });
    const answer = await fetch(`/api/v1/indicators/?${query}`, { signal }).catch(() => null);
    if (signal.aborted) return;
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (signal.aborted) return;
    if (told) this.take(told.indicators);
    else if (answer && !answer.ok && answer.status < 500) this.fail();
    this.onReady();
    const waiting = this.entries.some(({ state }) => state === "computing");
    if (waiting && tries < WAITS_MS.length) {
      this.timer = setTimeout(() => this.fetch(history, tries + 1), WAITS_MS[tries]);
      signal.addEventListener("abort", () => clearTimeout(this.timer));
    }
  }

  take(answers) {
    answers.forEach((answer, place) => {
      const entry = this.entries[place];
      if (!entry || entry.study.name !== answer.name) return;
      entry.state = answer.state;
      const rows = answer.values.map((row) => [Date.parse(row.time) / 1000, numbers(row)]);
      entry.values = new Map(rows);
    });
  }

  fail() {
    for (const entry of this.entries) if (entry.values.size === 0) entry.state = "missing";
  }
}

function numbers({ time: _time, ...values }) {
  const known = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(known.map(([name, value]) => [name, Number(value)]));
}
