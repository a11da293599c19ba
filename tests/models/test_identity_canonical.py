"""Whole catalogues: what several sellers sell alike, and what a seller itself tells apart."""

from __future__ import annotations

from models.identity import Alias, CatalogueEntry, canonicalise


def entry(
    seller: str, model_id: str, name: str = "", developer: str = "", aliases: tuple[str, ...] = ()
) -> CatalogueEntry:
    return CatalogueEntry(seller, model_id, "chat", name, developer, aliases)


def keys(*entries: CatalogueEntry, aliases: tuple[Alias, ...] = ()) -> dict[str, str | None]:
    found = canonicalise(entries, aliases)
    return {
        f"{seller}:{model_id}": canonical.key for (seller, model_id, _), canonical in found.items()
    }


def test_a_dated_id_is_what_its_seller_calls_it() -> None:
    found = keys(
        entry("aimlapi", "openai/gpt-5-2025-08-07", "GPT-5", "Open AI"),
        entry("openrouter", "openai/gpt-5", "GPT-5", "OpenAI"),
    )
    assert set(found.values()) == {"openai/gpt-5"}


def test_dated_and_undated_stay_apart_where_a_seller_sells_both() -> None:
    found = keys(
        entry("openrouter", "openai/gpt-4.1", "GPT-4.1", "OpenAI"),
        entry("openrouter", "openai/gpt-4.1-2025-04-14", "GPT-4.1 (2025-04-14)", "OpenAI"),
        entry("aimlapi", "openai/gpt-4.1-2025-04-14", "GPT 4.1 2025-04-14", "Open AI"),
    )
    assert found == {
        "openrouter:openai/gpt-4.1": "openai/gpt-4.1",
        "openrouter:openai/gpt-4.1-2025-04-14": "openai/gpt-4.1-2025-04-14",
        "aimlapi:openai/gpt-4.1-2025-04-14": "openai/gpt-4.1-2025-04-14",
    }


def test_two_dates_of_one_seller_stay_apart() -> None:
    found = keys(
        entry("aimlapi", "claude-9-opus-20270101", "Claude 9 Opus", "Anthropic"),
        entry("aimlapi", "claude-9-opus-20270606", "Claude 9 Opus", "Anthropic"),
        entry("openrouter", "anthropic/claude-opus-9", "Claude Opus 9", "Anthropic"),
    )
    assert len(set(found.values())) == 3


def test_a_printed_name_outweighs_another_date_elsewhere() -> None:
    found = keys(
        entry("aimlapi", "openai/gpt-5-2025-08-07", "GPT-5", "Open AI"),
        entry("openrouter", "openai/gpt-5", "GPT-5", "OpenAI"),
        entry("openrouter", "openai/gpt-5-2025-12-01", "GPT-5 (2025-12-01)", "OpenAI"),
    )
    assert found["aimlapi:openai/gpt-5-2025-08-07"] == "openai/gpt-5"
    assert found["openrouter:openai/gpt-5-2025-12-01"] == "openai/gpt-5-2025-12-01"


def test_a_revised_model_is_met_by_its_current_date_only() -> None:
    current = keys(
        entry("aimlapi", "claude-3-5-sonnet-20241022", "", "Anthropic"),
        entry("openrouter", "anthropic/claude-3.5-sonnet"),
    )
    older = keys(
        entry("aimlapi", "claude-3-5-sonnet-20240620", "Claude 3.5 Sonnet", "Anthropic"),
        entry("openrouter", "anthropic/claude-3.5-sonnet"),
    )
    assert len(set(current.values())) == 1
    assert len(set(older.values())) == 2


def test_gpt_4o_is_never_one_of_its_dates() -> None:
    found = keys(
        entry("aimlapi", "gpt-4o-2024-05-13", "GPT-4o", "Open AI"),
        entry("openrouter", "openai/gpt-4o", "GPT-4o", "OpenAI"),
    )
    assert len(set(found.values())) == 2


def test_short_stamps_need_the_printed_name() -> None:
    silent = keys(entry("aimlapi", "x-ai/grok-4-07-09"), entry("openrouter", "x-ai/grok-4"))
    called = keys(
        entry("aimlapi", "x-ai/grok-4-07-09", "Grok 4"), entry("openrouter", "x-ai/grok-4")
    )
    assert len(set(silent.values())) == 2
    assert set(called.values()) == {"x-ai/grok-4"}


