"""No test reaches a real provider: without `model_server` there is no key, and nobody listens."""

import pytest
from llmock.pytest_plugin import LLMock

PROVIDERS = ("anthropic", "openai", "gemini")


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROVIDERS:
        # Empty and not deleted: a variable that is there wins over the author's .env.
        monkeypatch.setenv(f"{name.upper()}_API_KEY", "")
        monkeypatch.setenv(f"{name.upper()}_BASE_URL", "http://127.0.0.1:9")


@pytest.fixture
def model_server(llmock: LLMock, monkeypatch: pytest.MonkeyPatch) -> LLMock:
    """A scripted model server on loopback that every provider's SDK takes for the real one."""
    for name in PROVIDERS:
        monkeypatch.setenv(f"{name.upper()}_API_KEY", "test-key-4711")
        monkeypatch.setenv(f"{name.upper()}_BASE_URL", llmock.base_url(name))
    return llmock
