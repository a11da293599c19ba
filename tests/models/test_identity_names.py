"""Reading one name: spellings that meet, and spellings that must not."""

from __future__ import annotations

import pytest

from models.identity import key_of, page_model_id
from models.identity.names import developer_code, read_id, read_name


@pytest.mark.parametrize(
    ("spellings", "code"),
    [
        (("Open AI", "OpenAI", "openai", "open-ai"), "openai"),
        (("X AI", "xAI", "x-ai", "xai", "Grok", "SpaceXAI"), "x-ai"),
        (("meta-llama", "Meta", "Meta AI"), "meta"),
        (("mistralai", "Mistral AI", "Mistral"), "mistralai"),
        (("z-ai", "Z.ai", "Z.AI", "Zhipu AI", "zhipu", "GLM"), "z-ai"),
        (("moonshotai", "Moonshot", "MoonshotAI", "Moonshot AI"), "moonshotai"),
        (("Alibaba Cloud", "alibaba", "qwen", "Qwen"), "alibaba"),
        (("Flux", "blackforestlabs", "black-forest-labs"), "black-forest-labs"),
        (("ByteDance", "bytedance-seed", "ByteDance Seed"), "bytedance"),
        (("Veed", "VEED", "Veed AI", "veed inc"), "veed"),
    ],
)
def test_a_developer_has_one_code_for_all_spellings(spellings: tuple[str, ...], code: str) -> None:
    assert {developer_code(spelling) for spelling in spellings} == {code}


@pytest.mark.parametrize(
    ("developer", "name", "key"),
    [
        ("Anthropic", "Claude 4.5 Haiku By Anthropic", "anthropic/claude-haiku-4.5"),
        ("Anthropic", "Claude Haiku 4.5", "anthropic/claude-haiku-4.5"),
        ("Anthropic", "Claude 3.5 Sonnet", "anthropic/claude-3.5-sonnet"),
        ("", "Claude Sonnet 3.5 by Anthropic", "anthropic/claude-3.5-sonnet"),
        ("Open AI", "GPT\u20115", "openai/gpt-5"),
        ("OpenAI", "Chat GPT 4.1", "openai/gpt-4.1"),
        ("OpenAI", "ChatGPT-4o", "openai/chatgpt-4o"),
        ("OpenAI", "GPT-4o (2024-05-13)", "openai/gpt-4o-2024-05-13"),
        ("Meta", "Meta Llama 3.1 405B Instruct Turbo", "meta/llama-3.1-405b-instruct-turbo"),
        ("Meta", "Llama 3.1 (405B) Instruct Turbo", "meta/llama-3.1-405b-instruct-turbo"),
        ("Alibaba Cloud", "Qwen 3 VL 32B Instruct", "alibaba/qwen3-vl-32b-instruct"),
        ("Cohere", "Command R+ (08-2024)", "cohere/command-r-plus-2024-08"),
        ("Minimax AI", "M2.1", "minimax/minimax-m2.1"),
        ("MiniMax", "Hailuo 02", "minimax/hailuo-02"),
        ("DeepSeek", "R1 0528", "deepseek/deepseek-r1-0528"),
        ("DeepSeek", "DeepSeek 4 Flash", "deepseek/deepseek-v4-flash"),
        ("Google", "Gemini Flash 2.0", "google/gemini-2.0-flash"),
        ("Google", "Veo3.1 Image-To-Video Fast", "google/veo-3.1-i2v-fast"),
        ("ElevenLabs", "Multilingual v2", "elevenlabs/eleven-multilingual-2"),
        ("Flux", "FLUX 1.1 [pro] Ultra", "black-forest-labs/flux-1.1-pro-ultra"),
        ("", "ElevenLabs Multilingual v2", "elevenlabs/eleven-multilingual-2"),
        ("", "Anthropic: Claude Opus 4.1", "anthropic/claude-opus-4.1"),
        ("Mistral", "Saba", "mistralai/mistral-saba"),
    ],
)
def test_a_printed_name_reads_as_its_key(developer: str, name: str, key: str) -> None:
    assert read_name(developer, name).key == key


