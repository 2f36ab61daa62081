"""The rows that the trainer sees: shown with their mask, learned on answers alone, none cut."""

import re

from scaffolder.review.agentwork import tested
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import first_line, identifiers, in_files
from scaffolder.review.tunework import told
from scaffolder.review.view import MAX_LINE, RepoView

_RENDERED = re.compile(r"render|masked|tokenized|template_check|debug", re.IGNORECASE)
_TURNS = re.compile(
    r"<\|im_start\|>|<\|start_header_id\|>|\[INST\]|<start_of_turn>|<\|assistant\|>|###"
)
_MASK = re.compile(r"\[\[|\]\]|-100|\bmask|loss", re.IGNORECASE)
_LOSS = re.compile(
    r"completion_only_loss\W{1,4}True|assistant_only_loss\W{1,4}True|DataCollatorForCompletionOnlyLM"
    r"|train_on_responses_only|train_on_inputs\W{1,4}False|=\s?-100\b|\[-100\]"
)
_PROMPTS_TOO = re.compile(
    r"completion_only_loss\W{1,4}false|train_on_inputs\W{1,4}true", re.IGNORECASE
)
_NAMED = re.compile(
    r"completion_only_loss|assistant_only_loss|DataCollatorForCompletionOnlyLM|labels"
)
_WHOLE = re.compile(
    r"(?:rows?|examples?) (?:cut|truncated)\W{1,3}\d|\b0 (?:rows )?(?:cut|truncated)", re.IGNORECASE
)
_REFUSES = re.compile(r"longest|max_len|max_tokens|max_seq|too.?long|truncat", re.IGNORECASE)
_ENDS = (".txt", ".md", ".json", ".jsonl", ".log")


def shown(view: RepoView) -> Reading:
    """A committed file shows rows in the chat template with what is learned."""
    paths = [
        p
        for p in view.files
        if p.endswith(_ENDS) and _RENDERED.search(p) and view.size(p) < 200_000
    ]
    for path in paths[:10]:
        text = view.text(path)[:50_000]
        turns, mask = _TURNS.search(text), _MASK.search(text)
        if turns and mask:
            return yes("Rows are shown as the trainer sees them.", view.quote(path, 1))
        if turns:
            return partial(
                "Rows are shown in their template, without the mask.", view.quote(path, 1)
            )
    return no("No committed file shows rows as the trainer sees them: template, mask, end.")


def answers_alone(view: RepoView) -> Reading:
    """The loss is on answers alone, or somebody argues why not."""
    code, settings = [f.path for f in view.code], view.find("*.toml", "*.yaml", "*.yml")
    switched_off = in_files(view, _PROMPTS_TOO, [*code, *settings])
    found = in_files(view, _LOSS, code) or in_files(
        view,
        re.compile(r"completion_only_loss\W{1,4}true|train_on_inputs\W{1,4}false", re.IGNORECASE),
        settings,
    )
    if found and not switched_off:
        return yes("Only what the model has to answer counts for the loss.", *found[:2])
    argued = told.first(
        view, re.compile(r"\bloss\b", re.IGNORECASE), re.compile(r"prompt|whole|all tokens")
    )
    if argued:
        return partial("The loss is on all tokens, and a document says why.", argued)
    if switched_off:
        return no("The loss counts the prompts too.", *switched_off[:1])
    near = identifiers(view, _NAMED, view.code)
    return no("Nothing restricts the loss to the answers.", *near[:1])


def none_cut(view: RepoView) -> Reading:
    """Rows that are too long are refused or counted, never cut in silence."""
    for path in [p for p in view.files if p.endswith(_ENDS) and _RENDERED.search(p)][:10]:
        for number, line in enumerate(view.lines(path), 1):
            if _WHOLE.search(line[:MAX_LINE]):
                return yes("How many rows were cut is counted.", view.quote(path, number))
    if found := tested.on(
        view, re.compile(r"too long|longer than|is refused|truncat|\bcut\b", re.IGNORECASE)
    ):
        return yes("A test gives a row that is too long.", found[0])
    guard = next((e for f in view.code if (e := first_line(view, f.path, _REFUSES))), None)
    if guard:
        return partial("A limit of length is set, and nothing says how many rows it cut.", guard)
    return no("Nothing says whether rows are cut at a limit.")
