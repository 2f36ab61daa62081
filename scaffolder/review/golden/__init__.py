"""The labelled questions, and the corpus that they ask about."""