@pytest.mark.parametrize(
    ("developer", "model_id", "key"),
    [
        ("Anthropic", "claude-haiku-4-5-20251001", "anthropic/claude-haiku-4.5-2025-10-01"),
        ("", "anthropic/claude-haiku-4.5", "anthropic/claude-haiku-4.5"),
        ("", "anthropic/claude-3.7-sonnet:thinking", "anthropic/claude-3.7-sonnet"),
        ("Open AI", "openai/gpt-5-2025-08-07", "openai/gpt-5-2025-08-07"),
        ("Open AI", "openai/gpt-5-1-codex-mini", "openai/gpt-5.1-codex-mini"),
        ("Open AI", "gpt-4-1106-preview", "openai/gpt-4-preview-1106"),
        ("Open AI", "fallback-openai/sora-2-pro-t2v", "openai/sora-2-pro-t2v"),
        ("X AI", "x-ai/grok-4-07-09", "x-ai/grok-4-0709"),
        ("", "x-ai/grok-4.20", "x-ai/grok-4.20"),
        ("xAI", "x-ai/grok-build-0-1", "x-ai/grok-build-0.1"),
        ("Alibaba Cloud", "Qwen/Qwen2.5-7B-Instruct-Turbo", "alibaba/qwen2.5-7b-instruct-turbo"),
        ("", "qwen/qwen-2.5-7b-instruct", "alibaba/qwen2.5-7b-instruct"),
        ("Meta", "meta-llama/LlamaGuard-2-8b", "meta/llama-guard-2-8b"),
        (
            "Kling AI",
            "kling-video/v2.1/standard/image-to-video",
            "klingai/kling-video-2.1-standard-i2v",
        ),
        ("Flux", "flux-pro/v1.1-ultra", "black-forest-labs/flux-1.1-pro-ultra"),
        ("Flux", "flux/dev/image-to-image", "black-forest-labs/flux-dev-i2i"),
        ("Deepgram", "#g1_aura-2-thalia-en", "deepgram/aura-2-thalia-en"),
        ("Google", "veo2/image-to-video", "google/veo-2-i2v"),
        ("Minimax AI", "minimax/m2-1", "minimax/minimax-m2.1"),
        ("", "~openai/gpt-latest", "openai/gpt-latest"),
        ("", "mistralai/mistral-7b-instruct-v0.2", "mistralai/mistral-7b-instruct-v0.2"),
        ("", "sao10k/l3.3-euryale-70b", "sao10k/l3.3-euryale-70b"),
        ("Moonshot", "moonshot/kimi-k2-5", "moonshotai/kimi-k2.5"),
    ],
)
def test_an_id_reads_as_its_key(developer: str, model_id: str, key: str) -> None:
    assert read_id(developer, model_id).key == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("openai/gpt-4o", "openai/gpt-4o-mini"),
        ("openai/gpt-4o", "openai/chatgpt-4o-latest"),
        ("openai/gpt-4-turbo", "openai/gpt-4"),
        ("openai/sora-2", "openai/sora-2-pro"),
        ("openai/gpt-5-image", "openai/gpt-image-5"),
        ("qwen/qwen3-32b", "qwen/qwen3-vl-32b"),
        ("qwen/qwen3-coder", "qwen/qwen3-coder-plus"),
        ("qwen/qwen3-235b-a22b", "qwen/qwen3-235b-a22b-2507"),
        ("qwen/qwen3-30b-a3b-instruct-2507", "qwen/qwen3-30b-a3b-thinking-2507"),
        ("kling/v2.1/standard", "kling/v2.1/pro"),
        ("google/gemini-3-pro", "google/gemini-3-pro-preview"),
        ("google/gemma-3-4b-it", "google/gemma-3n-e4b-it"),
        ("meta-llama/llama-3.1-405b", "meta-llama/llama-3.1-405b-instruct"),
        ("meta-llama/llama-3.1-8b-instruct", "meta-llama/llama-3.1-8b-instruct-turbo"),
        ("z-ai/glm-4.5", "z-ai/glm-4.5v"),
        ("z-ai/glm-4.5", "z-ai/glm-4.5-air"),
        ("mistralai/mistral-7b-instruct-v0.2", "mistralai/mistral-7b-instruct-v0.3"),
        ("x-ai/grok-4", "x-ai/grok-4.20"),
        ("cohere/command-r-08-2024", "cohere/command-r-plus-08-2024"),
        ("deepseek/deepseek-chat", "deepseek/deepseek-chat-v3.1"),
        ("poolside/laguna-xs.2", "poolside/laguna-xs-2.1"),
        ("amazon/nova-lite-v1", "amazon/nova-2-lite-v1"),
    ],
)
def test_lookalikes_read_apart(one: str, other: str) -> None:
    assert read_id("", one).key != read_id("", other).key


def test_marks_are_kept_beside_the_words() -> None:
    reading = read_id("", "Qwen/Qwen3-235B-A22B-fp8-tput")
    assert reading.base == "alibaba/qwen3-235b-a22b"
    assert reading.marks == (("packaging", "tput"), ("quantisation", "fp8"))


@pytest.mark.parametrize("written", ["2024-05-13", "20240513", "240513"])
def test_a_date_reads_the_same_however_it_is_written(written: str) -> None:
    assert read_id("", f"openai/gpt-4o-{written}").marks == (("date", "2024-05-13"),)


@pytest.mark.parametrize(
    ("developer", "name", "model_id"),
    [
        (
            "Anthropic",
            "Claude 4.5 Haiku By Anthropic",
            "page:anthropic/claude-4.5-haiku-by-anthropic",
        ),
        ("Alibaba Cloud", "Wan 2.6", "page:alibaba-cloud/wan-2.6"),
        ("OpenAI", "GPT\u20115", "page:openai/gpt-5"),
        ("OpenAI", "  GPT\u2013 5\u00a0Pro ", "page:openai/gpt--5-pro"),
        ("", "Flux.1 Pro", "page:/flux.1-pro"),
    ],
)
def test_a_page_name_has_an_id_of_its_own(developer: str, name: str, model_id: str) -> None:
    assert page_model_id(developer, name) == model_id


def test_the_key_of_a_text_needs_no_catalogue() -> None:
    assert key_of("", "openai/gpt-4o-2024-05-13") == "openai/gpt-4o-2024-05-13"
    assert key_of("Anthropic", "Claude 4 Opus") == "anthropic/claude-opus-4"
