// What happened, and when? Signals of the feed and news stories, as marks on their candles.
import { colour } from "./colours.js";

const SHAPES = {
  up: { shape: "arrowUp", position: "belowBar", token: "--up" },
  down: { shape: "arrowDown", position: "aboveBar", token: "--down" },
};
const NEUTRAL = { shape: "square", position: "aboveBar", token: "--warn" };
const NOTABLE = 1 / 3; // of a strength: "medium"; weaker signals are words in the legend only
const NEWS = { shape: "circle", position: "aboveBar", token: "--ink2" };

async function results(path) {
  const answer = await fetch(path).catch(() => null);
  return answer?.ok ? (await answer.json()).results : [];
}

// Of the candles that are known; of them the newest where there are very many.
export async function fetchEvents({ symbol, interval, candles }) {
  const of = new URLSearchParams({ instrument: symbol, limit: 200 });
  const reach = new URLSearchParams({ interval });
  if (candles.length) reach.set("since", candles[0].time);
  const [signals, stories] = await Promise.all([
    results(`/api/v1/signals/?${of}&${reach}`),
    results(`/api/v1/news/?${of}`),
  ]);
  return [
    ...signals.map(({ time, direction, strength, sentence }) => ({
      time, look: strength < NOTABLE ? null : SHAPES[direction] ?? NEUTRAL, said: sentence,
    })),
    ...stories.map(({ published_at: time, title }) => ({ time, look: NEWS, said: title })),
  ];
}

// One mark per candle and kind of what is notable; what all say is kept by candle, for the legend.
export function marksOf(events, history) {
  const marks = new Map();
  const said = new Map();
  for (const { time, look, said: words } of events) {
    const candle = history.candles[history.indexAt(Date.parse(time) / 1000)];
    if (!candle || Date.parse(time) / 1000 >= candle.at + history.step) continue;
    said.set(candle.at, [...(said.get(candle.at) ?? []), words]);
    if (!look) continue;
    const { token, ...shape } = look;
    const key = `${candle.place}${shape.shape}`;
    marks.set(key, { time: candle.place, ...shape, color: colour(token), size: 0.8 });
  }
  const inOrder = [...marks.values()].sort((a, b) => a.time - b.time);
  const sentences = [...said].map(([at, words]) => [at, words.join(" · ")]);
  return { marks: inOrder, said: new Map(sentences) };
}
