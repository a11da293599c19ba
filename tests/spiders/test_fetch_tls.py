"""Both ways of fetching take prices only from whoever can prove to be the site."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.capture import FetchOutcome
from spiders import fetch_http
from spiders.capture_store import CaptureStore
from spiders.pageplan import PageJob
from spiders.sites import Sites
from spiders.sources.openrouter_models import openrouter_models_plan
from tests.spiders.loopback import Bench, Said, Site, TestClock, serve

PAGE = "https://aimlapi.com/ai-ml-api-pricing"


def make_certificate(path: Path) -> None:
    """Write a key and a certificate for 127.0.0.1 that nobody but us vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def secure(tmp_path: Path) -> Generator[tuple[Bench, Path]]:
    certificate = tmp_path / "site.pem"
    make_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    site = Site()
    site.says("/api/v1/models?output_modalities=all", Said(b'[{"id": "a"}]'))
    site.says("/ai-ml-api-pricing", Said(b"<p>prices</p>"))
    with serve(site, context):
        sites = Sites(dict.fromkeys(("openrouter.ai", "aimlapi.com"), site.base))
        fetch_http.trusted.cache_clear()
        yield Bench(site, CaptureStore(tmp_path / "data"), TestClock(), sites), certificate
        fetch_http.trusted.cache_clear()


def outcomes(bench: Bench) -> list[FetchOutcome]:
    return [
        bench.fetch("openrouter_models", openrouter_models_plan).outcome,
        bench.fetch("aiml_pricing_page", PageJob(PAGE)).outcome,
    ]


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: tuple[Bench, Path]) -> None:
    bench, _ = secure
    assert outcomes(bench) == [FetchOutcome.TRANSPORT_ERROR] * 2
    assert bench.site.asked == []


def test_one_that_the_machine_trusts_is_taken(
    secure: tuple[Bench, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, certificate = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert outcomes(bench) == [FetchOutcome.OK] * 2
