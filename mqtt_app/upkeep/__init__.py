"""What is done now and then: retention, backups, new keys."""
