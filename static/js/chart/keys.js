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
  let at = null;
  const go = (index) => {
    const { candles } = canvas.history;
    at = Math.min(candles.length - 1, Math.max(0, index));
    canvas.point(at);
    legend.show(candles[at]);
    legend.say();
  };
  const newest = () => canvas.history.candles.length - 1;
  const step = (by) => go((at ?? newest() + (by < 0 ? 1 : 0)) + by);
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
