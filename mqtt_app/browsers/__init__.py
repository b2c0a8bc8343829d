"""What browsers are told, and in which words."""
