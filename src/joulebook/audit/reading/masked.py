"""What has digits and is no figure: links, citations, dates, versions, numbers of tables, halls and models."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.measures import UNIT

_MONTHS: Final = (
    "January|February|March|April|May|June|July|August|September|October|November|December|Januar|Februar|März|Mai|Juni"
    "|Juli|Oktober|Dezember|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
)
_NAMED: Final = (
    "Table|Figure|[Pp]ages?|Fig\\.|Section|Sec\\.|Scopes?|scopes?|Appendix|Chapter|chapter|Equation|Eq\\.|Step|Page|p\\.|pp\\.|Tabelle"
    "|Abbildung|Abb\\.|Kapitel|Abschnitt|Tableau|Gen|Top|Nr\\.|[Nn]o\\.|n°|Article|Annex|Box|Note|Footnote|Volume|Vol\\."
    "|ISO|IEC|IEEE|RFC|DIN|Type|Category|Class|[Ii]ssue|Exhibit|Units?|[Cc]laim|Route|Highway|Interstate|Windows|Act|Kategorie|Level|Tier|Option"
)
_MODELS: Final = (
    "GPT|Llama|LLaMA|Gemini|Claude|Mistral|Gemma|Qwen|Phi|PaLM|DeepSeek|Opus|Sonnet|Haiku|Stable Diffusion|DALL-E"
    "|DALL·E|[Vv]ersion|iPhone|Falcon|OLMo|Grok|Nova|Midjourney|Whisper|Titan"
)
_MASKED: Final = re.compile(
    r"https?://\S+|\[\^?\d+\](?!\()|\b\d{4}-\d{2}-\d{2}(?:T[\d:]+Z?)?\b"
    r"|(?<![\d.])v?(?!\d{1,3}(?:\.\d{3})+(?!\d))\d+\.\d+\.\d+(?:\.\d+)?\b"
    rf"|\b(?:{_NAMED})[\s\u00a0]?\d+(?:\.\d+)*(?:\s?(?:,|and|und|et|to|\+|(?<=\d)-(?=\d))\s?\d+(?![\d.,]*\d))?"
    rf"|\b(?:{_MODELS})[\s\u00a0]\d+(?:\.\d+)*(?![\d.,]*\s?%)"
    r"|^\s*\d+[.)]\s|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s\d{1,2}(?![\d.,]*\d)(?:,?\s(?:19|20)\d\d)?\b"
    rf"|\b\d{{1,2}}\.?\s(?:{_MONTHS})\b(?:\s(?:19|20)\d\d)?"
    r"|\b\d{1,2}:\d{2}\b|\b24/7\b|\b\d{1,2}\s?(?:[ap]\.m\.|[ap]m\b)|\b[48]K(?=\s(?:video|stream|TV|film|image|resolution|display|monitor))|\b(?:1[89]|20)\d0s\b|(?<=\b(?:19|20)\d\d)[-–/]\d\d(?![\d.,]*\d)"
)
_PRODUCTS: Final = re.compile(
    r"\b(?:GTX|RTX|Xeon|EPYC|Ryzen|Radeon|Quadro|Tesla|Instinct|Core|Three(?=\sMile\sIsland))\s?\w?\d*\b"
)
_SMALL: Final = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\d{1,3}"
_PLACE: Final = re.compile(
    rf"\b(?:hall|building|phase|tier|level|stage|option|zone|rule|line|row|column|lesson|example|exhibit|scenario|meter"
    rf"|reactor|block|floor|room|day|round|chapter|step|part|item|question|number|room|gate|Halle|Haus|Phase|Stufe|salle)"
    rf"[ \u00a0](?P<label>{_SMALL})(?![\w%]|[.,]\d|-)",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """The text with spaces in the place of what is no figure."""
    plain = _MASKED.sub(lambda found: " " * len(found[0]), text)
    plain = _PRODUCTS.sub(lambda found: " " * len(found[0]), plain)
    return _PLACE.sub(lambda found: _blank(plain, found), plain)


def _blank(text: str, found: re.Match[str]) -> str:
    """A label such as "hall two" without its number; as it is where a unit follows."""
    behind = re.compile(r"[ \u00a0-]?").match(text, found.end())
    if UNIT.match(text, behind.end() if behind else found.end()):
        return found[0]
    return found[0][: found.start("label") - found.start()] + " " * len(found["label"])
