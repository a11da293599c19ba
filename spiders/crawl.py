"""The child process of a crawl: ``python -m spiders.crawl RESULT``, with the job on its input.

One crawl per process, because Scrapy's reactor can be started only once, and because a process can
be ended from outside whatever it is doing. The result is written to RESULT at the very end; no
result means that the crawl did not get there, whatever the exit status says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import certifi
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from spiders.crawl_job import CrawlJob, CrawlResult
from spiders.pages import PageSpider


def main() -> None:
    """Carry out the job and write its result."""
    job = CrawlJob.model_validate_json(sys.stdin.buffer.read())
    # The same certificates as the other way of fetching, also where the system has none.
    os.environ.setdefault("SSL_CERT_FILE", certifi.where())
    process = AsyncCrawlerProcess(settings_for(job))
    crawler = process.create_crawler(PageSpider)
    process.crawl(crawler, job=job)
    process.start()
    spider = crawler.spider
    stats = crawler.stats.get_stats()
    result = CrawlResult(
        pages=tuple(spider.pages) if isinstance(spider, PageSpider) else (),
        finish_reason=str(stats.get("finish_reason", "never started")),
        errors=int(stats.get("spider_exceptions/count", 0)),
    )
    target = Path(sys.argv[1])
    scratch = target.with_suffix(".part")
    scratch.write_text(result.model_dump_json())
    scratch.replace(target)


def settings_for(job: CrawlJob) -> Settings:
    """Scrapy's settings for one crawl: those of `spiders.settings` and the job's own."""
    settings = Settings()
    settings.setmodule("spiders.settings")
    settings.update(
        {
            "USER_AGENT": job.user_agent,
            "DOWNLOAD_MAXSIZE": job.max_body_bytes,
            "DOWNLOAD_WARNSIZE": 0,
            "DOWNLOAD_TIMEOUT": job.timeout_s,
            "DOWNLOAD_DELAY": job.pause_s,
            "AUTOTHROTTLE_ENABLED": job.pause_s > 0,
            "AUTOTHROTTLE_START_DELAY": job.pause_s,
            "CLOSESPIDER_TIMEOUT": job.time_limit_s,
            "REDIRECT_MAX_TIMES": job.max_redirects,
            # A proxy of the environment has no business between this machine and itself.
            "HTTPPROXY_ENABLED": not job.bases,
        },
        priority="cmdline",
    )
    return settings


if __name__ == "__main__":
    main()
