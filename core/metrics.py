"""What does this process count? Figures for Prometheus beside those of Django's own requests."""

from prometheus_client import Counter, Gauge

LISTENERS = Gauge("tradingsite_listeners", "Open sockets and event streams of this process")
FRAMES_SENT = Counter("tradingsite_frames_sent", "Frames handed to listeners at once")
FRAMES_CONFLATED = Counter("tradingsite_frames_conflated", "Frames that passed a slow listener by")
LISTENERS_DROPPED = Counter("tradingsite_listeners_dropped", "Listeners cut off: gone or stalled")
NATIVE_REQUESTS = Counter(
    "tradingsite_native_requests", "Requests answered before Django", ["path", "status"]
)
NATIVE_SECONDS = Counter(
    "tradingsite_native_seconds", "Time spent on requests answered before Django", ["path"]
)
EXCHANGES = Counter("tradingsite_exchanges", "Conversions this process has accepted")
CSP_REPORTS = Counter(
    "tradingsite_csp_reports", "What browsers refused to load or run on our pages", ["directive"]
)
