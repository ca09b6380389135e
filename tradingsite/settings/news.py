"""Which addresses are read for news and for the list of coins? All of them through `core.http`."""

from tradingsite.settings.reading import env, server

_WEB = ("https", "http")
NEWS_FEEDS: list[str] = env.list(
    "NEWS_FEEDS",
    default=[
        "https://www.ecb.europa.eu/rss/press.html",
        "https://www.federalreserve.gov/feeds/press_all.xml",
        "https://www.bankofengland.co.uk/rss/news",
        "https://www.snb.ch/public/en/rss/news",
        "https://feeds.content.dowjones.io/public/rss/mw_topstories",
        "https://feeds.content.dowjones.io/public/rss/RSSMarketsMain",
        "https://search.cnbc.com/rs/search/combinedcms/view.xml?partnerId=wrss01&id=10000664",
        "https://feeds.bbci.co.uk/news/business/rss.xml",
        "https://www.fxstreet.com/rss/news",
        "https://www.investing.com/rss/news_1.rss",
        "https://www.coindesk.com/arc/outboundfeeds/rss/",
        "https://cointelegraph.com/rss",
    ],
)
NEWSAPI_URL = server("NEWSAPI_URL", *_WEB, default="https://newsapi.org/v2/everything")
NEWSAPI_KEY: str = env.str("NEWSAPI_KEY", "")
# The first fifty coins by market value, in CoinGecko's shape; empty: no list is kept.
COINS_URL = server(
    "COINS_URL",
    *_WEB,
    default="https://api.coingecko.com/api/v3/coins/markets"
    "?vs_currency=usd&order=market_cap_desc&per_page=50&page=1",
)
