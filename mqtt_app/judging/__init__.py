"""What is to become of a message: by which parser it is read, and to what fate."""
