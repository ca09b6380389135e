// How is a history drawn? One chart: price, volume, studies, a compared instrument, events, gaps.
import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  LineSeries,
  LineStyle,
  PriceScaleMode,
} from "../../vendor/lightweight-charts.js";
import { grouped, priceDecimals, THIN } from "../figures.js";
import { colour } from "./colours.js";
import { GapLines } from "./gaps.js";
import { StudyLines } from "./studylines.js";

const FIRST_BARS = { wide: 150, narrow: 60 };
const BARS_MIN = 45; // fewer are drawn to the right, no fatter
const NARROW = 560;
const VOLUME_SCALE = { top: 0.84, bottom: 0 };
const QUIET = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };

const percent = (value) => {
  const text = `${grouped(value, 2)}${THIN}%`;
  return value > 0 ? `+${text}` : text;
};

export class Canvas {
  constructor(box, { kind }) {
    Object.assign(this, { box, kind, history: null, drawn: "candles", compared: null });
    this.chart = createChart(box, { autoSize: true, ...this.look() });
    this.gaps = new GapLines();
    this.studies = new StudyLines(this);
    new ResizeObserver(() => this.studies.soonDrawWaiting()).observe(box);
    this.volume = this.chart.addSeries(HistogramSeries, {
      ...QUIET, priceScaleId: "volume", priceFormat: { type: "volume" },
    });
    this.volume.priceScale().applyOptions({ scaleMargins: VOLUME_SCALE });
  }

  get narrow() {
    return this.box.clientWidth < NARROW;
  }

