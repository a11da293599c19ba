"""Calls priced by LiteLLM's own functions, from an overlay of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.warehouse.elsewhere import run_python

CALLS = """
import json
import sys

import litellm
from litellm.cost_calculator import cost_per_token, default_video_cost_calculator
from litellm.llms.base_llm.ocr.transformation import OCRResponse, OCRUsageInfo
from litellm.types.utils import (
    CacheCreationTokenDetails,
    Choices,
    CompletionTokensDetailsWrapper,
    ImageObject,
    ImageResponse,
    Message,
    ModelResponse,
    PromptTokensDetailsWrapper,
    Usage,
)


def tokens(call):
    cached = call.get("cached", 0)
    usage = Usage(
        prompt_tokens=call["prompt"],
        completion_tokens=call["completion"],
        total_tokens=call["prompt"] + call["completion"],
        prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=cached),
    )
    return sum(cost_per_token(model=call["model"], usage_object=usage))


def image(call):
    made = ImageResponse(data=[ImageObject(url="https://example.org/1.png")] * call["images"])
    return litellm.completion_cost(
        completion_response=made, model=call["model"], call_type="image_generation"
    )


def video(call):
    return default_video_cost_calculator(
        model=call["model"],
        duration_seconds=call["seconds"],
        custom_llm_provider=call["model"].partition("/")[0],
        video_resolution=call.get("resolution"),
    )


def speech(call):
    return sum(
        cost_per_token(
            model=call["model"], call_type="speech", prompt_characters=call["characters"]
        )
    )


def transcription(call):
    return sum(
        cost_per_token(
            model=call["model"],
            call_type="transcription",
            audio_transcription_file_duration=call["seconds"],
        )
    )


def parts(call):
    # Of the prompt and the answer, so many of a kind; each kind is counted in its own way.
    count = call["count"]
    fresh = call["prompt"] - count
    one_hour = CacheCreationTokenDetails(
        ephemeral_5m_input_tokens=0, ephemeral_1h_input_tokens=count
    )
    prompts = {
        "cache_read_token": {"cached_tokens": count},
        "cache_write_token": {"cache_creation_tokens": count},
        "cache_write_1h_token": {
            "cache_creation_tokens": count, "cache_creation_token_details": one_hour
        },
        "input_audio_token": {"audio_tokens": count, "text_tokens": fresh},
        "input_image_token": {"image_tokens": count, "text_tokens": fresh},
        "input_video_token": {"video_tokens": count, "text_tokens": fresh},
        "cache_read_audio_token": {
            "cached_tokens": count, "audio_tokens": count, "text_tokens": fresh,
            "cached_tokens_details": {"audio_tokens": count, "text_tokens": 0},
        },
        "input_image": {"image_count": count, "text_tokens": call["prompt"]},
        "input_video_second": {"video_length_seconds": count, "text_tokens": call["prompt"]},
    }
    answers = {
        "reasoning_token": "reasoning_tokens",
        "output_audio_token": "audio_tokens",
        "output_image_token": "image_tokens",
        "output_video_token": "video_tokens",
    }
    prompt, answer = prompts.get(call["meter"]), answers.get(call["meter"])
    left = call["completion"] - count
    usage = Usage(
        prompt_tokens=call["prompt"],
        completion_tokens=call["completion"],
        total_tokens=call["prompt"] + call["completion"],
        prompt_tokens_details=prompt and PromptTokensDetailsWrapper(**prompt),
        completion_tokens_details=answer
        and CompletionTokensDetailsWrapper(**{answer: count, "text_tokens": left}),
    )
    return sum(
        cost_per_token(
            model=call["model"], usage_object=usage, call_type=call.get("as", "completion")
        )
    )


def search(call):
    found = Message(content="found", annotations=[{"type": "url_citation"}])
    usage = Usage(prompt_tokens=0, completion_tokens=0, total_tokens=0)
    made = ModelResponse(model=call["model"], choices=[Choices(message=found)], usage=usage)
    return litellm.completion_cost(completion_response=made, model=call["model"])


def pages(call):
    read = OCRResponse(
        pages=[], model="x", usage_info=OCRUsageInfo(pages_processed=call["count"])
    )
    return sum(cost_per_token(model=call["model"], call_type="ocr", response=read))


def ranking(call):
    billed = {"search_units": call["count"]}
    return sum(
        cost_per_token(model=call["model"], call_type="rerank", rerank_billed_units=billed)
    )


KINDS = {
    "tokens": tokens,
    "parts": parts,
    "search": search,
    "pages": pages,
    "ranking": ranking,
    "image": image,
    "video": video,
    "speech": speech,
    "transcription": transcription,
}

with open(sys.argv[1]) as file:
    litellm.register_model(json.load(file))
print(json.dumps([KINDS[call["kind"]](call) for call in json.load(sys.stdin)]))
"""
"""Prices calls, as JSON on stdin, by LiteLLM's own functions from an overlay of ours."""

OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def priced_by_litellm(overlay: Path, calls: list[dict[str, Any]]) -> list[float]:
    said = run_python("formats", CALLS, str(overlay), stdin=json.dumps(calls), variables=OFFLINE)
    return list(json.loads(said.splitlines()[-1]))
