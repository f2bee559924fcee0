"""Airports, aircraft, carriers and time zones."""
