"""The forms that a report can take.

Invariant: this table is the only list of them; reading it loads none of the modules that it names.
"""

from collections import namedtuple

Format = namedtuple("Format", ("name", "suffix", "module", "reader"))
"""`suffix` is the end of a file's name that asks for the form, "" where none does.

`module`, beside this one, has `render(report)`, and `render_reader(report, reader)` where `reader`
is true.
"""

FORMATS = (
    Format("text", "", "text", True),
    Format("json", ".json", "json", True),
    Format("markdown", ".md", "markdown", True),
    Format("html", ".html", "html", True),
    Format("sarif", ".sarif", "sarif", False),
    Format("junit", ".xml", "junit", False),
)
