"""What do people own? Accounts, journal, postings and conversion quotes."""
