"""The shapes of well-known keys, and text with what has such a shape cut off.

Invariant: `mask` takes time linear in its text; of what it hides, four characters stay.

A shape begins with the literal prefix by which its service marks it. The same shapes are what the
scan reports, so what would be reported is never quoted.
"""

import re

SHOWN = 4
"""Characters of a secret that a report may show: enough to tell whose it is."""

SHAPES: dict[str, tuple[str, str]] = {
    "Anthropic key": ("sk-ant-", r"[a-z]{3,10}\d\d-[\w-]{80,400}"),
    "OpenAI project key": ("sk-proj-", r"[\w-]{40,400}"),
    "OpenAI service account key": ("sk-svcacct-", r"[\w-]{40,400}"),
    "OpenAI admin key": ("sk-admin-", r"[\w-]{40,400}"),
    "OpenAI key": ("sk-", r"[A-Za-z0-9]{48}(?![\w-])"),
    "OpenRouter key": ("sk-or-v1-", r"[0-9a-f]{64}"),
    "Langfuse key": ("sk-lf-", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "GitHub token": ("ghp_", r"[A-Za-z0-9]{36}(?![\w-])"),
    "GitHub OAuth token": ("gho_", r"[A-Za-z0-9]{36}(?![\w-])"),
    "GitHub app token": ("ghs_", r"[A-Za-z0-9]{36}(?![\w-])"),
    "GitHub fine-grained token": ("github_pat_", r"\w{82}"),
    "GitLab token": ("glpat-", r"[\w-]{20,60}"),
    "Google API key": ("AIza", r"[\w-]{35}(?![\w-])"),
    "Hugging Face token": ("hf_", r"[A-Za-z0-9]{34}(?![\w-])"),
    "Slack bot token": ("xoxb-", r"\d{9,14}-\d{9,14}-[A-Za-z0-9]{18,40}"),
    "Slack user token": ("xoxp-", r"\d{9,14}-\d{9,14}-[\w-]{18,80}"),
    "Stripe key": ("sk_live_", r"[A-Za-z0-9]{20,120}"),
    "Stripe restricted key": ("rk_live_", r"[A-Za-z0-9]{20,120}"),
    "Groq key": ("gsk_", r"[A-Za-z0-9]{52}"),
    "Tavily key": ("tvly-", r"(?:dev-|prod-)?[A-Za-z0-9]{32}"),
    "Pinecone key": ("pcsk_", r"[A-Za-z0-9]{5,6}_[A-Za-z0-9]{50,80}"),
    "LangSmith key": ("lsv2_", r"(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    "Jina key": ("jina_", r"[0-9a-f]{32}[\w-]{28}"),
    "npm token": ("npm_", r"[A-Za-z0-9]{36}(?![\w-])"),
    "PyPI token": ("pypi-AgEIcHlwaS5vcmc", r"[\w-]{50,400}"),
    "xAI key": ("xai-", r"[A-Za-z0-9]{80}"),
    "NVIDIA key": ("nvapi-", r"[\w-]{60,80}"),
    "Replicate token": ("r8_", r"[A-Za-z0-9]{37}(?![\w-])"),
    "Perplexity key": ("pplx-", r"[A-Za-z0-9]{48}"),
    "SendGrid key": ("SG.", r"[\w-]{22}\.[\w-]{43}"),
}
"""Name of each shape -> its prefix and what follows (sources: the services' documentation)."""

_MASKED_ONLY = (
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    r"eyJ(?<![\w-]eyJ)[\w-]{10,2000}+\.eyJ[\w-]{10,2000}+\.[\w-]{10,2000}+",
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----.{1,4000}",
)
_SHAPE = re.compile(
    "|".join([*(re.escape(p) + rest for p, rest in SHAPES.values()), *_MASKED_ONLY]), re.ASCII
)
_IN_URL = re.compile(r"(://[^\s/:@'\"]{0,64}:)([^\s/@'\"]{1,128})(?=@)")
_NAMED = re.compile(
    r"((?:key|token|secret|password|passwd|pwd)['\"]?\s{0,4}[:=]\s{0,4}['\"]?)([\w+/=-]{24,400})",
    re.IGNORECASE | re.ASCII,
)


def mask(text: str) -> str:
    """`text` with every key of a known shape, and every password in a URL, cut off.

    A long value with digits beside a name such as `api_key` counts as a key, whatever its shape.
    """
    text = _SHAPE.sub(lambda found: short(found[0]), text)
    text = _IN_URL.sub(lambda found: found[1] + "…", text)
    return _NAMED.sub(_opaque, text)


def short(secret: str) -> str:
    """At most four characters of a secret, and fewer where it is short itself."""
    return "".join(secret[: min(SHOWN, len(secret) // 4)].split()) + "…"


def _opaque(found: re.Match[str]) -> str:
    value = found[2]
    digits = sum(c.isdigit() for c in value)
    if digits < 3 or digits == len(value):
        return found[0]
    return found[1] + short(value)
