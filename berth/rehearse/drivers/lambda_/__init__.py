"""Runs a Lambda function's image under AWS's own emulator of its runtime."""
