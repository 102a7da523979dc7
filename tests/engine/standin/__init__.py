"""Stand-in providers: they speak the engine's protocol, echo their inputs and make up what a cloud would answer."""