  look() {
    const cross = { color: colour("--ink3"), labelBackgroundColor: colour("--ink") };
    const zone = () => this.history.zone;
    return {
      layout: {
        background: { color: colour("--surface") }, textColor: colour("--ink3"), fontSize: 11,
        fontFamily: '"Inter Variable", sans-serif', attributionLogo: false,
        panes: { separatorColor: colour("--line"), separatorHoverColor: colour("--sunken") },
      },
      grid: { vertLines: { visible: false }, horzLines: { color: colour("--line", 0.7) } },
      rightPriceScale: {
        borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.16, bottom: 0.18 },
      },
      timeScale: {
        borderColor: colour("--line"), timeVisible: true, rightOffset: 3, minBarSpacing: 0.2,
        tickMarkFormatter: (place, tick) => zone().tick(place, tick),
      },
      crosshair: { mode: 0, vertLine: cross, horzLine: cross },
      localization: {
        timeFormatter: (place) => zone().label(place), percentageFormatter: percent,
      },
      kineticScroll: { touch: true },
    };
  }

  // Up candles are hollow, down candles filled: shape tells direction, not hue alone.
  candleLook() {
    const [up, down] = [colour("--up"), colour("--down")];
    return {
      upColor: colour("--surface"), downColor: down, borderUpColor: up, borderDownColor: down,
      wickUpColor: up, wickDownColor: down, priceLineColor: colour("--ink"), priceLineStyle: 1,
      priceFormat: this.priceFormat(),
    };
  }

  lineLook() {
    return {
      color: colour("--ink"), lineWidth: 1.5, priceLineColor: colour("--ink"), priceLineStyle: 1,
      priceFormat: this.priceFormat(),
    };
  }

  priceFormat() {
    const decimals = priceDecimals(this.history?.last?.c ?? 1, this.kind);
    return {
      type: "custom", minMove: 10 ** -decimals, formatter: (price) => grouped(price, decimals),
    };
  }

  // Draw another history: its newest candles, or the moments in view.
  show(history, drawn, { keepView = false } = {}) {
    const view = keepView ? this.viewOf(history) : this.newest(history);
    this.history = history;
    this.drawn = drawn;
    if (this.price) this.chart.removeSeries(this.price);
    const isLine = drawn === "line";
    const look = isLine ? this.lineLook() : this.candleLook();
    this.price = this.chart.addSeries(isLine ? LineSeries : CandlestickSeries, look);
    this.price.attachPrimitive(this.gaps);
    this.markers = createSeriesMarkers(this.price, [], { zOrder: "aboveSeries" });
    this.draw();
    if (view) this.chart.timeScale().setVisibleLogicalRange(view);
  }

  newest({ candles }) {
    const bars = candles.length;
    const most = this.narrow ? FIRST_BARS.narrow : FIRST_BARS.wide;
    const wanted = Math.min(most, Math.max(bars, BARS_MIN));
    return { from: bars - wanted, to: bars + 3 };
  }

  // Where another history has what is in view; who sees the newest candle goes on with it.
  viewOf(history) {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    const last = this.history.candles.length - 1;
    if (!range) return null;
    const held = range.to >= last ? last : Math.max(0, Math.round(range.from));
    const place = held === last
      ? history.candles.length - 1 : history.indexAt(this.history.candles[held].at);
    return { from: range.from + place - held, to: range.to + place - held };
  }

  // All candles anew, the view kept.
  draw() {
    const { candles } = this.history;
    this.price.setData(candles.map((one) => this.bar(one)));
    this.volume.setData(this.history.hasVolume ? candles.map((one) => this.volumeBar(one)) : []);
    this.drawGaps();
    this.drawCompared();
    this.studies.draw();
  }

  bar({ place: time, o: open, h: high, l: low, c: close }) {
    return this.drawn === "line" ? { time, value: close } : { time, open, high, low, close };
  }

  volumeBar({ place: time, v, o, c }) {
    return { time, value: v ?? 0, color: colour(c < o ? "--down" : "--up", 0.28) };
  }

  // One candle of the stream.
  update(candle) {
    this.price.update(this.bar(candle));
    if (this.history.hasVolume) this.volume.update(this.volumeBar(candle));
  }

  drawGaps() {
    const edges = this.history.gaps.map(({ start }) => Date.parse(start) / 1000 - 1);
    const left = edges.map((edge) => this.history.candles[this.history.indexAt(edge)]?.place);
    this.gaps.show(left.filter((place) => place !== undefined));
  }

  showVolume(on) {
    this.volume.applyOptions({ visible: on });
  }

  showEvents(events) {
    this.markers?.setMarkers(events); // before the first candle there is nothing to mark
  }

  // Percent where two instruments are compared, else linear or logarithmic.
  scale({ log }) {
    const { Logarithmic, Normal, Percentage } = PriceScaleMode;
    const mode = this.compared ? Percentage : log ? Logarithmic : Normal;
    this.chart.priceScale("right").applyOptions({ mode });
  }

  compare(history) {
    this.compared = history;
    if (this.other) this.chart.removeSeries(this.other);
    this.other = history && this.chart.addSeries(LineSeries, {
      color: colour("--test"), lineWidth: 1.5, priceLineVisible: false,
      title: history.symbol.replace("-", "/"), lineStyle: LineStyle.Solid,
    });
    this.drawCompared();
  }

  // Only moments both have: another rhythm of candles would spread ours.
  drawCompared() {
    if (!this.other) return;
    const places = new Map(this.history.candles.map(({ at, place }) => [at, place]));
    const shared = this.compared.candles.filter(({ at }) => places.has(at));
    this.sharesTime = shared.length > 1;
    this.other.setData(shared.map(({ at, c }) => ({ time: places.get(at), value: c })));
  }

  // The newest candle of both.
  updateCompared() {
    const [own, other] = [this.history.last, this.compared?.last];
    if (own && other?.at === own.at) this.other.update({ time: own.place, value: other.c });
  }

  // The candle under the cursor, else the last one; null where there is nothing.
  candleAt(place) {
    if (place === undefined) return this.history?.last ?? null;
    return this.history.candles.find((one) => one.place === place) ?? null;
  }

  onCursor(act) {
    this.chart.subscribeCrosshairMove(({ time }) => act(this.candleAt(time)));
  }

  // Put the cursor on a candle, as keys do, and keep it in view.
  point(index) {
    const candle = this.history.candles[index];
    if (!candle) return this.chart.clearCrosshairPosition();
    const scale = this.chart.timeScale();
    const { from, to } = scale.getVisibleLogicalRange() ?? { from: 0, to: 0 };
    const off = index < from ? index - from - 2 : index > to - 2 ? index - to + 3 : 0;
    if (off) scale.setVisibleLogicalRange({ from: from + off, to: to + off });
    return this.chart.setCrosshairPosition(candle.c, candle.place, this.price);
  }

  // Near the oldest candle, once that is drawn: new data bring a view of their own before ours.
  onLeft(act) {
    const scale = this.chart.timeScale();
    const look = () => { if (scale.getVisibleLogicalRange()?.from < BARS_MIN) act(); };
    scale.subscribeVisibleLogicalRangeChange(() => requestAnimationFrame(look));
  }

  recolour() {
    this.chart.applyOptions(this.look());
    this.price?.applyOptions(this.drawn === "line" ? this.lineLook() : this.candleLook());
    this.other?.applyOptions({ color: colour("--test") });
    if (this.history) this.draw();
    this.studies.recolour();
  }
}