def test_a_fuller_printed_name_meets_the_id_that_says_it_all() -> None:
    found = keys(
        entry("openrouter", "moonshotai/kimi-k2", "Kimi K2 0711", "MoonshotAI"),
        entry("aimlapi", "moonshot/kimi-k2-0711", "", "Moonshot"),
    )
    assert set(found.values()) == {"moonshotai/kimi-k2"}


def test_a_role_is_the_model_that_is_printed_beside_it() -> None:
    found = keys(
        entry("aimlapi", "deepseek-chat", "DeepSeek V4 Flash", "DeepSeek AI"),
        entry("openrouter", "deepseek/deepseek-chat", "DeepSeek V3", "DeepSeek"),
        entry("openrouter", "deepseek/deepseek-v4-flash", "DeepSeek V4 Flash", "DeepSeek"),
    )
    assert found["aimlapi:deepseek-chat"] == "deepseek/deepseek-v4-flash"
    assert found["openrouter:deepseek/deepseek-chat"] == "deepseek/deepseek-v3"


def test_ids_that_a_seller_accepts_for_each_other_are_one_model() -> None:
    found = keys(
        entry(
            "aimlapi",
            "anthropic/claude-opus-4.1",
            "Claude Opus 4.1",
            "Anthropic",
            ("claude-opus-4-1-20250805",),
        ),
        entry("aimlapi", "claude-opus-4-1-20250805", "Claude 4.1 Opus", "Anthropic"),
        entry("openrouter", "anthropic/claude-opus-4.1", "Claude Opus 4.1", "Anthropic"),
    )
    assert set(found.values()) == {"anthropic/claude-opus-4.1"}


def test_the_name_of_another_model_joins_nothing() -> None:
    found = keys(
        entry("aimlapi", "minimax/m2-5-highspeed-20260218", "MiniMax M2.5", "MiniMax"),
        entry("aimlapi", "alibaba/qwen3.6-flash", "Qwen3.5 Flash", "Alibaba Cloud"),
        entry("openrouter", "minimax/minimax-m2.5", "MiniMax M2.5", "MiniMax"),
        entry("openrouter", "qwen/qwen3.5-flash-02-23", "Qwen3.5-Flash", "Qwen"),
    )
    assert len(set(found.values())) == 4


def test_variants_share_the_key_and_say_what_they_are() -> None:
    found = canonicalise(
        [
            entry("openrouter", "openai/gpt-5"),
            entry("openrouter", "openai/gpt-5:batch"),
            entry("openrouter", "openai/gpt-5:free"),
            entry("aimlapi", "fallback-openai/gpt-5"),
        ],
        (),
    )
    assert {canonical.key for canonical in found.values()} == {"openai/gpt-5"}
    assert {(c.variant, c.service_tier) for c in found.values()} == {
        (None, None),
        ("batch", "batch"),
        ("free", None),
        ("fallback", None),
    }


def test_attributes_say_what_the_id_tells_of_the_model() -> None:
    found = canonicalise([entry("aimlapi", "Qwen/Qwen3-235B-A22B-Thinking-fp8-2507")], ())
    (canonical,) = found.values()
    assert canonical.attributes == (
        ("quantisation", "fp8"),
        ("stamp", "2507"),
        ("size", "235b"),
        ("size", "a22b"),
        ("mode", "thinking"),
    )


def test_a_page_name_has_no_canonical_model() -> None:
    found = canonicalise([entry("aimlapi", "page:baidu/ernie-4.5-0.3b")], ())
    assert [canonical.key for canonical in found.values()] == [None]


def test_a_checked_key_holds_for_every_seller_and_a_checked_id_for_its_own() -> None:
    everyone = Alias("*", "openai/gpt-9-chat-latest", canonical="openai/gpt-9-chat")
    own = Alias("aimlapi", "house-model", canonical="openai/gpt-9")
    found = keys(
        entry("aimlapi", "openai/gpt-9-chat-latest"),
        entry("openrouter", "openai/gpt-9-chat"),
        entry("aimlapi", "house-model", "", "OpenAI"),
        entry("openrouter", "openai/house-model"),
        aliases=(everyone, own),
    )
    assert found["aimlapi:openai/gpt-9-chat-latest"] == "openai/gpt-9-chat"
    assert found["aimlapi:house-model"] == "openai/gpt-9"
    assert found["openrouter:openai/house-model"] == "openai/house-model"
