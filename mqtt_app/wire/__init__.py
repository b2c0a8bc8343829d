"""One link to one broker: how it is made, what it asks for, and why it fails."""
