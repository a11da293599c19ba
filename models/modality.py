"""The modality of an offering: its primary work, and every kind of work it sells.

Rule: what a model is called for decides. Text out of a conversation is ``text-to-text`` whatever
else the model reads, because that is what its price list compares with; a generator is known by
what comes out and by the input it cannot do without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.registry import MODALITIES, OPERATIONS

_CONVERSATION = frozenset({"chat", "responses", "messages", "completion"})
_FIXED = {
    "speech": "text-to-speech",
    "transcription": "speech-to-text",
    "rerank": "text-to-rerank",
    "document": "document-to-text",
}
_SPOKEN = {"i2i": "image-to-image", "t2i": "text-to-image"} | {
    f"{letter}2v": f"{word}-to-video"
    for letter, word in (("t", "text"), ("i", "image"), ("v", "video"), ("a", "audio"))
}
_WORDS = {"file": "document", "embeddings": "embedding", "pdf": "document", "music": "audio"}
_ORDER = {code: place for place, code in enumerate(MODALITIES)}


def modality_of(
    operation: str, model_id: str, inputs: Sequence[str], outputs: Sequence[str]
) -> str:
    """The primary modality, ``<input>-to-<output>``; ``unspecified`` where nothing is known.

    ``inputs`` and ``outputs`` are the source's words, empty where it states none; then an id that
    spells its work out (``t2v``, ``image-to-video``) is believed, else the operation's usual input.
    """
    if operation in _FIXED:
        return _FIXED[operation]
    outs = [_WORDS.get(word, word) for word in outputs]
    if operation in _CONVERSATION:
        return "text-to-text" if not outs or "text" in outs else f"text-to-{outs[0]}"
    expected = OPERATIONS[operation].output if operation in OPERATIONS else []
    if not expected:
        return "unspecified"
    spelled = _spelled_out(model_id, expected[0])
    if spelled is not None:
        return spelled
    ins = [_WORDS.get(word, word) for word in inputs]
    return f"{'text' if not ins or 'text' in ins else ins[0]}-to-{expected[0]}"


def _spelled_out(model_id: str, output: str) -> str | None:
    words = re.split(r"[^a-z0-9]+", model_id.lower())
    for position, word in enumerate(words):
        if word in _SPOKEN and _SPOKEN[word].endswith(output):
            return _SPOKEN[word]
        if word == "to" and 0 < position < len(words) - 1 and words[position + 1] == output:
            spelled = f"{words[position - 1]}-to-{output}"
            return spelled if spelled in MODALITIES else None
    return None


def modalities_of(
    operation: str, model_id: str, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[str, ...]:
    """Every input-to-output pair an offering sells, the primary one first."""
    primary = modality_of(operation, model_id, inputs, outputs)
    ins = [_WORDS.get(word, word) for word in inputs]
    outs = [_WORDS.get(word, word) for word in outputs]
    pairs = {f"{i}-to-{o}" for i in ins for o in outs if f"{i}-to-{o}" in MODALITIES}
    rest = sorted(pairs - {primary}, key=lambda code: _ORDER[code])
    return (primary, *rest)
