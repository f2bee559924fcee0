"""One module an engine: what a target needs beyond SQL that every engine knows."""
