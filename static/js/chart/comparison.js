// How does another instrument go beside this one? Its candles, and a stream of its own.
import { History } from "./history.js";
import { CandleStream } from "./live.js";

export class Comparison {
  constructor({ canvas, onNone }) {
    Object.assign(this, { canvas, onNone, symbol: "" });
    const anew = () => this.draw(this.history);
    this.stream = new CandleStream({ onFrame: (frame) => this.take(frame), onUp: anew });
  }

  // Another instrument, or none; answers once it is drawn.
  async show(symbol, history) {
    this.symbol = symbol === history.symbol ? "" : symbol;
    if (this.symbol) return this.draw(history);
    this.stream.stop();
    return this.canvas.compare(null);
  }

  async draw(history) {
    this.history = history;
    const { symbol } = this;
    const fetched = new History(symbol, history.interval);
    const oldest = history.candles[0]?.at;
    const isThere = await fetched.load(undefined, oldest).catch(() => null);
    if (!isThere || this.symbol !== symbol || this.history !== history) return;
    this.canvas.compare(fetched);
    this.stream.watch({ instrument: symbol, interval: history.interval });
    const coming = history.coming || fetched.coming;
    if (!this.canvas.sharesTime && !coming) this.onNone(symbol);
  }

  take(frame) {
    const { canvas } = this;
    const { compared } = canvas;
    if (frame.type === "healed" || frame.type === "changed") this.draw(this.history);
    if (frame.type !== "candle" || frame.interval !== compared?.interval) return;
    const before = compared.last;
    const candle = compared.update(frame);
    if (!candle) return;
    if (candle.at - before?.at > compared.step) this.draw(this.history);
    else if (frame.closed) canvas.drawCompared();
    else canvas.updateCompared();
  }
}
