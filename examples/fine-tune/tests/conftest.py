"""No test reaches a real provider: without `model_server` there is no key, and nobody listens."""

import pytest
from llmock.pytest_plugin import LLMock

PROVIDER = "anthropic"
KEY = "ANTHROPIC_API_KEY"
BASE_URL = "ANTHROPIC_BASE_URL"


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    # Empty and not deleted: a variable that is there wins over the author's .env.
    monkeypatch.setenv(KEY, "")
    monkeypatch.setenv(BASE_URL, "http://127.0.0.1:9")


@pytest.fixture
def model_server(llmock: LLMock, monkeypatch: pytest.MonkeyPatch) -> LLMock:
    """A scripted model server on loopback that the provider's SDK takes for the real one."""
    monkeypatch.setenv(KEY, "test-key-4711")
    monkeypatch.setenv(BASE_URL, llmock.base_url(PROVIDER))
    return llmock
