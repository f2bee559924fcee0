"""The engines: how each is loaded, opened, looked after and built on."""
