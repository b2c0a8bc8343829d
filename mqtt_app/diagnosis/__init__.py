"""Why is a site quiet? The way of its messages, and the first step that is broken."""
