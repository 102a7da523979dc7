"""A REST service that keeps biometric records and answers the latest one of a user."""
