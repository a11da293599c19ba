"""What a printed name stands for: one id, several by a checked name, or a question."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from models.identity import (
    Alias,
    CatalogueEntry,
    Resolution,
    Resolver,
    load_aliases,
    suggest,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "identity"


def known() -> list[CatalogueEntry]:
    with (FIXTURES / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return [
            CatalogueEntry(r["seller"], r["model_id"], r["operation"], r["name"], r["developer"])
            for r in csv.DictReader(file)
            if r["name"]
        ]


def entry(
    model_id: str,
    name: str = "",
    operation: str = "chat",
    developer: str = "OpenAI",
    aliases: tuple[str, ...] = (),
) -> CatalogueEntry:
    return CatalogueEntry("aimlapi", model_id, operation, name, developer, aliases)


def resolve(
    catalogue: list[CatalogueEntry],
    name: str,
    operation: str = "chat",
    developer: str = "OpenAI",
    aliases: tuple[Alias, ...] = (),
) -> Resolution:
    return Resolver("aimlapi", catalogue, aliases).resolve(developer, name, operation)


@pytest.mark.parametrize(
    ("developer", "name", "section", "how", "targets"),
    [
        ("OpenAI", "GPT-5", "chat", "exact", {"openai/gpt-5-2025-08-07"}),
        ("Anthropic", "Claude 4 Opus", "chat", "exact", {"claude-opus-4-20250514"}),
        ("Google", "Gemini 2.5 Flash", "chat", "exact", {"google/gemini-2.5-flash"}),
        ("Meta", "Llama 3 (70B)", "chat", "alias", {"meta-llama/Llama-3-70b-chat-hf"}),
        ("OpenAI", "DALL-E 3", "image", "exact", {"dall-e-3"}),
        (
            "Stability AI",
            "Stable Diffusion 3.5 Large",
            "image",
            "exact",
            {"stable-diffusion-v35-large"},
        ),
        ("Flux", "Flux.1 Pro", "image", "alias", {"flux-pro"}),
        (
            "OpenAI",
            "Sora 2 Pro",
            "video",
            "alias",
            {"openai/sora-2-pro-t2v", "openai/sora-2-pro-i2v"},
        ),
        ("Alibaba Cloud", "Wan 2.2 Animate", "video", "alias", {"alibaba/wan2.2-14b-animate-move"}),
        ("ElevenLabs", "Multilingual v2", "speech", "exact", {"elevenlabs/eleven_multilingual_v2"}),
        (
            "Deepgram",
            "Aura 2",
            "speech",
            "alias",
            {"#g1_aura-2-hera-en", "#g1_aura-2-nestor-es", "#g1_aura-2-thalia-en"},
        ),
        ("Anthropic", "Claude Opus 4.5", "chat", "exact", {"claude-opus-4-5-20251101"}),
        (
            "Anthropic",
            "Claude 4.5 Haiku By Anthropic",
            "chat",
            "exact",
            {"claude-haiku-4-5-20251001"},
        ),
        ("Alibaba Cloud", "Qwen3 Max Instruct", "chat", "exact", {"alibaba/qwen3-max-instruct"}),
        (
            "Alibaba Cloud",
            "Wan 2.6",
            "video",
            "alias",
            {"alibaba/wan-2-6-t2v", "alibaba/wan-2-6-r2v"},
        ),
        ("LTXV", "LTXV 2 Fast", "video", "exact", {"ltxv/ltxv-2-fast"}),
    ],
)
def test_printed_names_with_an_id_resolve_to_it(
    developer: str, name: str, section: str, how: str, targets: set[str]
) -> None:
    found = Resolver("aimlapi", known(), load_aliases()).resolve(developer, name, section)
    assert ({model_id for model_id, _ in found.targets}, found.how) == (targets, how)
    assert {operation for _, operation in found.targets} == {section}


@pytest.mark.parametrize(
    ("developer", "name", "section", "first"),
    [
        ("Anthropic", "Claude 3.5 Sonnet", "chat", "claude-3-7-sonnet-20250219"),
        ("Anthropic", "Claude Opus 4.8", "chat", "claude-opus-4-5-20251101"),
        ("Google", "Gemini 3.5 Flash", "chat", "google/gemini-2.5-flash"),
        ("Google", "Gemini 3.1 Flash Image", "image", "google/gemini-2.5-flash-image"),
        ("Baidu", "Ernie 4.5 0.3b", "chat", "baidu/ernie-4.5-21b-a3b"),
        ("Kling AI", "Kling v3 Turbo Pro", "video", "klingai/v2.5-turbo/pro/text-to-video"),
        ("Kling AI", "Kling Video", "video", "kling-video/v1/pro/image-to-video"),
        ("DeepSeek", "DeepSeek V4 Flash", "chat", "deepseek-chat"),
    ],
)
def test_printed_names_without_an_id_are_page_only_and_suggest_a_relative(
    developer: str, name: str, section: str, first: str
) -> None:
    catalogue = known()
    found = Resolver("aimlapi", catalogue, load_aliases()).resolve(developer, name, section)
    assert found == Resolution((), "page_only")
    assert suggest("aimlapi", developer, name, section, catalogue)[0].model_id == first


def test_two_ids_of_one_name_are_a_question() -> None:
    catalogue = [
        entry("openai/sora-2-i2v", "Sora 2 Image to Video", "video"),
        entry("fallback-openai/sora-2-i2v", "Sora 2 Image to Video", "video"),
    ]
    found = resolve(catalogue, "Sora 2 Image to Video", "video")
    assert found == Resolution((), "ambiguous", ("fallback-openai/sora-2-i2v", "openai/sora-2-i2v"))


def test_a_checked_name_settles_a_question() -> None:
    catalogue = [entry("openai/a-1", "Model A"), entry("openai/a-2", "Model A")]
    alias = Alias("aimlapi", "OpenAI / Model A", ("openai/a-2",))
    found = resolve(catalogue, "Model A", aliases=(alias,))
    assert found == Resolution((("openai/a-2", "chat"),), "alias")


def test_an_exact_name_comes_before_a_checked_one() -> None:
    catalogue = [entry("openai/gpt-5"), entry("openai/gpt-5-pro")]
    alias = Alias("aimlapi", "OpenAI / GPT-5", ("openai/gpt-5-pro",))
    assert resolve(catalogue, "GPT-5", aliases=(alias,)).how == "exact"


def test_a_checked_name_whose_ids_are_not_listed_waits() -> None:
    alias = Alias("aimlapi", "OpenAI / Sora 9", ("openai/sora-9-t2v",))
    assert resolve([entry("openai/gpt-5")], "Sora 9", "video", aliases=(alias,)).how == "page_only"


def test_a_checked_family_covers_every_id_that_begins_so() -> None:
    catalogue = [
        entry("#g1_aura-2-hera-en", "", "speech", "Deepgram"),
        entry("#g1_aura-2-zeus-en", "", "speech", "Deepgram"),
        entry("#g1_aura-hera-en", "", "speech", "Deepgram"),
    ]
    alias = Alias("aimlapi", "Deepgram / Aura 2", ("#g1_aura-2-*",), covers="every voice")
    found = resolve(catalogue, "Aura 2", "speech", "Deepgram", (alias,))
    assert [model_id for model_id, _ in found.targets] == [
        "#g1_aura-2-hera-en",
        "#g1_aura-2-zeus-en",
    ]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("responses", "chat", "messages"), "chat"),
        (("responses", "messages"), "responses"),
        (("responses", "completion"), "completion"),
        (("messages", "image"), "messages"),
    ],
)
def test_the_text_section_means_the_first_text_operation_of_an_id(
    offered: tuple[str, ...], chosen: str
) -> None:
    catalogue = [entry("openai/gpt-5", "GPT-5", operation) for operation in offered]
    assert resolve(catalogue, "GPT-5").targets == (("openai/gpt-5", chosen),)


def test_a_section_never_prices_another_kind_of_work() -> None:
    catalogue = [entry("google/gemini-2.5-flash-image", "", "image", "Google")]
    assert resolve(catalogue, "Gemini 2.5 Flash Image", "video", "Google").how == "page_only"
    assert resolve(catalogue, "Gemini 2.5 Flash Image", "image", "Google").how == "exact"


def test_a_section_keeps_apart_what_shares_a_name_across_kinds_of_work() -> None:
    catalogue = [
        entry("alibaba/wan2.5-t2i", "Wan 2.5", "image", "Alibaba Cloud"),
        entry("alibaba/wan2.5-t2v", "Wan 2.5", "video", "Alibaba Cloud"),
    ]
    found = resolve(catalogue, "Wan 2.5", "image", "Alibaba")
    assert found.targets == (("alibaba/wan2.5-t2i", "image"),)
    assert resolve(catalogue, "Wan 2.5", "unspecified", "Alibaba").how == "ambiguous"


def test_an_undated_name_means_the_only_dated_id() -> None:
    one = [entry("claude-3-haiku-20240307", "Claude 3 Haiku 2024-03-07", developer="Anthropic")]
    two = [
        *one,
        entry("claude-3-haiku-20240901", "Claude 3 Haiku 2024-09-01", developer="Anthropic"),
    ]
    assert resolve(one, "Claude 3 Haiku", developer="Anthropic").how == "exact"
    assert resolve(two, "Claude 3 Haiku", developer="Anthropic").how == "ambiguous"


def test_a_dated_name_is_never_an_undated_id() -> None:
    assert resolve([entry("openai/gpt-4o")], "GPT-4o (2024-05-13)").how == "page_only"


def test_an_id_and_its_successor_are_one_candidate() -> None:
    catalogue = [
        entry("openai/gpt-5-2025-08-07", "GPT-5"),
        entry("openai/gpt-5", "GPT-5", aliases=("openai/gpt-5-2025-08-07",)),
    ]
    assert resolve(catalogue, "GPT-5").targets == (("openai/gpt-5", "chat"),)


def test_a_name_without_developer_may_match_across_developers_once() -> None:
    catalogue = [entry("deepgram/nova-2", developer="Deepgram"), entry("gpt-5")]
    assert resolve(catalogue, "Nova 2", developer="").targets == (("deepgram/nova-2", "chat"),)
    catalogue.append(entry("amazon/nova-2", developer="Amazon"))
    assert resolve(catalogue, "Nova 2", developer="").how == "ambiguous"


def test_other_sellers_and_developers_are_not_candidates() -> None:
    catalogue = [CatalogueEntry("openrouter", "openai/gpt-5", "chat", "GPT-5", "OpenAI")]
    assert resolve(catalogue, "GPT-5").how == "page_only"
    assert resolve([entry("acme/gpt-5", developer="Acme")], "GPT-5").how == "page_only"


def test_names_known_from_a_page_are_no_candidates() -> None:
    catalogue = [entry("page:openai/gpt-9", "GPT-9"), entry("openai/gpt-8", "GPT-8")]
    assert resolve(catalogue, "GPT-9").how == "page_only"
    found = suggest("aimlapi", "OpenAI", "GPT-9", "chat", catalogue)
    assert [suggestion.model_id for suggestion in found] == ["openai/gpt-8"]


def test_suggestions_are_ranked_limited_and_of_the_seller_only() -> None:
    catalogue = known()
    found = suggest("aimlapi", "OpenAI", "GPT-5.1 Codex Max", "chat", catalogue, limit=3)
    assert found[0].model_id == "openai/gpt-5-1-codex"
    assert len(found) == 3
    assert found == sorted(found, key=lambda suggestion: -suggestion.score)
    assert all(0 <= suggestion.score <= 100 for suggestion in found)
    assert suggest("nobody", "OpenAI", "GPT-5", "chat", catalogue) == []
