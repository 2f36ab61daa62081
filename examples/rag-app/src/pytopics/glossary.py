"""What other languages call the things of Python: a question gets the topics' words as well.

Keywords and standard names of Java, JavaScript, C# and PHP, and everyday words that failed on the
dev questions. Invariant: words are only added, and only words that stand in the topics.
"""

import hashlib
import json
import re
from collections.abc import Mapping

_WORD = re.compile(r"\w+")
_TEXT = """
    array list sequence
    arrays lists sequences
    map dictionary mapping
    hashmap dictionary mapping
    catch except
    throw raise
    throws raise
    thrown raised
    error exception
    errors exceptions
    null None
    nil None
    undefined None NameError
    void None
    this self instance
    field attribute
    fields attributes
    getter attribute access
    getters attribute access
    setter attribute access
    setters attribute access
    constructor __init__
    destructor __del__
    tostring __str__
    equals __eq__ equality
    hashcode __hash__
    switch match
    foreach for iterable
    elseif elif
    extends inheritance base
    superclass inheritance base
    static class attribute
    const immutable
    arrow lambda
    varargs excess positional arguments
    spread unpacking iterable
    destructuring unpacking target list
    interpolation formatted string literal
    ternary conditional expression
    substr slice
    substring slice
    length len
    push append
    trim strip whitespace
    blanks whitespace
    concat concatenation
    char character
    double float
    whole integer
    overload emulating
    overloading emulating
    clone shallow copy
    using with context manager
    dispose context manager
    gc garbage collection
    halt breakpoint debugger
    pause breakpoint debugger
    promise awaitable coroutine
    instanceof isinstance
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    lines = (line.split() for line in text.split("\n") if line.strip())
    return {foreign: tuple(python) for foreign, *python in lines}


GLOSSARY: Mapping[str, tuple[str, ...]] = _read(_TEXT)


def expanded(question: str) -> str:
    """The question, followed by Python's words for the foreign ones in it, each once."""
    asked = _WORD.findall(question.lower())
    added = dict.fromkeys(word for foreign in asked for word in GLOSSARY.get(foreign, ()))
    return " ".join([question, *(word for word in added if word.lower() not in asked)])


def glossary_version() -> str:
    """Changes whenever a question could be looked up with other words."""
    return hashlib.sha256(json.dumps(GLOSSARY).encode()).hexdigest()[:8]
