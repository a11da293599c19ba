"""Scrapy's settings for crawling price pages; each departure from a default says why.

What depends on the run (who asks, limits, distances) is set per crawl, in `spiders.crawl`.
"""

from __future__ import annotations

BOT_NAME = "pricebook"
SPIDER_MODULES = ["spiders.pages"]
NEWSPIDER_MODULE = "spiders"

# --- manners ---------------------------------------------------------------------------------
# Default: ignored. A site says in robots.txt what it does not want fetched.
ROBOTSTXT_OBEY = True
# Default: the User-Agent header. Rules name products, and ours carries a version and a contact.
ROBOTSTXT_USER_AGENT = BOT_NAME
# Default: 16 at once, 8 per domain. One page after the other, so that we are never a load.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# Default: off. Keeps a longer distance from a site that is slow to answer.
AUTOTHROTTLE_ENABLED = True
# Default: on. Tried again by whoever started the crawl, with growing waits and heeding
# Retry-After; the built-in way asks again at once, and also after a 404 of robots.txt.
RETRY_ENABLED = False

# --- trust -----------------------------------------------------------------------------------
# Default: off (!), any certificate is taken. A price list from a stranger is worse than none.
DOWNLOAD_VERIFY_CERTIFICATES = True
# Default: on. Two servers that execute Python for whoever connects (telnet; an HTTP one since
# 2.19): nobody needs to reach into a crawl that lasts a second.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
# Default: on. A price page needs no memory of who asked, and a session could change what it shows.
COOKIES_ENABLED = False
# Default: on. An address in a <meta> is content, not an answer; only real redirects are looked at.
METAREFRESH_ENABLED = False

# --- parts -----------------------------------------------------------------------------------
# Whole lists, not changes to the defaults: naming a part in order to leave it out imports it.
# Measured 2026-11, the parts left out (aiohttp for the remote control, the list of all domain
# endings for cookies) took 1.0 of the 1.9 seconds of processor time that a crawl costs.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": 50,
    # Default: a 5xx for robots.txt means "everything allowed". Here the source has failed.
    "spiders.middlewares.RobotsRules": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    # Default: inflates brotli and zstd too, and passes on what it could read of a gzip body that
    # was cut off. Ours takes the two encodings with a bound, and a body that is whole, or none.
    "spiders.middlewares.BoundedDecoding": 590,
    # For robots.txt only; redirects of pages are looked at by the spider.
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}
# Statistics, by which a crawl is judged; the time limit; the distance between requests.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}

# --- noise -----------------------------------------------------------------------------------
# Default: DEBUG. What matters comes back as the crawl's result.
LOG_LEVEL = "WARNING"
# Default: logged at the end, and a list of versions at the start. Nobody reads them here.
STATS_DUMP = False
LOG_VERSIONS: list[str] = []
