"""Where every message went: batches, receipts, failures, raw messages and the ledger."""
