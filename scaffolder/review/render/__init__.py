"""A `Report` as text, JSON, Markdown, HTML, SARIF or JUnit; one module a format."""
