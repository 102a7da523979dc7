"""The program under the real Pulumi engine, with stand-in providers attached instead of the cloud's."""
