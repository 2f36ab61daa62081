"""An evaluation that cannot fall measures nothing: break the system, and the figures must drop."""

from dataclasses import replace

import pytest
from small_corpus import TOPICS, open_index, settings_in, trace_in

from pytopics import retrieval
from pytopics.evaluation import run
from pytopics.evaluation.golden import Label, load
from pytopics.evaluation.rows import figures
from pytopics.result import Citation, Result

SEARCH = "pytopics.retrieval.search"
ANSWER = "pytopics.evaluation.run.answer"


@pytest.fixture
def project(tmp_path):
    return settings_in(tmp_path)


def retrieval_means(project, retriever="hybrid") -> dict[str, float]:
    index = open_index(project)
    measured = run.measure_retriever(load(project.questions), index, project, retriever)
    return {figure.metric: figure.value for figure in figures(measured)}


def answer_means(project) -> dict[str, float]:
    questions, index = load(project.questions), open_index(project)
    measured = run.measure_answers(questions, index, project, "baseline", trace_in(project))
    return {figure.metric: figure.value for figure in figures(measured)}


@pytest.fixture
def shuffled(project, monkeypatch):
    """Every question gets the best passage of the next one."""
    search = retrieval.search
    asked = [q.question for q in load(project.questions)]
    following = dict(zip(asked, asked[1:] + asked[:1], strict=True))
    monkeypatch.setattr(
        SEARCH,
        lambda index, query, _k, *rest, **more: search(index, following[query], 1, *rest, **more),
    )


@pytest.mark.usefixtures("shuffled")
def test_passages_of_other_questions_ruin_retrieval(project):
    found = retrieval_means(project)
    assert found[f"recall@{project.k}"] <= 1 / len(TOPICS)
    assert found["ndcg@10"] <= 1 / len(TOPICS)


@pytest.mark.usefixtures("shuffled")
def test_passages_of_other_questions_ruin_the_answers(project):
    assert answer_means(project)["fact_accuracy"] <= 1 / len(TOPICS)


def test_unbroken_it_is_nearly_perfect(project):
    assert retrieval_means(project)["ndcg@10"] >= 0.9
    assert answer_means(project)["fact_accuracy"] >= 0.9


def emptied(project):
    """The index of the project with the documents' labels, but nothing to find in it."""
    index = open_index(project)
    for table in ("words", "vectors"):
        index.connection.execute(f"DELETE FROM {table}")
    return index


@pytest.mark.parametrize("retriever", ["lexical", "dense", "hybrid"])
def test_an_empty_index_finds_nothing(project, retriever):
    questions = [q for q in load(project.questions) if q.relevant]
    measured = run.measure_retriever(questions, emptied(project), project, retriever)
    assert all(figure.value == 0 for figure in figures(measured))


def test_an_empty_index_answers_nothing(project):
    questions, index = load(project.questions), emptied(project)
    measured = run.measure_answers(questions, index, project, "baseline", trace_in(project))
    found = {figure.metric: figure.value for figure in figures(measured)}
    assert (found["fact_accuracy"], found["abstention_recall"]) == (0.0, 1.0)


@pytest.mark.parametrize("dead", ["lexical", "dense"])
def test_without_one_retriever_hybrid_is_the_other_alone(project, monkeypatch, dead):
    alone = retrieval_means(project, "dense" if dead == "lexical" else "lexical")
    monkeypatch.setattr(f"{SEARCH.removesuffix('search')}{dead}", lambda *_: [])
    assert retrieval_means(project) == alone
    assert all(value == 0 for value in retrieval_means(project, dead).values())


ONE_WAY = {  # source -> passage, a question that only words or only meaning connects with it
    "locker.md": ("Locker 4471 is for visitors.", "What is 4471?"),
    "pets.md": ("Dogs may come along on Fridays.", "bringing a puppy"),
}


@pytest.mark.parametrize("dead", ["lexical", "dense"])
def test_hybrid_falls_when_either_retriever_is_dropped(tmp_path, monkeypatch, dead):
    fillers = {f"{name}.md": sentence for name, (sentence, _) in TOPICS.items()}
    fillers["another.md"] = "Locker 4417."  # the same digits, so for dense the nearer one
    passages = {source: passage for source, (passage, _) in ONE_WAY.items()}
    project = replace(settings_in(tmp_path, fillers | passages), k=1)
    asked = [
        replace(load(project.questions)[0], id=s, question=q, relevant=(Label(s, p),))
        for s, (p, q) in ONE_WAY.items()
    ]

    def recall() -> float:
        rows = run.measure_retriever(asked, open_index(project), project, "hybrid")
        return {figure.metric: figure.value for figure in figures(rows)}["recall@1"]

    before = recall()
    monkeypatch.setattr(f"{SEARCH.removesuffix('search')}{dead}", lambda *_: [])
    assert (before, recall()) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("constant", "facts", "abstained"),
    [
        (Result("refused", ""), 0.0, 1.0),
        (Result("answered", "", "nine persons", (Citation("lift.md", "x", "y"),)), 1 / 8, 0.0),
    ],
)
def test_a_constant_answer_scores_its_base_rate(project, monkeypatch, constant, facts, abstained):
    constant = Result(**(vars(constant) | {"detail": {"passages": []}}))
    monkeypatch.setattr(ANSWER, lambda *_, **__: constant)
    found = answer_means(project)
    assert (found["fact_accuracy"], found["abstention_recall"]) == (facts, abstained)
