"""What we say to devices: commands, questions about their history, and asking for births."""
