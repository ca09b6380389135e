// How does the last candle arrive? A websocket per chart that is opened anew, later each time,
// whenever it is lost or something else is to be watched.
const UNKNOWN = 4404; // to ask again would get the same answer
const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000];

export class CandleStream {
  constructor({ onFrame, onUp }) {
    Object.assign(this, { onFrame, onUp, failures: 0, wish: null });
    addEventListener("pagehide", () => this.drop());
    addEventListener("pageshow", (event) => { if (event.persisted) this.open(); });
    addEventListener("online", () => this.open());
  }

  watch({ instrument, interval, indicators }) {
    const wish = JSON.stringify([instrument, interval, indicators]);
    if (wish === this.wish) return;
    this.wish = wish;
    this.address = { instrument, interval, indicators };
    this.open();
  }

  stop() {
    this.drop();
    this.wish = this.address = null;
  }

  open() {
    this.drop();
    if (!this.address) return;
    const address = new URL("/ws/candles/", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(this.address)) {
      if (value) address.searchParams.set(name, value);
    }
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.failures) this.onUp();
      this.failures = 0;
      this.onFrame(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket && code !== UNKNOWN) this.lost();
    };
  }

  drop() {
    clearTimeout(this.retry);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  lost() {
    this.drop();
    const wait = WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)];
    this.failures += 1;
    this.retry = setTimeout(() => this.open(), wait * (0.8 + 0.4 * Math.random()));
  }
}
