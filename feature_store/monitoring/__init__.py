"""Whether features are as they should be, and as the models that read them learned them."""
