// How is a chart read by keys? Left and right go along the candles and say their values.
const ZOOM = 1.25;
const BARS_MIN = 10;

function zoom(canvas, factor) {
  const scale = canvas.chart.timeScale();
  const { from, to } = scale.getVisibleLogicalRange() ?? { from: 0, to: 100 };
  const length = Math.max(BARS_MIN, (to - from) * factor);
  scale.setVisibleLogicalRange({ from: to - length, to });
}

export function startChartKeys(box, { canvas, legend }) {
  let at = null; // the second of the candle: its index moves as older ones come
  const go = (index) => {
    const { candles } = canvas.history;
    const place = Math.min(candles.length - 1, Math.max(0, index));
    at = candles[place].at;
    canvas.point(place);
    legend.show(candles[place]);
    legend.say();
  };
  const newest = () => canvas.history.candles.length - 1;
  const here = (by) => (at === null ? newest() + (by < 0 ? 1 : 0) : canvas.history.indexAt(at));
  const step = (by) => go(here(by) + by);
  const acts = {
    ArrowLeft: ({ shiftKey }) => step(shiftKey ? -10 : -1),
    ArrowRight: ({ shiftKey }) => step(shiftKey ? 10 : 1),
    Home: () => go(0),
    End: () => go(newest()),
    "+": () => zoom(canvas, 1 / ZOOM),
    "=": () => zoom(canvas, 1 / ZOOM),
    "-": () => zoom(canvas, ZOOM),
  };
  box.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || !canvas.history?.candles.length) return;
    event.preventDefault();
    act(event);
  });
  box.addEventListener("blur", () => {
    at = null;
    canvas.chart.clearCrosshairPosition();
    if (canvas.history) legend.show(canvas.history.last);
  });
}
