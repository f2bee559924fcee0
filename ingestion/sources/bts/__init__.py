"""Flights as the Bureau of Transportation Statistics publishes them."""
