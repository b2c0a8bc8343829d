"""What is on a broker: topics seen, counted and learned."""
