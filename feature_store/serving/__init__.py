"""Features and predictions for services, over HTTP."""
