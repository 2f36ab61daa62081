"""A conversation that is put away and taken up again, with what the provider wants back."""

import re

from scaffolder.review.agentwork import tested
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import identifiers, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView

_SAVES = re.compile(
    r"^(?:save|load|store|persist|resume|restore|read|write|open)_?(?:conversation|talk|chat"
    r"|thread|session|history"
    r"|messages|transcript|state)$"
    r"|^(?:save|load)_?to_?(?:file|disk|db)$|^(?:conversation|session|thread)_store$",
    re.IGNORECASE,
)
_CLASS = re.compile(r"conversation|session|thread|transcript|chat|talk|memory", re.IGNORECASE)
_METHOD = re.compile(r"(?:^|\.)(?:save|load|from_json|to_json|from_file|restore)$")
_FRAMED = re.compile(
    r"^(?:\w{0,16}Saver|SQLiteSession|checkpointer|thread_id|previous_response_id|conversation_id)$"
)
_PRIVATE = re.compile(
    r"^(?:thought_signatures?|encrypted_content|redacted_thinking|signature|private"
    r"|raw_(?:blocks|content|parts|items)"
    r"|provider_(?:state|data|blocks)|opaque|previous_response_id|reasoning_items?)$",
    re.IGNORECASE,
)
_RESUMED = re.compile(
    r"resum|taken up|takes? up|goes on|continue|reload|saved|after (?:a|the) (?:restart|kill)", re.I
)
_KEPT = re.compile(
    r"private|signature|opaque|raw (?:block|part)|untouched|as (?:it|they) (?:is|are|came)"
    r"|another provider|provider'?s own|switch",
    re.I,
)


def saved(view: RepoView) -> Reading:
    """A conversation is written and read again, and a test takes one up."""
    if not calls(view):
        return no("No model is called, so there is no conversation.")
    found = identifiers(view, _SAVES, view.code) + identifiers(view, _FRAMED, view.code)
    found += [
        place(view, f.path, d.line)
        for f in view.code
        if _CLASS.search(f.path.rpartition("/")[2])
        for d in f.functions
        if _METHOD.search(d.name)
    ]
    taken = tested.on(view, _RESUMED)
    if found and taken:
        return yes("A conversation is saved, and a test takes one up.", found[0], *taken[:2])
    if found:
        return partial("A conversation is saved, and no test takes one up.", *found[:2])
    return no("No conversation outlives the process.")


def private_kept(view: RepoView) -> Reading:
    """What a provider wants back unchanged is stored, and a test looks for it."""
    found = identifiers(view, _PRIVATE, view.code)
    seen = tested.on(view, _KEPT)
    if found and seen:
        return yes(
            "The provider's own blocks are kept, and tests look for them.", found[0], *seen[:2]
        )
    if found:
        return partial(
            "The provider's own blocks are kept, and no test looks for them.", *found[:2]
        )
    return no("Nothing keeps the provider's own blocks: reasoning, signatures.")
