"""What does a person call the browser behind a User-Agent header? "Firefox on Linux".

Only words of ours come out: the header is the sender's to choose and ends up in letters.
"""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "a Python program"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
HANDHELD = ("iPhone", "iPad", "Android")


def name(user_agent: str) -> str:
    """The browser and the system, as far as the header tells."""
    browser = _first(BROWSERS, user_agent) or "An unknown browser"
    system = _first(SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def is_handheld(user_agent: str) -> bool:
    """Is it a telephone or a tablet?"""
    return any(word in user_agent for word in HANDHELD)


def _first(words: tuple[tuple[str, str], ...], text: str) -> str:
    return next((said for mark, said in words if mark in text), "")
