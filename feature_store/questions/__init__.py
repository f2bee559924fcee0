"""Questions that models are trained to answer: label, horizons, population and features, each a file of YAML."""

from feature_store.questions.question import Question
from feature_store.questions.reading import DEFAULT_QUESTION, load_question, load_questions

__all__ = ["DEFAULT_QUESTION", "Question", "load_question", "load_questions"]
