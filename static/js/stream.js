// How do rates arrive? A websocket that resumes where it stopped, server-sent events where
// websockets fail. Tells its listener: frame(frame), up(), down({retryAt}).

const WAITS_S = [1, 2, 4, 8, 16, 30];
const SILENCE_MS = 12_000; // the server beats every 5 s
const SOCKET_TRIES = 2; // failed ones before server-sent events take turns with websockets
const LATER_TRIES = 4; // the same where websockets are known to work
const RESTARTING = 1012;

export class BoardStream {
  constructor({ base, now: serverNow, onFrame, onUp, onDown }) {
    Object.assign(this, { base, serverNow, onFrame, onUp, onDown });
    this.failures = 0;
    this.everOpened = false;
    this.forget();
    // The browser knows at once that the network is gone; the silence tells only after a while.
    addEventListener("offline", () => this.lost());
    addEventListener("online", () => this.now());
  }

  start() {
    clearTimeout(this.retry);
    this.watch();
    this.heard = false;
    const patience = this.everOpened ? LATER_TRIES : SOCKET_TRIES;
    if (this.failures >= patience && this.failures % 2 === 0) this.openEvents();
    else this.openSocket();
  }

  // Try again at once, whatever the back-off says.
  now() {
    this.drop();
    this.start();
  }

  switchTo(base) {
    this.base = base;
    this.forget();
    if (this.socket?.readyState !== WebSocket.OPEN) this.now();
    else this.socket.send(JSON.stringify({ type: "base", base }));
  }

  forget() {
    this.epoch = null;
    this.seq = -1;
  }

  openSocket() {
    const address = new URL("/ws/board/", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("base", this.base);
    if (this.epoch) address.searchParams.set("since", `${this.epoch}:${this.seq}`);
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onopen = () => { this.everOpened = true; };
    socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.lost(code === RESTARTING);
    };
  }

  openEvents() {
    const events = new EventSource(`/sse/board/?base=${this.base}`);
    this.events = events;
    events.onmessage = ({ data }) => this.take(JSON.parse(data));
    events.onerror = () => { if (events === this.events) this.lost(); };
  }

  take(frame) {
    this.watch();
    if (frame.base !== this.base) return;
    if (!this.heard && this.isNews(frame)) this.isUp();
    if (frame.type === "snapshot") {
      this.epoch = frame.epoch;
    } else if (frame.type === "delta") {
      if (frame.seq <= this.seq) return;
      if (frame.epoch !== this.epoch || frame.seq > this.seq + 1) {
        this.now();
        return;
      }
    }
    if (frame.type !== "beat") this.seq = frame.seq;
    this.onFrame(frame);
  }

  // The last snapshot is kept for whoever comes, also when nobody writes prices any more.
  isNews({ type, as_of: asOf }) {
    return type !== "snapshot" || this.serverNow() - Date.parse(asOf) < SILENCE_MS;
  }

  // Only a line that brings news is up: one that opens and closes again keeps backing off.
  isUp() {
    this.heard = true;
    this.failures = 0;
    this.onUp();
  }

  // A line that says nothing for longer than the beat is lost, whatever TCP believes.
  watch() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), SILENCE_MS);
  }

  drop() {
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    const { socket, events } = this;
    this.socket = this.events = null;
    socket?.close();
    events?.close();
  }

  lost(atOnce = false) {
    this.drop();
    const wait = WAITS_S[Math.min(this.failures, WAITS_S.length - 1)];
    this.failures += 1;
    const delay = (atOnce ? 0.2 : wait) * (0.8 + 0.4 * Math.random()) * 1000;
    this.retry = setTimeout(() => this.start(), delay);
    this.onDown({ retryAt: Date.now() + delay });
  }
}
