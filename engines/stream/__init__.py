"""The file in which the stream keeps its state, and the views that a micro-batch runs."""
