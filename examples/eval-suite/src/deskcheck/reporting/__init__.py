"""The rows in other forms: a page for anybody, JUnit for a CI, logs of Inspect AI."""
