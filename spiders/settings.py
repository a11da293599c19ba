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
# Default: on. Saying where we found a link is none of the next page's business.
REFERER_ENABLED = False
DOWNLOADER_MIDDLEWARES = {
    # Default: a 5xx for robots.txt means "everything allowed". Here the source has failed.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "spiders.middlewares.RobotsRules": 100,
    # Default: inflates brotli and zstd too, and passes on what it could read of a gzip body that
    # was cut off. Ours takes the two encodings with a bound, and a body that is whole, or none.
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "spiders.middlewares.BoundedDecoding": 590,
}

# --- noise -----------------------------------------------------------------------------------
# Default: DEBUG. What matters comes back as the crawl's result.
LOG_LEVEL = "WARNING"
# Default: logged at the end, every minute, and as a list of versions. Nobody reads them here.
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
LOG_VERSIONS: list[str] = []
# Default: on. A timer that watches memory; sizes are bounded where bodies arrive.
MEMUSAGE_ENABLED = False
