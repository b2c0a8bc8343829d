"""What the system can bear, measured on real processes beside what people would use instead; `make bench` runs it."""
