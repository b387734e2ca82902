"""The shapes of documents (JSON Schema 2020-12) and the JSON form of the nouns."""
