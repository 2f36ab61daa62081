"""What several probes of the API section look at: adapters, the door to a database, figures."""
