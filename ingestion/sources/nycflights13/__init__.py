"""The bundled sample: flights from New York in 2013."""
